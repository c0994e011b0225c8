#pragma once

#include <cstddef>
#include <string>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet {

/// The prompt of a campaign whose `proposer.memory` is not the digest: goal, rules and brief as in the
/// digest, and between them the kept changes, the newest `experiments_of_last_20` experiments, or nothing.
/// For comparisons of one memory with another. A pure function, never longer than `limit_bytes`.
std::string write_limited_prompt(const Campaign& campaign, const Ledger& ledger, const Brief& brief,
                                 std::size_t limit_bytes);

inline constexpr int experiments_of_last_20 = 20;

}  // namespace ratchet
