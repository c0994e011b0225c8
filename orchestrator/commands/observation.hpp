#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace ratchet {

/// One line of what `ratchet check` reports: what was looked at, whether it is well, and what was found.
struct Observation {
    std::string subject;
    bool well = true;
    std::string text;
    bool less = false;  ///< less than there could be, but as much as the campaign asks for
};

/// As it is shown to a person, with its line feed.
std::string observation_line(const Observation& finding);

/// A list of {"subject", "well", "less", "text"}.
nlohmann::ordered_json json_of(const std::vector<Observation>& findings);

}  // namespace ratchet
