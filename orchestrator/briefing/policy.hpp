#pragma once

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet {

/// The brief of the next experiment: parent, kind of move, focus, seed. A pure function of the campaign, the
/// ledger and the experiment's number (brief.id is the number it will have).
Brief plan(const Campaign& campaign, const Ledger& ledger);

}  // namespace ratchet
