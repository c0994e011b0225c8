#include "benchmarks_adapter/constraints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "benchmarks_adapter/inference.hpp"
#include "benchmarks_adapter/judge.hpp"
#include "benchmarks_adapter/metrics/median.hpp"

namespace ratchet {
namespace {

// Stands for an infinite ratio (something out of nothing); far past every limit, and a number.
constexpr double boundless = 10;
// The least scale of a bet, as for the primary metric; and for a limit of zero, which gives no scale of its
// own.
constexpr double finest_scale = 1e-4;
constexpr double fallback_scale = 1e-3;

/// How much the metric rose, as a log ratio; for values that have none, the relative change.
double rise(double champion, double candidate) {
    if (champion == candidate) return 0;
    if (champion > 0 && candidate > 0) return std::log(candidate / champion);
    const double change = candidate - champion;
    if (champion == 0) return change > 0 ? boundless : -boundless;
    return std::clamp(change / std::abs(champion), -boundless, boundless);
}

struct SidePair {
    double champion = 0;
    double candidate = 0;
    bool operator==(const SidePair&) const = default;
};

std::optional<std::vector<SidePair>> values_of(std::span<const Pair* const> pairs,
                                               const std::string& metric) {
    std::vector<SidePair> values;
    for (const Pair* pair : pairs) {
        const auto champion = pair->champion.metrics.find(metric);
        const auto candidate = pair->candidate.metrics.find(metric);
        if (champion == pair->champion.metrics.end() || candidate == pair->candidate.metrics.end()) return {};
        values.push_back({champion->second, candidate->second});
    }
    return values;
}

std::string past_limit(const Constraint& constraint, std::span<const double> margins) {
    const double bound = std::log1p(constraint.limit);
    const double change = constraint.limit < 0 ? bound + median(margins) : bound - median(margins);
    return fmt::format("{} changed by {:+.2f}%, the limit is {:+.3g}%", constraint.metric,
                       100 * std::expm1(change), 100 * constraint.limit);
}

ConstraintJudgement judge_constraint(std::span<const Pair* const> pairs, const Constraint& constraint,
                                     std::size_t pairs_to_be_exact) {
    // "May fall by 100 %" allows everything.
    if (constraint.limit <= -1) return {};
    const auto values = values_of(pairs, constraint.metric);
    if (!values || values->empty()) {
        return {ConstraintState::open, fmt::format("{} was not measured in every run", constraint.metric),
                false};
    }
    const double bound = std::log1p(constraint.limit);
    std::vector<double> margins;
    std::vector<double> excesses;
    for (const SidePair& value : *values) {
        const double change = rise(value.champion, value.candidate);
        margins.push_back(constraint.limit < 0 ? change - bound : bound - change);
        excesses.push_back(-margins.back());
    }
    const bool constant = std::all_of(values->begin(), values->end(),
                                      [&](const SidePair& value) { return value == values->front(); });
    if (constant && values->size() >= pairs_to_be_exact) {
        // The tolerance is for the rounding of the logarithm: exactly at the limit is within.
        if (margins.front() >= -1e-12) return {};
        return {ConstraintState::violated, past_limit(constraint, margins), true};
    }
    // A third of the limit, so that a metric that does not move at all is a full bet from the first pair on.
    const double first = constraint.limit == 0 ? fallback_scale : std::abs(bound) / 3;
    if (robust_e_value(excesses, 0, first, finest_scale) >= sufficient_evidence) {
        return {ConstraintState::violated, past_limit(constraint, margins), false};
    }
    if (robust_e_value(margins, 0, first, finest_scale) >= sufficient_evidence) return {};
    return {ConstraintState::open,
            fmt::format("not shown that {} stays within {:+.3g}%", constraint.metric, 100 * constraint.limit),
            false};
}

}  // namespace

ConstraintJudgement judge_constraints(std::span<const Pair* const> pairs,
                                      const std::vector<Constraint>& constraints, bool deterministic) {
    ConstraintJudgement worst;
    const auto pairs_to_be_exact = static_cast<std::size_t>(deterministic ? 2 : deterministic_pairs);
    for (const Constraint& constraint : constraints) {
        ConstraintJudgement judgement = judge_constraint(pairs, constraint, pairs_to_be_exact);
        if (judgement.state > worst.state) worst = std::move(judgement);
    }
    return worst;
}

}  // namespace ratchet
