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

}  // namespace

bool hardly_a_chance(const PairedCosts& pairs, const ScreenRules& rules) {
    // The sum of scores is a Brownian motion with an unknown drift of which the pairs so far are all that is
    // known.
    const auto taken = static_cast<double>(pairs.size());
    const double all = taken + rules.pairs_left;
    if (rules.pairs_left <= 0) return true;
    const double target = normal_quantile(1 - 1 / rules.threshold);
    const double expected = swap_score(pairs) * std::sqrt(all / taken);
    const double deviation = std::sqrt((all - taken) / taken);
    return 0.5 * std::erfc((target - expected) / deviation / std::sqrt(2.0)) < rules.least_chance;
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
    if (rules.max_pairs < fewest_search_pairs()) return std::numeric_limits<double>::infinity();
    // Both the search and the confirmation (of twice its pairs, at a stricter level) must see it, so the
    // search with a probability of 0.9.
    const double score = normal_quantile(1 - promising_level) + normal_quantile(0.9);
    return score * first_scale(calibration, rules) / std::sqrt(static_cast<double>(rules.max_pairs));
}

}  // namespace ratchet
