#pragma once

#include <string>
#include <vector>

#include "sandbox/tiers/bubblewrap_launch.hpp"

namespace ratchet {

/// Where the helper, process 1 of the sandbox, stands inside.
inline constexpr const char* inner_helper = "/.ratchet-init";

/// The helper's arguments that put together the root of a sandbox. What it reads from descriptors goes to
/// `attachments`, in the order of the descriptors from `first_descriptor` on.
std::vector<std::string> root_steps(const ConfinedCommand& command, const LaunchSettings& settings,
                                    int first_descriptor, std::vector<std::string>& attachments);

}  // namespace ratchet
