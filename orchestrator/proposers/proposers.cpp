#include "orchestrator/proposers/proposers.hpp"

#include "orchestrator/proposers/declared.hpp"

namespace ratchet {

Proposers::Proposers(const Campaign& campaign, const Make& make) {
    for (const ProposerSettings* each : proposers_of(campaign)) {
        auto seen = std::make_unique<const Campaign>(as_seen_by(campaign, name_of(*each)));
        auto proposer = make(*seen);
        members_.push_back({std::move(seen), std::move(proposer)});
    }
}

Proposer& Proposers::of(std::string_view name) const {
    for (const Member& member : members_) {
        if (name_of(member.campaign->proposer) == name) return *member.proposer;
    }
    return *members_.front().proposer;
}

}  // namespace ratchet
