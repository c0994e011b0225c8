#pragma once

#include <vector>

#include "orchestrator/commands/observation.hpp"
#include "orchestrator/workbench.hpp"

namespace ratchet {

/// Whether all of HEAD is here.
std::vector<Observation> look_at_repository(const OpenCampaign& opened);

/// Looks at the sandbox and the machine, then builds the champion, runs its gates, measures
/// it against itself, and sabotaged where there is a canary. Stops at the first step that fails on the
/// champion: the later ones would only repeat it. Leaves out what was not reached when the user asked to
/// stop.
std::vector<Observation> look_over(Workbench& bench);

}  // namespace ratchet
