#pragma once

#include <string>

namespace ratchet {

/// One line of what `ratchet check` reports: what was looked at, whether it is well, and what was found.
struct Observation {
    std::string subject;
    bool well = true;
    std::string text;
    bool less = false;  ///< less than there could be, but as much as the campaign asks for
};

}  // namespace ratchet
