#include "orchestrator/memory_trial/modelled_proposer.hpp"

#include <algorithm>

namespace ratchet {

bool ModelledProposer::avoids(const ModelledProposal& proposal) const {
    return std::find(told_.begin(), told_.end(), proposal.idea) != told_.end() ||
           reading_.recognises(proposal.idea, proposal.wording);
}

ModelledProposal ModelledProposer::propose() {
    ModelledProposal proposal;
    for (int thought = 0; thought < most_thoughts; ++thought) {
        proposal.idea = pool_.draw(random_);
        proposal.wording = draw_wording(random_);
        proposal.implementation = draw_implementation(random_);
        if (!avoids(proposal)) break;
    }
    return proposal;
}

}  // namespace ratchet
