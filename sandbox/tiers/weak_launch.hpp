#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "sandbox/confinement.hpp"
#include "sandbox/machine/resources.hpp"
#include "sandbox/process/process.hpp"
#include "sandbox/tiers/without_mounts.hpp"

namespace ratchet {

/// What is the same for all launches of the weak tier.
struct WeakSettings {
    std::filesystem::path helper;
    uid_t drop = 0;  ///< 0: started by an ordinary user, nothing to drop
    Counter counter = Counter::instructions;
    std::string filter;               ///< of system calls, without the network
    std::string filter_with_network;  ///< and with it
};

/// What a command may use of the machine's files; everything else is refused. Where git is declared, its
/// folder's entries stand here one by one, less the way to what is hidden of it.
struct AllowedPaths {
    std::vector<std::string> readable;
    std::vector<std::string> writable;
    std::vector<std::string> devices;
};
AllowedPaths allowed_paths(const ConfinedCommand& command, const PrivateFolder& folder);

/// The whole launch: helper outside, helper inside, /bin/sh.
Command weak_launch(const ConfinedCommand& command, const WeakSettings& settings, const Resources& resources,
                    const std::string& group_name, const PrivateFolder& folder);

/// The topmost folder above (or at) this one that the user may not enter, going by the modes; empty: none.
std::filesystem::path closed_folder(const std::filesystem::path& folder, uid_t user);

}  // namespace ratchet
