#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet {

inline constexpr std::size_t default_returned_bytes = 8 * 1024;

/// What stands below the prompt when a proposer is asked again, because its answer repeats a failed
/// experiment: which one, how that ended and why, what else in the ledger is like it in words, and the answer
/// itself, which is gone from the folder. At most `limit_bytes`; the answer's diff takes what is left and is
/// cut in its middle.
std::string write_returned(const Campaign& campaign, const Ledger& ledger, const Returned& returned,
                           std::size_t limit_bytes = default_returned_bytes);

}  // namespace ratchet
