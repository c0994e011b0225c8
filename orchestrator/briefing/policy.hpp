#pragma once

#include <optional>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet {

/// The brief of the next experiment: parent, kind of move, focus, seed. A pure function of the campaign, the
/// ledger and the experiment's number (brief.id is the number it will have).
///
/// The parent is the champion. With another memory than the digest (`proposer.memory`) the kind of move is
/// always explore, without a focus; else it is the first of these that applies:
/// 0. where the newest ones failed in the same way three times or more in a row: repair, and from the sixth
/// on, or
///    where nothing was there to be mended, explore with the least tried file;
/// 1. simplify: the newest finished experiment was kept and it is the fourth, eighth, … kept one;
/// 2. exploit: one of the newest `experiments_looked_back` is a near miss, and none since then was an exploit
///    of its file; the focus is that file;
/// 3. explore: every other time (by the seed) with no focus, else with the least tried file in scope.
Brief plan(const Campaign& campaign, const Ledger& ledger);

/// Among how many of the newest experiments a near miss is looked for.
inline constexpr int experiments_looked_back = 5;

/// Ended without a gain that counts, but its estimate is positive: worth another look.
bool is_near_miss(const Summary& experiment);

}  // namespace ratchet
