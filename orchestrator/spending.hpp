#pragma once

// What proposals cost, and what they may still cost. Pure functions.

#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"
#include "orchestrator/prices.hpp"
#include "orchestrator/proposers/proposer.hpp"

namespace ratchet {

/// By so many of the newest experiments it is told what the next one will take.
inline constexpr int experiments_that_tell = 20;

/// Whether its candidate was run: the others say nothing of how long an experiment takes.
bool was_run(const FinishedExperiment& outcome);

/// What the next proposal of this proposer may be expected to use at most: of each, the greatest that one of
/// its newest proposals used, and not more than it may use. All zero where it has made none.
Usage expected_usage(const ProposerSettings& proposer, const std::vector<FinishedExperiment>& newest_first);

/// Why this proposer may not be asked: the budget is used up, or its next proposal would pass it. Empty: it
/// may.
std::string too_dear(const Budget& budget, const ProposerSettings& proposer, const Usage& used,
                     const std::vector<FinishedExperiment>& newest_first);

/// What one proposal may use: what its proposer may, and no more than is left of the campaign's budget.
/// `begun` is what this proposal has used already, which `used` does not have.
Allowance allowance_of(const Budget& budget, const ProposerSettings& proposer, const Usage& used,
                       const Usage& begun);

/// Completes what came back: each request gets its price, and where ratchet saw the requests, their sums are
/// the usage, whatever the proposer said of itself. Its own figure of the cost stands only where a price is
/// missing.
void settle(ProposerAnswer& answer, const Prices& prices);

/// The models of this answer that used tokens and have no price, each once.
std::vector<std::string> unpriced_models(const ProposerAnswer& answer, const Prices& prices);

}  // namespace ratchet
