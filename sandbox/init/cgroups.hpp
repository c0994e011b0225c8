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
/// Forks; the child, and whatever it will start, is in the groups from its first moment. As fork(2) returns.
/// Both ways spare the kernel's lock on all processes, which costs a grace period (5 to 10 ms) where nobody
/// took it lately: version 2 is entered by being born there, version 1 by a single thread that moves itself.
/// Fails where a group cannot be entered.
pid_t fork_into(const std::vector<ControlGroup>& groups);
/// What is in the groups can fork no more, where a group limits the number of processes.
void forbid_forks(const std::vector<ControlGroup>& groups);
/// Reports the readings as {"resources":{"<file>":"<content>"}} and removes the groups.
void read_and_remove(const std::vector<ControlGroup>& groups);

}  // namespace ratchet::init
