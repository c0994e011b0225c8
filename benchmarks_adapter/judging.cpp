#include "benchmarks_adapter/judging.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "benchmarks_adapter/inference.hpp"
#include "benchmarks_adapter/metrics/median.hpp"

namespace ratchet {
namespace {

// A hundredth of a percent: finer than any benchmark on a shared machine repeats. Without a floor, values
// that are equal to the last digit would have scale zero, and one tick of the clock would count as a full
// bet.
constexpr double finest_ratio = 1e-4;

// Chosen by simulation (docs/measurement.md): most proposals never come to a test, about one in so many does.
constexpr int experiments_per_test = 6;
constexpr int fewest_expected_tests = 10;
// A simplification is asked for after every fourth kept one and for steps that lost their weight: one in so
// many experiments comes to a test of "not worse".
constexpr int experiments_per_margin_test = 40;
constexpr int fewest_expected_margin_tests = 4;
constexpr double least_share_of_margin = 0.25;
// A confirmation is planned to find again this share of the effect that the search saw, with this
// probability.
constexpr double share_to_find_again = 0.7;
constexpr double wanted_power = 0.9;

}  // namespace

Rules rules_of(const Campaign& campaign) {
    Rules rules;
    rules.direction = campaign.benchmark.direction;
    rules.scale = campaign.benchmark.scale;
    rules.min_effect = campaign.benchmark.min_effect;
    rules.min_pairs = campaign.benchmark.min_pairs;
    rules.max_pairs = campaign.benchmark.max_pairs;
    rules.budgeted = static_cast<int>(campaign.budget.experiments.value_or(rules.budgeted));
    rules.constraints = campaign.constraints;
    rules.seed = campaign.seed;
    return rules;
}

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

PairedCosts costs_of(std::span<const Pair* const> pairs, const Rules& rules) {
    const auto cost = [&](double value) {
        const double size = rules.scale == Scale::ratio ? std::log(value) : value;
        return rules.direction == Direction::higher ? -size : size;
    };
    PairedCosts costs;
    for (const Pair* pair : pairs) {
        costs.champion.push_back(cost(pair->champion.value));
        costs.candidate.push_back(cost(pair->candidate.value));
    }
    return costs;
}

PairedCosts with_margin(PairedCosts costs, double margin) {
    for (double& cost : costs.champion)
        cost += margin;
    return costs;
}

Interval estimate_effect(std::span<const Pair> pairs, const Rules& rules) {
    std::vector<const Pair*> taken = counted(pairs);
    for (const Pair& pair : taken.empty() ? pairs : std::span<const Pair>())
        taken.push_back(&pair);
    return shift_interval(costs_of(taken, rules));
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

double confirmation_level(const Rules& rules) {
    return lond_level(rules.test, rules.keeps,
                      std::max(fewest_expected_tests, rules.budgeted / experiments_per_test));
}

double margin_left(double all, double given_away) {
    const double left = all - given_away;
    return left < least_share_of_margin * all ? 0 : left;
}

double margin_level(const Rules& rules) {
    return lond_level(rules.margin_test, rules.margin_keeps,
                      std::max(fewest_expected_margin_tests, rules.budgeted / experiments_per_margin_test));
}

int fewest_pairs_for(double level) {
    return static_cast<int>(std::ceil(-std::log2(level)));
}

int fewest_search_pairs() {
    return fewest_pairs_for(promising_level);
}

int confirmation_pairs(const PairedCosts& search, double scale, double level, const Rules& rules) {
    // The part that one pair adds to the score, as the search's pairs show it: 1 where all pairs agree. One
    // pair more than there were, because a few that agree do not say that all will.
    const auto pairs = static_cast<double>(search.size());
    const double seen = swap_score(search) / std::sqrt(pairs + 1);
    // The effect as a multiple of the noise: by the score, or, where it is far above the noise, by its size.
    std::vector<double> effects;
    for (std::size_t i = 0; i < search.size(); ++i)
        effects.push_back(search.champion[i] - search.candidate[i]);
    const double odds = std::max(seen / std::sqrt(1 - seen * seen), median(effects) / (2 * scale));
    // What was chosen for looking good is in truth less good.
    const double likely = std::max(share_to_find_again * odds, 0.01);
    const double part = likely / std::sqrt(1 + likely * likely);
    const double score =
        normal_quantile(1 - level) + normal_quantile(wanted_power) * std::sqrt(1 - part * part);
    const int needed = static_cast<int>(std::ceil(score * score / (part * part)));
    // One more than the fewest, so that a single pair that disagrees a little does not refuse the gain.
    const int fewest = std::max(fewest_pairs_for(level) + 1, rules.min_pairs);
    return std::clamp(needed, fewest, std::max(fewest, 2 * rules.max_pairs));
}

bool machine_is_too_busy(std::span<const Pair> pairs, int wanted) {
    // More than half of them set aside, over twice the budget.
    return static_cast<int>(pairs.size()) >= 2 * wanted;
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
