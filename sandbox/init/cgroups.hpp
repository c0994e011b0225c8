#pragma once

#include <sys/types.h>

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
/// Moves a process, and whatever it will start from then on, into the groups. A process that is gone is none
/// to move; else fails where that cannot be done. Costs a grace period of the kernel (5 ms) where nobody did
/// it lately.
void enter(const std::vector<ControlGroup>& groups, pid_t process);
/// Reports the readings as {"resources":{"<file>":"<content>"}} and removes the groups.
void read_and_remove(const std::vector<ControlGroup>& groups);

}  // namespace ratchet::init
