#include "orchestrator/proposers/given.hpp"

#include <utility>

namespace ratchet {

GivenProposer::GivenProposer(std::string diff, std::string idea, CommitId source)
    : diff_(std::move(diff)), idea_(std::move(idea)), source_(std::move(source)) {}

ProposerAnswer GivenProposer::propose(const Assignment&, Worktree& worktree, const StopSignal&) {
    ProposerAnswer answer;
    answer.notes.hypothesis = idea_;
    answer.notes.origin["commit"] = source_.hex;
    if (!diff_.empty() && !worktree.apply(diff_)) {
        answer.refused = Rejection::conflict;
        answer.failure = "the change of " + source_.abbreviated() + " does not apply to the champion";
    }
    return answer;
}

}  // namespace ratchet
