#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ratchet::init {

/// A control group that lives as long as one run: made, filled, read and removed here, by the process that
/// outlives everything else of a run, so that none stays whoever is killed.
struct ControlGroup {
    std::string folder;
    std::vector<std::pair<std::string, std::string>> settings;  ///< file, value
    std::vector<std::string> readings;  ///< files whose content is reported at the end
};

/// Fails where a group cannot be made or a limit cannot be set: a run without its limits must not be.
void make(const std::vector<ControlGroup>& groups);
/// Moves this process, and whatever it will start, into the groups.
void join(const std::vector<ControlGroup>& groups);
/// Reports the readings as {"resources":{"<file>":"<content>"}} and removes the groups.
void read_and_remove(const std::vector<ControlGroup>& groups);

}  // namespace ratchet::init
