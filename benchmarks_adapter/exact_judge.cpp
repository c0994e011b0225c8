#include <fmt/format.h>

#include <algorithm>

#include "benchmarks_adapter/constraints.hpp"
#include "benchmarks_adapter/judging.hpp"

// A metric that shows the same value run after run needs no statistics: one pair decides, one more repeats
// it.

namespace ratchet {
namespace {

Judgement exact(Verdict verdict, std::string reason, double effect, std::size_t pairs) {
    Judgement judgement = decided(verdict, Basis::exact, std::move(reason));
    judgement.decision.effect = Interval{effect, effect, effect};
    judgement.decision.pairs = static_cast<int>(pairs);
    return judgement;
}

// Eight settle a constrained metric that stays clearly within its limit; what twenty do not settle stays
// open.
constexpr int constraint_pairs = 20;

/// The tolerance is for the rounding of the logarithm: a gain of exactly min_effect counts.
bool counts(double effect, const Rules& rules) {
    return effect >= least_effect(rules) * (1 - 1e-9);
}

Judgement wanting(Judgement::Next next, int pairs) {
    Judgement judgement;
    judgement.next = next;
    judgement.pairs_wanted = pairs;
    return judgement;
}

}  // namespace

Judgement judge_exact_search(std::span<const Pair* const> pairs, const Rules& rules) {
    if (pairs.empty()) return wanting(Judgement::Next::sample, 1);
    const double effect = effect_of(*pairs.front(), rules.direction, rules.scale);
    const std::string shown = effect_text(effect, rules.scale);
    if (effect < 0)
        return exact(Verdict::regressed, fmt::format("worse: {}, exactly", shown), effect, pairs.size());
    // One sample decides: of what is simpler, equal or better is not worse.
    if (rules.margin || counts(effect, rules)) return wanting(Judgement::Next::confirm, 1);
    if (effect == 0) return exact(Verdict::no_gain, "the same value as the champion's", effect, pairs.size());
    return exact(Verdict::no_gain,
                 fmt::format("a gain of {}, exactly, is less than {}", shown,
                             effect_text(least_effect(rules), rules.scale)),
                 effect, pairs.size());
}

Judgement judge_exact_confirmation(std::span<const Pair* const> search,
                                   std::span<const Pair* const> confirmation, const Rules& rules) {
    if (search.empty() || confirmation.empty()) return wanting(Judgement::Next::sample, 1);
    std::vector<const Pair*> all(search.begin(), search.end());
    all.insert(all.end(), confirmation.begin(), confirmation.end());
    const Pair& first = *all.front();
    const double effect = effect_of(first, rules.direction, rules.scale);
    const bool repeated = std::all_of(all.begin(), all.end(), [&](const Pair* pair) {
        return pair->champion.value == first.champion.value && pair->candidate.value == first.candidate.value;
    });
    if (!repeated) {
        Judgement judgement =
            decided(Verdict::inconclusive, Basis::none,
                    "the metric is not deterministic after all: the same commit gave two different "
                    "values; calibrate again");
        judgement.decision.pairs = static_cast<int>(all.size());
        return judgement;
    }
    // A constrained metric may still be noisy; it gets as many pairs as its evidence needs.
    const ConstraintJudgement constraints = judge_constraints(all, rules.constraints, true);
    if (constraints.state == ConstraintState::violated) {
        return exact(Verdict::constraint_violated, constraints.reason, effect, all.size());
    }
    if (constraints.state == ConstraintState::open) {
        const int wanted = std::min(constraint_pairs, rules.max_pairs);
        if (static_cast<int>(confirmation.size()) < wanted) return wanting(Judgement::Next::sample, wanted);
        return exact(Verdict::inconclusive, constraints.reason, effect, all.size());
    }
    const std::string shown = effect_text(effect, rules.scale);
    if (counts(effect, rules))
        return exact(Verdict::kept, fmt::format("better: {}, exactly, twice", shown), effect, all.size());
    Judgement simpler = exact(Verdict::kept, fmt::format("simpler, and no worse: {}, exactly, twice", shown),
                              effect, all.size());
    simpler.decision.basis = Basis::not_worse;
    return simpler;
}

}  // namespace ratchet
