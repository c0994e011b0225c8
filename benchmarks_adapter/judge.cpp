#include "benchmarks_adapter/judge.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "benchmarks_adapter/constraints.hpp"
#include "benchmarks_adapter/inference.hpp"
#include "benchmarks_adapter/judging.hpp"
#include "benchmarks_adapter/screen.hpp"

namespace ratchet {
namespace {

// Before the third pair a predictive distribution is a guess about a guess.
constexpr int first_screened_pair = 3;
// A search goes on while the pairs that are left could make the candidate look promising with this
// probability.
constexpr double least_chance = 0.1;
// One outlier is a great effect to a rule that believes in normal noise; it takes two pairs to say "worse" or
// "no gain".
constexpr std::size_t fewest_calibrated_pairs = 2;
// A quarter of what "regressed" needs, two pairs away from it: then the pairs go on, although the screen
// would end them, because a proven loss tells the next proposer more than a missing gain.
constexpr double promising_loss = sufficient_evidence / 4;

/// The differences turned round and moved: evidence that the effect is less than `bound`.
std::vector<double> shortfalls(std::span<const double> effects, double bound) {
    std::vector<double> shortfalls;
    for (const double effect : effects)
        shortfalls.push_back(bound - effect);
    return shortfalls;
}

/// The differences moved: evidence that the effect is more than `bound`.
std::vector<double> excesses(std::span<const double> effects, double bound) {
    std::vector<double> excesses;
    for (const double effect : effects)
        excesses.push_back(effect - bound);
    return excesses;
}

/// The effects of a search with the rule that judges them.
class Search {
  public:
    Search(std::span<const Pair* const> pairs, const Calibration& calibration, const Rules& rules)
        : effects_(effects_of(pairs, rules)),
          costs_(costs_of(pairs, rules)),
          margin_(rules.margin.value_or(0)),
          allowed_(with_margin(costs_, margin_)),
          rules_(rules),
          calibrated_(runs_are_long(calibration)),
          first_scale_(first_scale(calibration, rules)),
          floor_(scale_floor(calibration, rules)),
          robust_(0, first_scale_, floor_),
          calibration_(moments_of(calibration.differences)) {
        for (const double effect : effects_)
            robust_.add(effect);
        calibration_.squares = std::max(calibration_.squares, calibration_.count * floor_ * floor_);
    }

    [[nodiscard]] Evidence evidence() const {
        Evidence evidence;
        evidence.gain = calibrated_ ? e_value() : 1 / swap_p_value(costs_);
        evidence.loss = evidence_below(0);
        evidence.no_gain = evidence_below(least_effect(rules_));
        evidence.threshold = calibrated_ ? sufficient_evidence : 1 / promising_level;
        if (margin_ > 0) evidence.not_worse = evidence_of_not_worse();
        return evidence;
    }

    /// Of "better", valid after every pair.
    [[nodiscard]] double e_value() const {
        return calibrated_ ? calibrated_e_value(moments_of(effects_), calibration_) : robust_.e_value();
    }

    /// Whether an e-value of a claim other than "kept" suffices.
    [[nodiscard]] bool suffices(double e_value) const {
        return e_value >= sufficient_evidence && (!calibrated_ || size() >= fewest_calibrated_pairs);
    }

    /// Whether the candidate has hardly a chance to be kept with the pairs that are left.
    [[nodiscard]] bool screened(double threshold) const {
        const int taken = static_cast<int>(size());
        if (taken < std::max(first_screened_pair, rules_.min_pairs)) return false;
        const ScreenRules screen{threshold, rules_.max_pairs - taken, least_chance, rules_.seed};
        return calibrated_ ? hardly_a_chance(moments_of(excesses(effects_, -margin_)), calibration_, screen)
                           : hardly_a_chance(allowed_, screen);
    }

    /// How many pairs the confirmation takes of what looks promising.
    [[nodiscard]] int confirmation_pairs(const Evidence& evidence) const {
        const bool gains = margin_ <= 0 || evidence.gain >= evidence.threshold;
        return gains ? ratchet::confirmation_pairs(costs_, learnt_scale(), confirmation_level(rules_), rules_)
                     : ratchet::confirmation_pairs(allowed_, learnt_scale(), margin_level(rules_), rules_);
    }

    /// Costs more than all evidence, so it is asked for at the end only.
    [[nodiscard]] Interval effect() const { return shift_interval(costs_); }
    /// The scale that the confirmation starts with.
    [[nodiscard]] double learnt_scale() const { return robust_.next_scale(); }
    [[nodiscard]] double floor() const { return floor_; }
    [[nodiscard]] std::size_t size() const { return effects_.size(); }

