#pragma once

#include <optional>
#include <string>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"
#include "orchestrator/briefing/proposer_choice.hpp"

namespace ratchet {

/// The brief that gives a build or a gate that failed back to a fresh run of its proposer: for the newest
/// finished experiment, where its proposer's `repair` says so, it is no such repair itself, and it was not
/// given back before. Its parent is the first one's. Nothing where the proposer is passed over, and while
/// rule 1 of the policy has the word: where three in a row failed in the same way, the way is to blame.
/// Number and seed are the caller's.
std::optional<Brief> repair_to_ask_for(const Campaign& campaign, const Ledger& ledger,
                                       const PassedOver& passed_over);

/// The end of a repair's prompt: the change that failed and the end of what the failed command printed, both
/// as data, in at most `room` bytes.
std::string write_repair(const Ledger& ledger, ExperimentId failed, std::size_t room);

}  // namespace ratchet
