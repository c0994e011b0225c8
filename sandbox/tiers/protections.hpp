#pragma once

#include <string>
#include <vector>

#include "sandbox/confinement.hpp"
#include "sandbox/machine/resources.hpp"

namespace ratchet {

/// What a command found when it looked around in the sandbox.
struct ProbeResult {
    bool no_capabilities = false;
    bool no_new_privileges = false;
    bool filtered = false;       ///< system calls
    bool own_network = false;    ///< only a loopback device
    bool own_processes = false;  ///< process 1 is the helper
    bool host_files_hidden = false;
    bool not_root_outside = false;
    bool writes_vanish = false;
    bool no_user_namespaces = false;  ///< a further one cannot be made
    bool root_started_it = false;
    bool counted = false;  ///< instructions; no protection
};

/// Runs a look around in a sandbox with discarded writes. Throws UserError, with what to enable, where it
/// does not run or where something that makes the sandbox strong is not in force.
ProbeResult probe(Confinement& confinement, bool as_root);

/// The list for `ratchet check`.
std::vector<Protection> found_protections(const ProbeResult& probe, const Resources& resources);

}  // namespace ratchet
