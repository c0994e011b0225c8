#pragma once

#include "sandbox/init/failure.hpp"

namespace ratchet::init {

/// The role outside of the sandbox: prepares what needs privileges or must be cleaned up afterwards, drops
/// the privileges, executes a program (bubblewrap) and stays as its supervisor until nothing of it is left;
/// then reports what the control groups say and removes them. SIGTERM, or the end of its parent, ends
/// everything. Options, in this order where they depend on each other:
///   --parent PID             who must still be there
///   --drop UID               run the program under this uid and gid (root only)
///   --own-uid                only runs of this tier have that uid: who outruns the end is killed by it
///   --bounded                a control group can forbid who outruns the end to fork
///   --count KIND             hand a counter down to it (see counter.hpp), where one can be had
///   --cgroup FOLDER, then --set FILE VALUE and --read FILE for it
///   --stage BYTES, then the steps that put the sandbox's root together (staging.hpp):
///     --bind, --ro-bind or --dev-bind SOURCE PLACE, --ro-bind-below SOURCE BELOW PLACE, --mask PLACE,
///     --protect PLACE,
///     --tmpfs BYTES MODE PLACE, --terminals PLACE, --dir PLACE, --symlink TARGET PLACE,
///     --file DESCRIPTOR PLACE, --seal PLACE,
///     --overlay PLACE COUNT LOWER... UPPER WORK (UPPER and WORK "": writes vanish),
///     --keep-upper (of the overlay before: what takes its writes is handed down, see watched.hpp)
///   -- PROGRAM ARGUMENTS...
int run_outside(Arguments arguments);

}  // namespace ratchet::init
