#include "benchmarks_adapter/judging.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "benchmarks_adapter/inference.hpp"

namespace ratchet {
namespace {

// A hundredth of a percent: finer than any benchmark on a shared machine repeats. Without a floor, values
// that are equal to the last digit would have scale zero, and one tick of the clock would count as a full
// bet.
constexpr double finest_ratio = 1e-4;

}  // namespace

double effect_of(const Pair& pair, Direction direction, Scale scale) {
    const double champion = pair.champion.value;
    const double candidate = pair.candidate.value;
    const double rise = scale == Scale::ratio ? std::log(candidate / champion) : candidate - champion;
    // Adding 0 turns -0 into 0, which is how "no difference" is to be shown.
    return (direction == Direction::higher ? rise : -rise) + 0.0;
}

std::vector<const Pair*> counted(std::span<const Pair> pairs) {
    std::vector<const Pair*> kept;
    for (const Pair& pair : pairs) {
        if (pair.set_aside.empty()) kept.push_back(&pair);
    }
    return kept;
}

std::vector<double> effects_of(std::span<const Pair* const> pairs, const Rules& rules) {
    std::vector<double> effects;
    effects.reserve(pairs.size());
    for (const Pair* pair : pairs)
        effects.push_back(effect_of(*pair, rules.direction, rules.scale));
    return effects;
}

double scale_floor(const Calibration& calibration, const Rules& rules) {
    if (rules.scale == Scale::ratio) return finest_ratio;
    // Relative to the value; where that is zero, to the effect that is asked for; never zero.
    const double relative = finest_ratio * std::abs(calibration.champion_value);
    if (relative > 0) return relative;
    return rules.min_effect > 0 ? rules.min_effect / 100 : 1e-12;
}

double first_scale(const Calibration& calibration, const Rules& rules) {
    const double floor = scale_floor(calibration, rules);
    // Nothing known of the noise (a holdout that was never calibrated): 1 % is what a quiet benchmark has.
    if (calibration.differences.size() < 2) return 100 * floor;
    return std::max(robust_scale(calibration.differences), floor);
}

double least_effect(const Rules& rules) {
    return rules.scale == Scale::ratio ? std::log1p(rules.min_effect) : rules.min_effect;
}

int confirmation_pairs(std::size_t search_pairs, const Rules& rules) {
    const int wanted = std::max({fewest_confirmation_pairs, rules.min_pairs, static_cast<int>(search_pairs)});
    return std::max(1, std::min(wanted, rules.max_pairs));
}

bool machine_is_too_busy(std::span<const Pair> pairs, const Rules& rules) {
    // More than half of them set aside, over twice the budget.
    return static_cast<int>(pairs.size()) >= 2 * rules.max_pairs;
}

std::string effect_text(double effect, Scale scale) {
    if (scale == Scale::difference) return fmt::format("{:+.4g}", effect);
    if (effect >= std::log(2.0)) return fmt::format("×{:.3g}", std::exp(effect));
    return fmt::format("{:+.2f}%", 100 * std::expm1(effect));
}

std::string interval_in_words(const Interval& interval, Scale scale) {
    return fmt::format("{} ({} to {})", effect_text(interval.estimate, scale),
                       effect_text(interval.low, scale), effect_text(interval.high, scale));
}

Judgement decided(Verdict verdict, Basis basis, std::string reason) {
    Judgement judgement;
    judgement.next = Judgement::Next::decided;
    judgement.decision.verdict = verdict;
    judgement.decision.basis = basis;
    judgement.decision.reason = std::move(reason);
    return judgement;
}

}  // namespace ratchet
