#include "benchmarks_adapter/judge.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "benchmarks_adapter/inference.hpp"
#include "benchmarks_adapter/random_numbers.hpp"
#include "tests/benchmarks_adapter/pairs.hpp"

namespace ratchet {
namespace {

using Next = Judgement::Next;

/// Feeds pairs of this effect, with 1 % noise, until the search ends.
Judgement search_until_decided(double effect, const Calibration& calibration, const Rules& rules,
                               std::vector<Pair>& pairs, double noise = 0.01) {
    RandomNumbers random(5);
    Judgement judgement;
    while (judgement.next == Next::sample) {
        pairs.push_back(pair_with_effect(effect + noise * random.normal()));
        judgement = judge_search(pairs, calibration, rules);
    }
    return judgement;
}

TEST(JudgeSearch, wants_a_sample_before_the_first_pair) {
    const Judgement judgement = judge_search({}, quiet_calibration(), {});
    EXPECT_EQ(judgement.next, Next::sample);
    EXPECT_EQ(judgement.evidence.gain, 1);
    EXPECT_EQ(judgement.evidence.threshold, 1 / promising_level);
}

TEST(JudgeSearch, asks_for_a_confirmation_once_the_candidate_looks_promising) {
    std::vector<Pair> pairs;
    const Judgement judgement = search_until_decided(0.1, quiet_calibration(), {}, pairs);
    EXPECT_EQ(judgement.next, Next::confirm);
    EXPECT_GE(judgement.evidence.gain, judgement.evidence.threshold);
    EXPECT_EQ(pairs.size(), 6U);
    EXPECT_EQ(fewest_search_pairs(), 6);
    EXPECT_GE(judgement.pairs_wanted, 10);
}

TEST(JudgeSearch, says_regressed_with_evidence_of_a_loss) {
    std::vector<Pair> pairs;
    const Judgement judgement = search_until_decided(-0.1, quiet_calibration(), {}, pairs);
    EXPECT_EQ(judgement.decision.verdict, Verdict::regressed);
    EXPECT_EQ(judgement.decision.basis, Basis::evidence);
    EXPECT_EQ(pairs.size(), 5U);
    EXPECT_EQ(judgement.decision.pairs, 5);
    ASSERT_TRUE(judgement.decision.effect);
    EXPECT_NEAR(judgement.decision.effect->estimate, -0.1, 0.02);
    EXPECT_THAT(judgement.decision.reason, ::testing::StartsWith("worse: -"));
}

TEST(JudgeSearch, says_no_gain_with_evidence_that_the_gain_is_below_min_effect) {
    Rules rules;
    rules.min_effect = 0.05;
    std::vector<Pair> pairs;
    const Judgement judgement = search_until_decided(0.003, quiet_calibration(), rules, pairs);
    EXPECT_EQ(judgement.decision.verdict, Verdict::no_gain);
    EXPECT_EQ(judgement.decision.basis, Basis::evidence);
    EXPECT_GE(judgement.evidence.no_gain, sufficient_evidence);
}

TEST(JudgeSearch, gives_up_by_a_screen_on_what_has_hardly_a_chance) {
    std::vector<Pair> pairs;
    const Judgement judgement = search_until_decided(0, quiet_calibration(), {}, pairs);
    EXPECT_EQ(judgement.decision.verdict, Verdict::no_gain);
    EXPECT_EQ(judgement.decision.basis, Basis::screen);
    EXPECT_GE(pairs.size(), 3U);
    EXPECT_LT(pairs.size(), 40U);
}

TEST(JudgeSearch, screens_no_search_before_min_pairs) {
    // Up and down by 2 %: nothing to hope for, and no evidence that there is nothing.
    std::vector<Pair> hopeless;
    for (int i = 0; i < 22; ++i)
        hopeless.push_back(pair_with_effect(i % 2 == 0 ? 0.02 : -0.02));
    EXPECT_EQ(judge_search(hopeless, quiet_calibration(), {}).decision.basis, Basis::screen);
    Rules rules;
    rules.min_pairs = 25;
    EXPECT_EQ(judge_search(hopeless, quiet_calibration(), rules).next, Next::sample);
}

TEST(JudgeSearch, goes_on_past_the_screen_while_a_loss_is_about_to_be_proven) {
    const std::vector<Pair> pairs = equal_pairs(3, pair_with_effect(-0.1));
    const Judgement judgement = judge_search(pairs, quiet_calibration(), {});
    EXPECT_EQ(judgement.next, Next::sample);
    EXPECT_LT(judgement.evidence.loss, sufficient_evidence);
}

TEST(JudgeSearch, is_inconclusive_at_the_end_of_the_budget) {
    Rules rules;
    rules.max_pairs = 5;
    const std::vector<Pair> pairs = equal_pairs(5, pair_with_effect(0.003));
    const Judgement judgement = judge_search(pairs, quiet_calibration(), rules);
    EXPECT_EQ(judgement.next, Next::decided);
    EXPECT_EQ(judgement.decision.verdict, Verdict::inconclusive);
    EXPECT_EQ(judgement.decision.basis, Basis::none);
}

TEST(JudgeSearch, does_not_count_pairs_that_are_set_aside) {
    Pair disturbed = pair_with_effect(-3);
    disturbed.set_aside = "the hypervisor took 40 % of the processor time";
    std::vector<Pair> pairs = equal_pairs(5, pair_with_effect(0.1));
    const Judgement without = judge_search(pairs, quiet_calibration(), {});
    pairs.insert(pairs.begin() + 2, disturbed);
    const Judgement with = judge_search(pairs, quiet_calibration(), {});
    EXPECT_EQ(without.evidence.gain, with.evidence.gain);
}

TEST(JudgeSearch, ends_where_the_machine_lets_no_pair_count) {
    Pair disturbed = pair_with_effect(0.1);
    disturbed.set_aside = "steal";
    const Rules rules;
    std::vector<Pair> pairs = equal_pairs(79, disturbed);
    EXPECT_EQ(judge_search(pairs, quiet_calibration(), rules).next, Next::sample);
    pairs.push_back(disturbed);
    const Judgement judgement = judge_search(pairs, quiet_calibration(), rules);
    EXPECT_EQ(judgement.decision.verdict, Verdict::inconclusive);
    EXPECT_THAT(judgement.decision.reason, ::testing::HasSubstr("too busy"));
}

TEST(JudgeSearch, decides_large_effects_of_long_runs_in_two_or_three_pairs) {
    std::vector<Pair> gain;
    EXPECT_EQ(search_until_decided(0.15, slow_calibration(), {}, gain).next, Next::confirm);
    EXPECT_LE(gain.size(), 3U);
    std::vector<Pair> loss;
    EXPECT_EQ(search_until_decided(-0.15, slow_calibration(), {}, loss).decision.verdict, Verdict::regressed);
    EXPECT_EQ(loss.size(), 2U);
}

TEST(JudgeSearch, takes_a_metric_where_higher_is_better_the_other_way_round) {
    Rules rules;
    rules.direction = Direction::higher;
    const std::vector<Pair> pairs = equal_pairs(5, pair_with_effect(0.1));
    EXPECT_EQ(judge_search(pairs, quiet_calibration(), rules).decision.verdict, Verdict::regressed);
}

TEST(JudgeSearch, judges_differences_of_a_metric_that_passes_through_zero) {
    Rules rules;
    rules.scale = Scale::difference;
    rules.min_effect = 0.1;
    Calibration calibration;
    calibration.differences = {0.2, -0.1, 0.3, -0.2, 0.1, -0.3};
    Pair pair;
    pair.champion.value = 1;
    pair.candidate.value = -2;
    EXPECT_EQ(effect_of(pair, Direction::lower, Scale::difference), 3);
    EXPECT_EQ(judge_search(equal_pairs(14, pair), calibration, rules).next, Next::confirm);
}

TEST(JudgeSearch, is_not_carried_away_by_equal_values_and_one_tick_of_the_clock) {
    // Calibration all equal: the scale is the floor, and the bet on one tick is still one bet.
    Calibration calibration = quiet_calibration();
    calibration.differences.assign(20, 0.0);
    std::vector<Pair> pairs = equal_pairs(4, pair_with_effect(0));
    pairs.push_back(pair_with_effect(0.01));
    const Judgement judgement = judge_search(pairs, calibration, {});
    EXPECT_LT(judgement.evidence.gain, 2.01);
    Calibration slow = slow_calibration();
    slow.differences.assign(20, 0.0);
    EXPECT_LT(judge_search(equal_pairs(4, pair_with_effect(0)), slow, {}).evidence.gain, 2);
}

RC_GTEST_PROP(JudgeSearch, does_not_depend_on_the_unit_of_the_metric, ()) {
    const auto numbers = *rc::gen::container<std::vector<int>>(6, rc::gen::inRange(-300, 300));
    const auto shift = *rc::gen::inRange(-20, 20);
    std::vector<Pair> pairs;
    std::vector<Pair> in_other_unit;
    for (const int number : numbers) {
        pairs.push_back(pair_with_effect(number * 1e-4));
        in_other_unit.push_back(pairs.back());
        // A power of two, so that not even the last digit is lost.
        in_other_unit.back().champion.value = std::ldexp(pairs.back().champion.value, shift);
        in_other_unit.back().candidate.value = std::ldexp(pairs.back().candidate.value, shift);
    }
    const Judgement one = judge_search(pairs, quiet_calibration(), {});
    const Judgement other = judge_search(in_other_unit, quiet_calibration(), {});
    RC_ASSERT(one.evidence.gain == other.evidence.gain);
    RC_ASSERT(one.next == other.next);
    RC_ASSERT(one.decision.verdict == other.decision.verdict);
    if (one.decision.effect) {
        RC_ASSERT(std::abs(one.decision.effect->estimate - other.decision.effect->estimate) < 1e-9);
    }
}

RC_GTEST_PROP(JudgeSearch, turns_gain_into_loss_when_the_sides_are_swapped, ()) {
    const auto numbers = *rc::gen::container<std::vector<int>>(7, rc::gen::inRange(-300, 300));
    std::vector<Pair> pairs;
    std::vector<Pair> swapped;
    for (const int number : numbers) {
        pairs.push_back(pair_with_effect(number * 1e-4));
        swapped.push_back(pairs.back());
        std::swap(swapped.back().champion, swapped.back().candidate);
    }
    // The calibrated rule asks one and the same question of both directions.
    const Evidence one = judge_search(pairs, slow_calibration(), {}).evidence;
    const Evidence other = judge_search(swapped, slow_calibration(), {}).evidence;
    RC_ASSERT(std::abs(one.gain - other.loss) <= 1e-6 * one.gain);
    RC_ASSERT(std::abs(one.loss - other.gain) <= 1e-6 * one.loss);
}

RC_GTEST_PROP(JudgeSearch, says_the_same_of_the_same_pairs, ()) {
    const auto numbers = *rc::gen::nonEmpty<std::vector<int>>();
    std::vector<Pair> pairs;
    for (const int number : numbers)
        pairs.push_back(pair_with_effect(number % 300 * 1e-4));
    const Judgement one = judge_search(pairs, quiet_calibration(), {});
    const Judgement other = judge_search(pairs, quiet_calibration(), {});
    RC_ASSERT(one.next == other.next);
    RC_ASSERT(one.decision == other.decision);
}

class JudgeConfirmation : public ::testing::Test {
  protected:
    Calibration calibration = quiet_calibration();
    std::vector<Pair> search = equal_pairs(8, pair_with_effect(0.1));
    int wanted = judge_confirmation(search, {}, calibration, {}).pairs_wanted;
};

TEST_F(JudgeConfirmation, wants_the_more_pairs_the_less_the_search_was_of_one_mind) {
    EXPECT_LE(wanted, 20);
    std::vector<Pair> doubtful = equal_pairs(20, pair_with_effect(0.01));
    for (std::size_t i = 0; i < 5; ++i)
        doubtful[4 * i] = pair_with_effect(-0.01);
    const int more = judge_confirmation(doubtful, {}, calibration, {}).pairs_wanted;
    EXPECT_GT(more, 2 * wanted);
    EXPECT_LE(more, 80) << "twice max_pairs at most";
    const std::vector<Pair> almost = equal_pairs(static_cast<std::size_t>(wanted) - 1, pair_with_effect(0.1));
    EXPECT_EQ(judge_confirmation(search, almost, calibration, {}).next, Next::sample);
}

TEST_F(JudgeConfirmation, wants_pairs_enough_for_the_level_of_its_test) {
    Rules rules;
    rules.max_pairs = 6;
    rules.budgeted = 100'000;
    const int needed = judge_confirmation(search, {}, calibration, rules).pairs_wanted;
    const Judgement judgement = judge_confirmation(
        search, equal_pairs(static_cast<std::size_t>(needed), pair_with_effect(0.1)), calibration, rules);
    EXPECT_EQ(judgement.decision.verdict, Verdict::kept);
}

TEST_F(JudgeConfirmation, keeps_what_repeats_and_reports_the_effect_of_the_fresh_pairs_alone) {
    std::vector<Pair> fresh;
    RandomNumbers random(6);
    for (int i = 0; i < wanted; ++i)
        fresh.push_back(pair_with_effect(0.08 + 0.005 * random.normal()));
    const Judgement judgement = judge_confirmation(search, fresh, calibration, {});
    ASSERT_EQ(judgement.next, Next::decided);
    EXPECT_EQ(judgement.decision.verdict, Verdict::kept);
    EXPECT_EQ(judgement.decision.basis, Basis::evidence);
    EXPECT_EQ(judgement.decision.pairs, 8 + wanted);
    EXPECT_NEAR(judgement.decision.effect->estimate, 0.08, 0.005);
    EXPECT_LT(judgement.decision.effect->high, 0.1);
    EXPECT_GE(judgement.evidence.gain, judgement.evidence.threshold);
}

TEST_F(JudgeConfirmation, goes_on_past_pairs_that_are_set_aside) {
    Rules rules;
    rules.max_pairs = 6;
    const int needed = judge_confirmation(search, {}, calibration, rules).pairs_wanted;
    Pair disturbed = pair_with_effect(0.1);
    disturbed.set_aside = "steal";
    std::vector<Pair> fresh = equal_pairs(static_cast<std::size_t>(needed) - 1, disturbed);
    fresh.resize(2 * static_cast<std::size_t>(needed) - 1, pair_with_effect(0.1));
    EXPECT_EQ(judge_confirmation(search, fresh, calibration, rules).decision.verdict, Verdict::kept);
    fresh.back() = disturbed;
    fresh.push_back(disturbed);
    EXPECT_THAT(judge_confirmation(search, fresh, calibration, rules).decision.reason,
                ::testing::HasSubstr("too busy"));
}

TEST_F(JudgeConfirmation, asks_less_of_a_night_that_has_kept_much) {
    Rules rules;
    const double first = judge_confirmation(search, {}, calibration, rules).evidence.threshold;
    rules.keeps = 9;
    EXPECT_NEAR(judge_confirmation(search, {}, calibration, rules).evidence.threshold, first / 10, 1e-9);
}

TEST_F(JudgeConfirmation, sees_no_gain_where_fresh_pairs_show_nothing) {
    std::vector<Pair> fresh;
    for (int i = 0; i < wanted; ++i)
        fresh.push_back(pair_with_effect(i % 2 == 0 ? 0.01 : -0.01));
    const Judgement judgement = judge_confirmation(search, fresh, calibration, {});
    EXPECT_EQ(judgement.decision.verdict, Verdict::no_gain);
    EXPECT_EQ(judgement.decision.basis, Basis::screen);
    EXPECT_THAT(judgement.decision.reason, ::testing::StartsWith("the gain did not repeat"));
}

TEST_F(JudgeConfirmation, is_inconclusive_where_fresh_pairs_look_promising_but_do_not_suffice) {
    Rules late;
    late.test = 100;
    const int many = judge_confirmation(search, {}, calibration, late).pairs_wanted;
    std::vector<Pair> fresh = equal_pairs(static_cast<std::size_t>(many), pair_with_effect(0.1));
    double evidence = 0;
    for (std::size_t i = 0; i < fresh.size(); ++i) {
        const Judgement judgement = judge_confirmation(search, fresh, calibration, late);
        evidence = judgement.evidence.gain;
        if (evidence < judgement.evidence.threshold) break;
        fresh[i] = pair_with_effect(-0.01);
    }
    ASSERT_GE(evidence, 1 / promising_level);
    const Judgement judgement = judge_confirmation(search, fresh, calibration, late);
    EXPECT_EQ(judgement.decision.verdict, Verdict::inconclusive);
    EXPECT_THAT(judgement.decision.reason, ::testing::StartsWith("the gain did not repeat"));
}

TEST_F(JudgeConfirmation, keeps_a_proven_gain_below_min_effect_and_says_so) {
    Rules rules;
    rules.min_effect = 0.2;
    const Judgement judgement = judge_confirmation(
        search, equal_pairs(static_cast<std::size_t>(wanted), pair_with_effect(0.1)), calibration, rules);
    EXPECT_EQ(judgement.decision.verdict, Verdict::kept);
    EXPECT_THAT(judgement.decision.reason, ::testing::EndsWith("less than the +20.00% asked for"));
}

TEST_F(JudgeConfirmation, never_keeps_on_the_calibrated_rule_alone) {
    // Two pairs convinced the rule that believes in normal noise; the fresh ones say nothing.
    search.resize(2);
    std::vector<Pair> fresh;
    for (int i = 0; i < judge_confirmation(search, {}, slow_calibration(), {}).pairs_wanted; ++i)
        fresh.push_back(pair_with_effect(i % 2 == 0 ? 0.001 : -0.001));
    const Judgement judgement = judge_confirmation(search, fresh, slow_calibration(), {});
    EXPECT_EQ(judgement.decision.verdict, Verdict::no_gain);
}

class JudgeExactly : public ::testing::Test {
  protected:
    JudgeExactly() {
        calibration.deterministic = true;
        calibration.champion_value = 100;
    }
    static Pair pair_of(double champion, double candidate) {
        Pair pair;
        pair.champion.value = champion;
        pair.candidate.value = candidate;
        return pair;
    }
    [[nodiscard]] Decision decision_for(double candidate) const {
        const std::vector<Pair> pairs = {pair_of(100, candidate)};
        const Judgement judgement = judge_search(pairs, calibration, rules);
        EXPECT_EQ(judgement.next, Next::decided);
        return judgement.decision;
    }
    Calibration calibration;
    Rules rules;
};

TEST_F(JudgeExactly, decides_by_one_pair) {
    EXPECT_EQ(judge_search({}, calibration, rules).pairs_wanted, 1);
    EXPECT_EQ(decision_for(101).verdict, Verdict::regressed);
    EXPECT_EQ(decision_for(100).verdict, Verdict::no_gain);
    EXPECT_EQ(decision_for(99.9).verdict, Verdict::no_gain);
    EXPECT_EQ(decision_for(99.9).basis, Basis::exact);
    EXPECT_EQ(decision_for(100).effect, (Interval{0, 0, 0}));
}

TEST_F(JudgeExactly, counts_a_gain_of_exactly_min_effect) {
    rules.direction = Direction::higher;
    rules.min_effect = 0.05;
    const std::vector<Pair> pairs = {pair_of(100, 105)};
    EXPECT_EQ(judge_search(pairs, calibration, rules).next, Next::confirm);
}

TEST_F(JudgeExactly, keeps_what_one_more_pair_repeats_to_the_last_digit) {
    const std::vector<Pair> pairs = {pair_of(100, 90)};
    EXPECT_EQ(judge_search(pairs, calibration, rules).next, Next::confirm);
    EXPECT_EQ(judge_confirmation(pairs, {}, calibration, rules).pairs_wanted, 1);
    const Judgement judgement = judge_confirmation(pairs, pairs, calibration, rules);
    EXPECT_EQ(judgement.decision.verdict, Verdict::kept);
    EXPECT_EQ(judgement.decision.basis, Basis::exact);
    EXPECT_EQ(judgement.decision.pairs, 2);
    EXPECT_NEAR(judgement.decision.effect->low, std::log(100.0 / 90), 1e-12);
}

TEST_F(JudgeExactly, takes_nothing_for_deterministic_that_does_not_repeat) {
    const std::vector<Pair> first = {pair_of(100, 90)};
    const std::vector<Pair> second = {pair_of(100, 90.5)};
    const Judgement judgement = judge_confirmation(first, second, calibration, rules);
    EXPECT_EQ(judgement.decision.verdict, Verdict::inconclusive);
    EXPECT_THAT(judgement.decision.reason, ::testing::HasSubstr("not deterministic after all"));
}

TEST_F(JudgeExactly, gives_a_noisy_constraint_the_pairs_that_it_needs) {
    rules.constraints = {{"peak_memory", 0.05}};
    const auto with_memory = [](double memory) {
        Pair pair = pair_of(100, 90);
        pair.champion.metrics["peak_memory"] = 1000;
        pair.candidate.metrics["peak_memory"] = memory;
        return pair;
    };
    const std::vector<Pair> search = {with_memory(1001)};
    std::vector<Pair> fresh = {with_memory(1003)};
    EXPECT_EQ(judge_confirmation(search, fresh, calibration, rules).next, Next::sample);
    while (judge_confirmation(search, fresh, calibration, rules).next == Next::sample) {
        fresh.push_back(with_memory(1000 + 2 * static_cast<double>(fresh.size() % 3)));
    }
    EXPECT_LE(fresh.size(), 8U);
    EXPECT_EQ(judge_confirmation(search, fresh, calibration, rules).decision.verdict, Verdict::kept);
}

TEST(JudgeHoldout, passes_a_winner_that_wins_there_too_and_stops_early) {
    const std::vector<Pair> pairs = equal_pairs(5, pair_with_effect(0.1));
    EXPECT_EQ(judge_holdout(pairs, quiet_calibration(), {}), true);
    EXPECT_EQ(judge_holdout({}, quiet_calibration(), {}), std::nullopt);
}

TEST(JudgeHoldout, fails_a_winner_that_loses_there) {
    EXPECT_EQ(judge_holdout(equal_pairs(5, pair_with_effect(-0.1)), quiet_calibration(), {}), false);
}

TEST(JudgeHoldout, ends_with_the_budget) {
    Rules rules;
    rules.max_pairs = 10;
    std::vector<Pair> pairs = equal_pairs(5, pair_with_effect(0.004));
    for (int i = 0; i < 4; ++i)
        pairs.push_back(pair_with_effect(-0.0051));
    EXPECT_EQ(judge_holdout(pairs, quiet_calibration(), rules), std::nullopt);
    pairs.push_back(pair_with_effect(0.001));
    EXPECT_EQ(judge_holdout(pairs, quiet_calibration(), rules), true);
}

}  // namespace
}  // namespace ratchet
