#pragma once

#include <string>
#include <vector>

#include "sandbox/confinement.hpp"
#include "sandbox/machine/resources.hpp"

namespace ratchet {

/// What a command that wanted out of the weak tier found.
struct WeakProbe {
    bool others_unsignalled = false;  ///< processes of the same user, outside
    bool writes_vanish = false;
    int landlock = 0;  ///< its version
    bool root_started_it = false;
};

/// Runs the helper's escape attempts as a command of this sandbox. Throws UserError, with what is missing,
/// where one of them succeeds that the tier is there to refuse, or where nothing runs.
WeakProbe probe_weak(Confinement& confinement, const std::filesystem::path& helper, uid_t commands_run_as);

/// The list for `ratchet check`; `strong` is why the strong tier cannot be had, `hint` what to do about it.
std::vector<Protection> weak_protections(const WeakProbe& probe, const Resources& resources,
                                         const std::string& strong, const std::string& hint);

}  // namespace ratchet
