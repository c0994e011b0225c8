#pragma once

#include <cstdint>
#include <string>

// The kernel's Landlock, by its numbers: the headers of an older distribution know only the first of them.
// Source: the kernel's Documentation/userspace-api/landlock.rst.

namespace ratchet::init {

/// What is allowed at a path and below it.
enum class Allowance {
    read,    ///< read files, list folders, execute
    write,   ///< the same, and everything that makes, changes, moves and removes files
    device,  ///< read and write one device
};

/// The version of Landlock that this kernel has in force; 0: none. From 2 on (Linux 5.19) files can be moved
/// between folders, from 3 (6.2) truncate(2) is refused, from 4 (6.7) TCP, from 5 (6.10) what devices can be
/// told, from 6 (6.12) signals and abstract sockets.
int landlock_version();

/// A set of rules that refuses everything that this kernel's version can refuse, TCP where `refuse_tcp`.
/// Returns its descriptor (closed on exec), or -1 with errno.
int make_ruleset(bool refuse_tcp);

/// Allows something at a path of the machine (a symlink is followed) and below. A path that does not exist
/// needs no rule. False, with errno: the rule could not be made.
bool allow(int ruleset, const std::string& path, Allowance allowance);

/// Puts this thread and all that it will start under the rules, for good; no_new_privs must be set. False,
/// with errno: it is not.
bool enter_ruleset(int ruleset);

}  // namespace ratchet::init
