#pragma once

#include <filesystem>

#include "orchestrator/proposers/proposer.hpp"

namespace ratchet {

/// Any command line, run in the proposer's sandbox: the prompt on standard input and as a file
/// ($RATCHET_PROMPT), the brief as JSON ($RATCHET_BRIEF); what it leaves in the tree is the proposal,
/// `.ratchet-notes.json` its notes.
class CommandProposer final : public Proposer {
  public:
    CommandProposer(const Campaign& campaign, Confinement& confinement,
                    std::filesystem::path git_common_directory, std::filesystem::path state_folder);
    ProposerAnswer propose(const Assignment& assignment, Worktree& worktree, const StopSignal& stop) override;
    [[nodiscard]] bool can_be_asked_again() const override { return true; }

  private:
    const Campaign& campaign_;
    Confinement& confinement_;
    std::filesystem::path git_common_directory_;
    std::filesystem::path state_folder_;

    [[nodiscard]] ConfinedCommand confined(const Assignment& assignment, const Worktree& worktree) const;
};

}  // namespace ratchet
