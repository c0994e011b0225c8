#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "sandbox/confinement.hpp"
#include "sandbox/machine/resources.hpp"
#include "sandbox/process/process.hpp"

namespace ratchet {

/// The uid and gid that commands get when root starts ratchet: kernel root keeps capabilities in bubblewrap's
/// namespaces, so it must be another. systemd assigns 60001 to 60705 and 61184 to 65519 itself and leaves the
/// numbers between unused (systemd's UIDS-GIDS page); Debian has given none of them to a package.
inline constexpr uid_t dedicated_uid = 60777;

/// What is the same for all launches of one process.
struct LaunchSettings {
    std::filesystem::path helper;
    std::filesystem::path bubblewrap;
    std::string system_call_filter;
    std::string nesting_filter;  ///< for ConfinedCommand::nested_sandboxes
    uid_t drop = 0;              ///< 0: started by an ordinary user, nothing to drop
    Counter counter = Counter::instructions;
    /// /bin, /lib and so on, where they are links into /usr.
    std::vector<std::pair<std::string, std::string>> links;
    /// What every command sees of the host.
    std::vector<std::string> folders;
};

/// Fills drop, links and folders from this machine.
LaunchSettings launch_settings(const ConfinementSettings& settings);

/// The memory that a command may use, of the whole machine where it does not say.
std::int64_t memory_limit(const ConfinedCommand& command);

/// The helper's arguments that make it the outer supervisor, with the control groups of one run.
std::vector<std::string> supervisor_arguments(const std::filesystem::path& helper,
                                              const std::vector<ControlGroupPlan>& groups, Counter counter);
/// The helper's arguments that make it process 1, up to and with the command; `tree` is where that finds its
/// tree, `watched` the descriptor of the list of watched files, -1 where the helper is not to look after
/// them.
std::vector<std::string> inner_arguments(const std::string& helper, const ConfinedCommand& command,
                                         const std::string& tree, const Resources& resources, int watched);
/// PATH, HOME, TMPDIR and LANG, then what the command brings (which wins).
std::vector<std::pair<std::string, std::string>> environment_of(const ConfinedCommand& command,
                                                                const std::string& home,
                                                                const std::string& temporary);

/// The whole launch: helper outside, bubblewrap, helper inside, /bin/sh.
Command bubblewrap_launch(const ConfinedCommand& command, const LaunchSettings& settings,
                          const Resources& resources, const std::string& group_name);

/// The paths of the host that are shown inside, for the diagnosis.
std::vector<std::string> visible_paths(const ConfinedCommand& command, const LaunchSettings& settings);

/// The work folder that an overlay needs beside the folder that takes its writes.
std::filesystem::path work_folder(const std::filesystem::path& upper);

/// The part of an absolute inner path below the tree; empty where it lies elsewhere (or is the tree itself).
std::filesystem::path below_tree(const std::filesystem::path& target);

}  // namespace ratchet
