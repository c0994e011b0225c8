#include "orchestrator/proposers/declared.hpp"

#include <algorithm>

namespace ratchet {

const std::string& name_of(const ProposerSettings& proposer) {
    return proposer.name.empty() ? proposer.use : proposer.name;
}

std::vector<const ProposerSettings*> proposers_of(const Campaign& campaign) {
    std::vector<const ProposerSettings*> all = {&campaign.proposer};
    for (const ProposerSettings& further : campaign.further_proposers)
        all.push_back(&further);
    return all;
}

const ProposerSettings* proposer_named(const Campaign& campaign, std::string_view name) {
    const auto all = proposers_of(campaign);
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const ProposerSettings* each) { return name_of(*each) == name; });
    return found == all.end() ? nullptr : *found;
}

Campaign as_seen_by(const Campaign& campaign, std::string_view proposer) {
    Campaign seen = campaign;
    if (const ProposerSettings* named = proposer_named(campaign, proposer)) seen.proposer = *named;
    seen.further_proposers.clear();
    return seen;
}

bool asks_somebody(const ProposerSettings& proposer) {
    return proposer.use != "tune" && proposer.use != "replay";
}

}  // namespace ratchet