  private:
    [[nodiscard]] double evidence_of_not_worse() const {
        return calibrated_ ? calibrated_e_value(moments_of(excesses(effects_, -margin_)), calibration_)
                           : 1 / swap_p_value(allowed_);
    }
    [[nodiscard]] double evidence_below(double bound) const {
        const std::vector<double> below = shortfalls(effects_, bound);
        return calibrated_ ? calibrated_e_value(moments_of(below), calibration_)
                           : robust_e_value(below, 0, first_scale_, floor_);
    }

    std::vector<double> effects_;
    PairedCosts costs_;
    double margin_;        ///< that may be given away
    PairedCosts allowed_;  ///< the same runs with the margin
    const Rules& rules_;
    bool calibrated_;
    double first_scale_;
    double floor_;
    RobustEvidence robust_;
    Moments calibration_;
};

/// What the search's evidence says; `decision` lacks the figures that every decision has.
Judgement search_judgement(const Search& search, const Evidence& evidence,
                           const ConstraintJudgement& constraints, bool too_busy, const Rules& rules) {
    const auto shown = [&] { return interval_in_words(search.effect(), rules.scale); };
    if (search.suffices(evidence.loss)) {
        return decided(Verdict::regressed, Basis::evidence, fmt::format("worse: {}", shown()));
    }
    if (constraints.state == ConstraintState::violated) {
        return decided(Verdict::constraint_violated, constraints.exact ? Basis::exact : Basis::evidence,
                       constraints.reason);
    }
    if (!rules.margin && search.suffices(evidence.no_gain)) {
        return decided(
            Verdict::no_gain, Basis::evidence,
            fmt::format("gains less than {}: {}", effect_text(least_effect(rules), rules.scale), shown()));
    }
    if (std::max(evidence.gain, evidence.not_worse) >= evidence.threshold) {
        Judgement judgement;
        judgement.next = Judgement::Next::confirm;
        judgement.pairs_wanted = search.confirmation_pairs(evidence);
        return judgement;
    }
    if (static_cast<int>(search.size()) >= rules.max_pairs) {
        return decided(Verdict::inconclusive, Basis::none,
                       fmt::format("no evidence after {} pairs: {}", search.size(), shown()));
    }
    if (too_busy) {
        return decided(Verdict::inconclusive, Basis::none,
                       "the machine was too busy: more than half of the pairs were set aside");
    }
    if (evidence.loss < promising_loss && search.screened(evidence.threshold)) {
        return decided(Verdict::no_gain, Basis::screen,
                       fmt::format("hardly a chance to be kept: {}", shown()));
    }
    return {};
}

std::vector<const Pair*> joined(std::vector<const Pair*> first, const std::vector<const Pair*>& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

/// The end of a confirmation whose pairs are complete.
Judgement confirmation_judgement(const Interval& effect, const Evidence& evidence,
                                 const ConstraintJudgement& constraints, const Rules& rules) {
    const std::string shown = interval_in_words(effect, rules.scale);
    if (evidence.gain < evidence.threshold) {
        // There are as many pairs as the gain that the search saw calls for. Where they do not even look
        // promising, that gain is not there; what looks promising again is a near miss.
        const bool near_miss = evidence.gain >= 1 / promising_level;
        return decided(near_miss ? Verdict::inconclusive : Verdict::no_gain,
                       near_miss ? Basis::none : Basis::screen,
                       fmt::format("the gain did not repeat on fresh pairs: {}, p {:.2g}, needed {:.2g}",
                                   shown, 1 / evidence.gain, 1 / evidence.threshold));
    }
    if (constraints.state == ConstraintState::open) {
        return decided(Verdict::inconclusive, Basis::none,
                       fmt::format("better: {}, but {}", shown, constraints.reason));
    }
    const bool counts = effect.estimate >= least_effect(rules);
    return decided(
        Verdict::kept, Basis::evidence,
        fmt::format(
            "better: {}, p {:.2g}{}", shown, 1 / evidence.gain,
            counts ? "" : ", less than the " + effect_text(least_effect(rules), rules.scale) + " asked for"));
}

/// The end of a confirmation that showed no gain, of a candidate that may be kept for being simpler.
Judgement simplification_judgement(const Interval& effect, const Evidence& evidence,
                                   const ConstraintJudgement& constraints, const Rules& rules) {
    const std::string shown = interval_in_words(effect, rules.scale);
    const std::string margin = effect_text(-rules.margin.value_or(0), rules.scale);
    const double p_value = 1 / evidence.not_worse;
    const double level = margin_level(rules);
    if (p_value > level) {
        const bool near_miss = p_value <= promising_level;
        return decided(
            near_miss ? Verdict::inconclusive : Verdict::no_gain, near_miss ? Basis::none : Basis::screen,
            fmt::format("simpler, but not shown to be no worse than {}: {}, p {:.2g}, needed {:.2g}", margin,
                        shown, p_value, level));
    }
    if (effect.high < 0) {
        return decided(Verdict::no_gain, Basis::screen,
                       fmt::format("simpler, but a little worse: {}", shown));
    }
    if (constraints.state == ConstraintState::open) {
        return decided(
            Verdict::inconclusive, Basis::none,
            fmt::format("simpler, and no worse than {}: {}, but {}", margin, shown, constraints.reason));
    }
    return decided(Verdict::kept, Basis::not_worse,
                   fmt::format("simpler, and no worse than {}: {}, p {:.2g}", margin, shown, p_value));
}

}  // namespace

Judgement judge_search(std::span<const Pair> pairs, const Calibration& calibration, const Rules& rules) {
    const std::vector<const Pair*> taken = counted(pairs);
    const bool too_busy = machine_is_too_busy(pairs, rules.max_pairs);
    if (taken.empty() && too_busy) {
        return decided(Verdict::inconclusive, Basis::none,
                       "the machine was too busy: every pair was set aside");
    }
    if (calibration.deterministic) return judge_exact_search(taken, rules);
    const Search search(taken, calibration, rules);
    Judgement judgement;
    const Evidence evidence = search.evidence();
    if (search.size() > 0) {
        judgement = search_judgement(search, evidence, judge_constraints(taken, rules.constraints, false),
                                     too_busy, rules);
    }
    judgement.evidence = evidence;
    if (judgement.next == Judgement::Next::decided) {
        judgement.decision.effect = search.effect();
        judgement.decision.e_value = search.e_value();
        judgement.decision.pairs = static_cast<int>(search.size());
    }
    return judgement;
}

Judgement judge_confirmation(std::span<const Pair> search_pairs, std::span<const Pair> confirmation,
                             const Calibration& calibration, const Rules& rules) {
    const std::vector<const Pair*> before = counted(search_pairs);
    const std::vector<const Pair*> fresh = counted(confirmation);
    if (calibration.deterministic) return judge_exact_confirmation(before, fresh, rules);
    const Search search(before, calibration, rules);
    const std::vector<double> effects = effects_of(fresh, rules);
    const int wanted = search.confirmation_pairs(search.evidence());
    const double margin = rules.margin.value_or(0);
    const PairedCosts costs = costs_of(fresh, rules);

    Evidence evidence;
    evidence.threshold = 1 / confirmation_level(rules);
    evidence.gain = 1 / swap_p_value(costs);
    if (margin > 0) evidence.not_worse = 1 / swap_p_value(with_margin(costs, margin));
    evidence.loss = robust_e_value(shortfalls(effects, 0), 0, search.learnt_scale(), search.floor());
    evidence.no_gain =
        robust_e_value(shortfalls(effects, least_effect(rules)), 0, search.learnt_scale(), search.floor());

    const std::vector<const Pair*> both = joined(before, fresh);
    const ConstraintJudgement constraints = judge_constraints(both, rules.constraints, false);
    Judgement judgement;
    if (constraints.state == ConstraintState::violated) {
        judgement = decided(Verdict::constraint_violated, constraints.exact ? Basis::exact : Basis::evidence,
                            constraints.reason);
    } else if (static_cast<int>(effects.size()) >= wanted) {
        const bool for_its_gain = margin <= 0 || evidence.gain >= evidence.threshold;
        judgement = (for_its_gain ? confirmation_judgement : simplification_judgement)(
            shift_interval(costs), evidence, constraints, rules);
    } else if (machine_is_too_busy(confirmation, wanted)) {
        judgement = decided(Verdict::inconclusive, Basis::none,
                            "the machine was too busy: more than half of the pairs were set aside");
    }
    judgement.evidence = evidence;
    judgement.pairs_wanted = wanted;
    if (judgement.next == Judgement::Next::decided) {
        if (!effects.empty()) judgement.decision.effect = shift_interval(costs);
        const double refused = judgement.decision.basis == Basis::not_worse ? -margin : 0;
        judgement.decision.e_value = robust_e_value(effects, refused, search.learnt_scale(), search.floor());
        judgement.decision.pairs = static_cast<int>(both.size());
    }
    return judgement;
}

std::optional<bool> judge_holdout(std::span<const Pair> pairs, const Calibration& calibration,
                                  const Rules& rules) {
    const std::vector<const Pair*> taken = counted(pairs);
    const std::vector<double> effects = effects_of(taken, rules);
    const bool exhausted =
        static_cast<int>(effects.size()) >= rules.max_pairs || machine_is_too_busy(pairs, rules.max_pairs);
    if (effects.empty()) return exhausted ? std::optional(true) : std::nullopt;
    if (calibration.deterministic) return effects.front() >= 0;
    const double scale = first_scale(calibration, rules);
    const double floor = scale_floor(calibration, rules);
    if (robust_e_value(shortfalls(effects, 0), 0, scale, floor) >= sufficient_evidence) return false;
    if (robust_e_value(effects, -least_effect(rules), scale, floor) >= sufficient_evidence) return true;
    if (exhausted) return shift_interval(costs_of(taken, rules)).high >= 0;
    return {};
}

}  // namespace ratchet
