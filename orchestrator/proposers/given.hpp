#pragma once

#include <string>
#include <string_view>

#include "orchestrator/proposers/proposer.hpp"

namespace ratchet {

/// What stands as the proposer of a change that a person gave, and of one that is tried again after a veto.
inline constexpr std::string_view try_proposer = "try";
inline constexpr std::string_view again_proposer = "again";

/// Proposes one diff that is there already: a commit of the user's, or an experiment that is to be tried once
/// more.
class GivenProposer final : public Proposer {
  public:
    GivenProposer(std::string diff, std::string idea, CommitId source);
    ProposerAnswer propose(const Assignment& assignment, Worktree& worktree, const StopSignal& stop) override;

  private:
    std::string diff_;
    std::string idea_;
    CommitId source_;
};

}  // namespace ratchet
