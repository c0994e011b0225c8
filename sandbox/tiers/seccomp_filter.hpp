#pragma once

#include <string>

namespace ratchet {

/// Whether mounts and namespaces may be made, within the sandbox's own.
enum class Nesting { refused, allowed };

/// A seccomp program (BPF, as the kernel takes it) that refuses with EPERM what no build or benchmark needs
/// and what sandboxes have been left through: tracing of others, mounts and namespaces, keys, bpf, perf
/// events, io_uring, terminal injection, clocks, kexec, modules, userfaultfd, socket families other than
/// UNIX, INET, INET6 (and NETLINK, which name resolution asks for addresses). Throws MachineryError where
/// libseccomp fails. Source of the list: the system calls that Docker's and systemd's (@mount, @module,
/// @reboot, @swap,
/// @clock, @debug) default filters refuse, less what compilers and language run times were seen to use.
std::string seccomp_filter(Nesting namespaces);

/// What else is refused where there are no namespaces: what would reach beyond the run through the kernel's
/// own tables (System V memory, message queues, signals to everybody, limits of other processes) and sockets.
/// A pair of connected UNIX sockets is always allowed; with the network INET, INET6 and NETLINK are too,
/// other UNIX sockets never: there is no other way to keep from the services of the machine that listen on
/// one.
struct WithoutNamespaces {
    bool network = false;
    bool truncate = true;  ///< false: Landlock does not look at truncate(2), so that it must be refused
};
std::string seccomp_filter(const WithoutNamespaces& settings);

}  // namespace ratchet
