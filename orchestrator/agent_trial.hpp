#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orchestrator/proposers/proposer.hpp"

namespace ratchet {

/// What came of a trial of a proposer that asks somebody: one small edit, as a campaign would ask for it.
struct AgentTrial {
    ProposerAnswer answer;
    bool landed = false;             ///< the new file stands in the tree, with the word in it
    std::vector<std::string> stray;  ///< what else was changed, relative to the tree; an agent's own litter
    std::string refused;             ///< why the change as a whole could not be a proposal; empty: it could
};

/// The file that a trial asks for, relative to the campaign's folder.
inline constexpr const char* trial_file = "ratchet_trial.txt";

/// Asks for it, in this worktree, from this commit. Costs what the agent needs for it: a request or some.
AgentTrial try_agent(const Campaign& campaign, Proposer& proposer, Worktree& tree, Confinement& confinement,
                     const CommitId& commit, const std::filesystem::path& log_file, const StopSignal& stop);

}  // namespace ratchet
