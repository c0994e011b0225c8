#pragma once

#include <vector>

#include "orchestrator/agent_trial.hpp"
#include "orchestrator/commands/observation.hpp"
#include "orchestrator/workbench.hpp"

namespace ratchet {

/// Whether each of the campaign's agents is installed and, with `trial`, what comes of asking it for one
/// small edit, which costs; nothing of a proposer that asks nobody.
std::vector<Observation> look_at_agent(Workbench& bench, bool trial);

/// The lines about a trial. `agent` is what the proposer is called, `log` where its output stands.
std::vector<Observation> observations_of(const AgentTrial& trial, const std::string& agent,
                                         const std::filesystem::path& log);

}  // namespace ratchet
