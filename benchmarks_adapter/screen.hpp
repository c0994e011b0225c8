#pragma once

#include <cstdint>
#include <span>

#include "benchmarks_adapter/inference.hpp"

// The predictive screen: what chance a candidate still has to reach the evidence that "kept" needs.

namespace ratchet {

struct ScreenRules {
    double threshold = 0;  ///< of the e-value
    int pairs_left = 0;    ///< of the sampling budget
    double least_chance = 0.02;
    std::uint64_t seed = 1;
};

/// Whether the e-value of "better" crosses the threshold within the pairs left with a probability below
/// `least_chance`, by simulated futures: noise and effect drawn from what the pairs so far say of them (the
/// noise with the calibration's as a prior, the effect with none), then pairs drawn from those. The same
/// arguments give the same answer.
bool hardly_a_chance(const RobustEvidence& gain, std::span<const double> differences,
                     const ScreenRules& rules);
bool hardly_a_chance(const Moments& differences, const Moments& calibration, const ScreenRules& rules);

}  // namespace ratchet
