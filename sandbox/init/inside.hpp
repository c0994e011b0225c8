#pragma once

#include "sandbox/init/failure.hpp"

namespace ratchet::init {

/// The role within the sandbox, as process 1 of its pid namespace (or as the supervisor of a plain run, where
/// nothing is hidden): sets limits, runs `/bin/sh -c COMMAND`, ends everything when the command ends or its
/// time is up, and reports. Options: --wall-ms N, --processors N,N,..., --data BYTES, --processes N,
/// --file-size BYTES, --folder PATH, --gateway PORT SOCKET (see relay.hpp), --watched DESCRIPTOR TREE (see
/// watched.hpp), --own-uid and
/// --bounded (see outside.hpp), those of the domain (see domain.hpp), --, COMMAND.
int run_inside(Arguments arguments);

}  // namespace ratchet::init
