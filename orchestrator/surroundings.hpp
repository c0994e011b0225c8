#pragma once

#include "orchestrator/commands/command_line.hpp"

namespace ratchet {

/// Looks at what this process was started in. The only place that reads the environment, PATH and the
/// terminal.
Surroundings look_around();

}  // namespace ratchet
