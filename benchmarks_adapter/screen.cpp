#include "benchmarks_adapter/screen.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "benchmarks_adapter/judging.hpp"
#include "benchmarks_adapter/random_numbers.hpp"

namespace ratchet {
namespace {

// Enough to tell 2 % from 5 % for certain, and well under a millisecond.
constexpr int futures = 400;
// The degrees of freedom that the calibration gives to the noise, as in RobustEvidence::next_scale.
constexpr double calibration_degrees = 5;

/// Whether fewer than the given share of futures succeed; stops as soon as that is settled.
template <typename Future>
bool fewer_than(double share, Future succeeds) {
    const auto enough = static_cast<int>(share * futures);
    int successes = 0;
    for (int i = 0; i < futures; ++i) {
        if (succeeds() && ++successes >= enough) return false;
    }
    return true;
}

/// Each pair at most doubles the robust evidence.
bool can_still_reach(double e_value, int pairs_left, double threshold) {
    return std::log2(threshold / e_value) < pairs_left;
}

}  // namespace

bool hardly_a_chance(const RobustEvidence& gain, std::span<const double> differences,
                     const ScreenRules& rules) {
    if (!can_still_reach(gain.e_value(), rules.pairs_left, rules.threshold)) return true;
    RandomNumbers random(scrambled(rules.seed) + differences.size());
    const auto n = static_cast<double>(differences.size());
    const double scale = gain.next_scale();
    const double center = hodges_lehmann(differences).estimate;
    return fewer_than(rules.least_chance, [&] {
        const double noise = scale / std::sqrt(random.chi_square_ratio(n + calibration_degrees));
        const double effect = center + random.normal() * noise / std::sqrt(n);
        RobustEvidence::Products products = gain.products();
        for (int left = rules.pairs_left; left > 0; --left) {
            RobustEvidence::multiply(products, (effect + random.normal() * noise) / scale);
            const double e_value = RobustEvidence::mean(products);
            if (e_value >= rules.threshold) return true;
            if (!can_still_reach(e_value, left - 1, rules.threshold)) return false;
        }
        return false;
    });
}

bool hardly_a_chance(const Moments& differences, const Moments& calibration, const ScreenRules& rules) {
    RandomNumbers random(scrambled(rules.seed) + static_cast<std::uint64_t>(differences.count));
    const double degrees = differences.count + calibration.count;
    const double pairs = differences.count;
    const double spread =
        calibration.squares + differences.squares - differences.sum * differences.sum / pairs;
    const double scale = std::sqrt(std::max(spread, 0.0) / degrees);
    const double center = differences.sum / pairs;
    // Near the threshold P(effect > 0) is 1 but for a part in thousands, so the bound is the e-value.
    const double wanted = std::log(rules.threshold / 2);
    return fewer_than(rules.least_chance, [&] {
        const double noise = scale / std::sqrt(random.chi_square_ratio(degrees));
        const double effect = center + random.normal() * noise / std::sqrt(pairs);
        Moments future = differences;
        for (int left = rules.pairs_left; left > 0; --left) {
            future.add(effect + random.normal() * noise);
            if (future.sum > 0 && calibrated_log_bound(future, calibration) >= wanted) return true;
        }
        return false;
    });
}

double smallest_visible_effect(const Calibration& calibration, const Rules& rules) {
    if (calibration.deterministic) return 0;
    constexpr int trials = 200;
    constexpr double power = 0.8;
    const double threshold = lond_threshold(rules.measured_index, rules.keeps, rules.budgeted);
    const double scale = first_scale(calibration, rules);
    const auto seen = [&](double effect) {
        RandomNumbers random(scrambled(rules.seed));
        int crossings = 0;
        for (int trial = 0; trial < trials; ++trial) {
            RobustEvidence::Products products = {1, 1, 1, 1};
            for (int pair = 0; pair < rules.max_pairs && RobustEvidence::mean(products) < threshold; ++pair) {
                double noise = random.normal() * scale;
                if (!calibration.differences.empty()) {
                    // A difference of the champion to itself, with a random sign: A/A noise is symmetric by
                    // the coin.
                    const std::uint64_t draw = random.next();
                    noise = calibration.differences[(draw >> 1U) % calibration.differences.size()];
                    if ((draw & 1U) != 0) noise = -noise;
                }
                RobustEvidence::multiply(products, (effect + noise) / scale);
            }
            if (RobustEvidence::mean(products) >= threshold) ++crossings;
        }
        return crossings >= power * trials;
    };
    if (fewest_pairs_for(threshold) > rules.max_pairs) return std::numeric_limits<double>::infinity();
    double low = 0;
    double high = scale;
    for (int doubling = 0; doubling < 40 && !seen(high); ++doubling)
        high *= 2;
    for (int step = 0; step < 8; ++step) {
        const double middle = (low + high) / 2;
        (seen(middle) ? high : low) = middle;
    }
    return high;
}

}  // namespace ratchet
