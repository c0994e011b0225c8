#pragma once

#include "orchestrator/commands/command_line.hpp"

namespace ratchet {

/// The command line that starts this program again, in a control group that systemd hands to its user. Empty
/// where that is of no use: root has control groups without it; systemd-run or a session of the user's
/// systemd is missing; or it was done already.
std::vector<std::string> scope_command(const Surroundings& surroundings, bool root);

/// Becomes this program once more, in a systemd scope of its own, where limits on all processes of a run
/// together can be had no other way. Comes back where they can, and where there is no scope to be had.
void enter_own_scope(const Surroundings& surroundings);

}  // namespace ratchet
