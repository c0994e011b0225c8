#pragma once

#include "experiment_store/campaign.hpp"
#include "sandbox/confinement.hpp"

namespace ratchet {

/// A command with what the campaign declares for all of them: paths to read, devices, environment, limits.
ConfinedCommand declared_command(const SandboxSettings& sandbox);

/// Where the paths are seen inside: at the path that they have outside and, below the caller's home, at the
/// same place below the private home, where programs look for their own files.
std::vector<Mount> declared_mounts(const std::vector<std::string>& paths, const std::string& home,
                                   bool writable);

}  // namespace ratchet
