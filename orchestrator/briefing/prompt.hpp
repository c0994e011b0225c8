#pragma once

#include <cstddef>
#include <string>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet {

inline constexpr std::size_t default_prompt_bytes = 24 * 1024;

/// The whole prompt of one experiment: the eight parts of the digest, or what `proposer.memory` says instead.
/// A pure function: same inputs, same bytes; never longer than `limit_bytes`. Text that came from a run or an
/// agent is fenced, escaped and labelled as data.
std::string write_prompt(const Campaign& campaign, const Ledger& ledger, const Brief& brief,
                         std::size_t limit_bytes = default_prompt_bytes);

}  // namespace ratchet
