#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "benchmarks_adapter/simulation/decision_rule.hpp"
#include "benchmarks_adapter/simulation/prior.hpp"

namespace ratchet {

/// What to simulate.
struct NightsRequest {
    Prior prior;
    NoiseModel noise;
    Rules rules;  ///< of the campaign: min_effect, min_pairs, max_pairs
    int nights = 100;
    std::uint64_t seed = 1;
    int threads = 1;  ///< the result does not depend on it
};

/// One kind of proposal: gains, losses, or those that change nothing.
struct KindFigures {
    std::int64_t proposals = 0;
    std::int64_t kept = 0;
    std::int64_t search_pairs = 0;
    std::int64_t confirmed = 0;  ///< went into a confirmation
    std::int64_t confirmation_pairs = 0;
};

/// What came of all nights under one rule. Gains are sums of ln, over all nights.
struct NightsFigures {
    std::string rule;
    std::int64_t nights = 0;
    KindFigures gains;
    KindFigures losses;
    KindFigures nothing;
    double true_gain = 0;          ///< of the morning's champions over the base
    double reported_gain = 0;      ///< what the rule reports of that
    double possible_gain = 0;      ///< had all gains been kept and nothing else
    std::int64_t totals_held = 0;  ///< nights whose reported interval holds the truth
    double claimed_of_keeps = 0;   ///< the gains reported of single keeps
    double true_of_keeps = 0;
    std::int64_t keeps_held = 0;  ///< keeps whose interval holds the truth
    std::int64_t runs = 0;        ///< of the benchmark, calibration and verification included
    double seconds = 0;           ///< of these

    [[nodiscard]] std::int64_t proposals() const {
        return gains.proposals + losses.proposals + nothing.proposals;
    }
    [[nodiscard]] std::int64_t keeps() const { return gains.kept + losses.kept + nothing.kept; }
    [[nodiscard]] std::int64_t false_keeps() const { return losses.kept + nothing.kept; }
};

/// Simulates the nights under this rule. Night k has the same proposals, and the same machine to begin with,
/// under every rule.
NightsFigures simulate_nights(const NightsRequest& request, const RuleKind& rule);

}  // namespace ratchet
