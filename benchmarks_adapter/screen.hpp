#pragma once

#include <cstdint>
#include <span>

#include "benchmarks_adapter/inference.hpp"
#include "benchmarks_adapter/swap_test.hpp"

// The predictive screen: what chance a candidate still has to look promising. It claims nothing.

namespace ratchet {

struct ScreenRules {
    double threshold = 0;     ///< that 1/p of the swap test, or the e-value, would have to reach
    int pairs_left = 0;       ///< of the sampling budget
    double least_chance = 0;  ///< below it a search is given up
    std::uint64_t seed = 1;   ///< of the simulated futures
};

/// Whether the swap test reaches 1/threshold at the end of the pairs left with a probability below
/// `least_chance`. The predictive probability of a sequential test (Spiegelhalter, Freedman & Blackburn,
/// Controlled Clinical Trials 7, 1986): the score as a Brownian motion whose drift has a flat prior.
bool hardly_a_chance(const PairedCosts& pairs, const ScreenRules& rules);

/// Whether the calibrated e-value of "better" crosses the threshold within the pairs left with a probability
/// below `least_chance`, by simulated futures: noise and effect drawn from what the pairs so far say of them
/// (the noise with the calibration's as a prior, the effect with none), then pairs drawn from those. The same
/// arguments give the same answer.
bool hardly_a_chance(const Moments& differences, const Moments& calibration, const ScreenRules& rules);

}  // namespace ratchet
