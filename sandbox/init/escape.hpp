#pragma once

#include "sandbox/init/failure.hpp"

namespace ratchet::init {

/// The role of somebody who wants out: run as a confined command, it tries what must not work and prints one
/// word for each thing that was refused. Arguments:
///   FOLDER  outside of what is allowed; holds a file `secret`, and both are free to all by their modes
///   PID     of a process outside
int run_escape(Arguments arguments);

}  // namespace ratchet::init
