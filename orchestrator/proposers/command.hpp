#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "orchestrator/lookup/provision.hpp"
#include "orchestrator/proposers/agent.hpp"
#include "orchestrator/proposers/proposer.hpp"

namespace ratchet {

/// Any command line, or a preset's agent, run in the proposer's sandbox: the prompt on standard input and as
/// a file
/// ($RATCHET_PROMPT), the brief as JSON ($RATCHET_BRIEF); what it leaves in the tree is the proposal,
/// `.ratchet-notes.json` its notes. With `lookup` it can look into the ledger meanwhile.
class CommandProposer final : public Proposer {
  public:
    CommandProposer(const Campaign& campaign, Confinement& confinement,
                    std::filesystem::path git_common_directory, std::filesystem::path state_folder,
                    std::unique_ptr<LookupProvision> lookup = nullptr,
                    std::optional<Agent> agent = std::nullopt);
    ProposerAnswer propose(const Assignment& assignment, Worktree& worktree, const StopSignal& stop) override;
    [[nodiscard]] bool can_be_asked_again() const override { return true; }

  private:
    const Campaign& campaign_;
    Confinement& confinement_;
    std::filesystem::path git_common_directory_;
    std::filesystem::path state_folder_;
    std::unique_ptr<LookupProvision> lookup_;
    std::optional<Agent> agent_;

    [[nodiscard]] ConfinedCommand confined(const Assignment& assignment, const Worktree& worktree) const;
};

}  // namespace ratchet
