#pragma once

#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "benchmarks_adapter/judge.hpp"

// Pairs as the tests of the judge need them.

namespace ratchet {

/// A pair of a metric where lower is better whose effect is the given log ratio.
inline Pair pair_with_effect(double effect, double champion = 100) {
    Pair pair;
    pair.champion.value = champion;
    pair.candidate.value = champion * std::exp(-effect);
    pair.champion.figures.wall_seconds = pair.candidate.figures.wall_seconds = 0.1;
    return pair;
}

inline std::vector<Pair> pairs_with_effects(std::span<const double> effects) {
    std::vector<Pair> pairs;
    for (const double effect : effects)
        pairs.push_back(pair_with_effect(effect));
    return pairs;
}

inline std::vector<Pair> equal_pairs(std::size_t count, const Pair& pair) {
    return {count, pair};
}

/// Twenty differences of a standard deviation of about 1 %.
inline Calibration quiet_calibration() {
    Calibration calibration;
    for (int i = 0; i < 10; ++i) {
        const double size = 0.002 * (i + 0.5);
        calibration.differences.push_back(size);
        calibration.differences.push_back(-size);
    }
    calibration.champion_value = 100;
    calibration.run_seconds = 0.1;
    return calibration;
}

/// The same, of runs that take a minute.
inline Calibration slow_calibration() {
    Calibration calibration = quiet_calibration();
    calibration.run_seconds = 60;
    return calibration;
}

}  // namespace ratchet
