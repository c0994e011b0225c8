#pragma once

// The proposers of a campaign, as its file declares them.

#include <string>
#include <string_view>
#include <vector>

#include "experiment_store/campaign.hpp"

namespace ratchet {

/// As it stands in the ledger: its name, or what it uses where it has none.
const std::string& name_of(const ProposerSettings& proposer);

/// All of them, in the order of the file; at least one.
std::vector<const ProposerSettings*> proposers_of(const Campaign& campaign);

/// The one of this name; null where the file does not have it (any more).
const ProposerSettings* proposer_named(const Campaign& campaign, std::string_view name);

/// The campaign as this proposer sees it, as if it were the only one; the first, where there is none of this
/// name.
Campaign as_seen_by(const Campaign& campaign, std::string_view proposer);

/// Whether proposals come from somebody who is told something, who may be out of reach for a while, and who
/// costs: neither `tune` nor `replay` is.
bool asks_somebody(const ProposerSettings& proposer);

}  // namespace ratchet
