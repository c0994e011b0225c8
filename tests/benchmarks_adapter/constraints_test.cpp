#include "benchmarks_adapter/constraints.hpp"

#include <gmock/gmock.h>

#include "benchmarks_adapter/random_numbers.hpp"
#include "tests/benchmarks_adapter/pairs.hpp"

namespace ratchet {
namespace {

Pair pair_with_memory(double champion, double candidate) {
    Pair pair = pair_with_effect(0.1);
    pair.champion.metrics["peak_memory"] = champion;
    pair.candidate.metrics["peak_memory"] = candidate;
    return pair;
}

ConstraintJudgement judged(const std::vector<Pair>& pairs, double limit, bool deterministic = false) {
    std::vector<const Pair*> pointers;
    for (const Pair& pair : pairs)
        pointers.push_back(&pair);
    return judge_constraints(pointers, {{"peak_memory", limit}}, deterministic);
}

/// Memory with a noise of a tenth of a percent that changed by this fraction.
std::vector<Pair> noisy_memory(int count, double change) {
    RandomNumbers random(8);
    std::vector<Pair> pairs;
    for (int i = 0; i < count; ++i) {
        pairs.push_back(pair_with_memory(1e6 * (1 + 0.001 * random.normal()),
                                         1e6 * (1 + change) * (1 + 0.001 * random.normal())));
    }
    return pairs;
}

TEST(Constraints, hold_where_there_are_none) {
    EXPECT_EQ(judge_constraints({}, {}, false).state, ConstraintState::holds);
}

TEST(Constraints, hold_by_evidence_after_eight_pairs_that_are_clearly_within) {
    EXPECT_EQ(judged(noisy_memory(8, 0), 0.05).state, ConstraintState::holds);
    EXPECT_EQ(judged(noisy_memory(8, 0.01), 0.05).state, ConstraintState::holds);
    EXPECT_EQ(judged(noisy_memory(2, 0), 0.05).state, ConstraintState::open);
}

TEST(Constraints, are_violated_by_evidence_that_the_metric_is_past_its_limit) {
    const ConstraintJudgement judgement = judged(noisy_memory(8, 0.2), 0.05);
    EXPECT_EQ(judgement.state, ConstraintState::violated);
    EXPECT_FALSE(judgement.exact);
    EXPECT_THAT(judgement.reason,
                ::testing::MatchesRegex("peak_memory changed by \\+(19|20)\\..*%, the limit is \\+5%"));
}

TEST(Constraints, are_open_where_the_metric_is_at_its_limit) {
    EXPECT_EQ(judged(noisy_memory(8, 0.05), 0.05).state, ConstraintState::open);
}

TEST(Constraints, with_a_negative_limit_say_how_far_a_metric_may_fall) {
    EXPECT_EQ(judged(noisy_memory(8, -0.2), -0.05).state, ConstraintState::violated);
    EXPECT_EQ(judged(noisy_memory(8, 0.2), -0.05).state, ConstraintState::holds);
    EXPECT_EQ(judged(noisy_memory(8, -0.9), -1).state, ConstraintState::holds);
}

TEST(Constraints, compare_values_that_repeat_exactly) {
    EXPECT_EQ(judged(equal_pairs(3, pair_with_memory(1000, 1000)), 0).state, ConstraintState::holds);
    EXPECT_EQ(judged(equal_pairs(3, pair_with_memory(1000, 1050)), 0.05).state, ConstraintState::holds);
    const ConstraintJudgement judgement = judged(equal_pairs(3, pair_with_memory(1000, 1051)), 0.05);
    EXPECT_EQ(judgement.state, ConstraintState::violated);
    EXPECT_TRUE(judgement.exact);
    EXPECT_EQ(judged(equal_pairs(2, pair_with_memory(1000, 1000)), 0).state, ConstraintState::open);
    EXPECT_EQ(judged(equal_pairs(2, pair_with_memory(1000, 1000)), 0, true).state, ConstraintState::holds);
}

TEST(Constraints, know_that_something_out_of_nothing_is_past_every_limit) {
    EXPECT_EQ(judged(equal_pairs(3, pair_with_memory(0, 1)), 0.5).state, ConstraintState::violated);
    EXPECT_EQ(judged(equal_pairs(3, pair_with_memory(0, 0)), 0.5).state, ConstraintState::holds);
    EXPECT_EQ(judged(equal_pairs(3, pair_with_memory(-10, -9)), 0.05).state, ConstraintState::violated);
}

TEST(Constraints, are_open_where_a_metric_is_missing) {
    EXPECT_EQ(judged(equal_pairs(8, pair_with_effect(0.1)), 0.05).state, ConstraintState::open);
}

TEST(Constraints, end_a_search_as_soon_as_one_is_violated) {
    Rules rules;
    rules.constraints = {{"peak_memory", 0.05}};
    const Judgement judgement = judge_search(noisy_memory(6, 0.5), quiet_calibration(), rules);
    EXPECT_EQ(judgement.decision.verdict, Verdict::constraint_violated);
    EXPECT_EQ(judgement.decision.basis, Basis::evidence);
}

TEST(Constraints, keep_a_winner_from_being_kept_unless_they_are_known_to_hold) {
    Rules rules;
    rules.constraints = {{"peak_memory", 0.05}};
    const std::vector<Pair> search = noisy_memory(13, 0.05);
    const int wanted = judge_confirmation(search, {}, quiet_calibration(), rules).pairs_wanted;
    const Judgement open = judge_confirmation(search, noisy_memory(wanted, 0.05), quiet_calibration(), rules);
    EXPECT_EQ(open.decision.verdict, Verdict::inconclusive);
    EXPECT_THAT(open.decision.reason, ::testing::HasSubstr("not shown that peak_memory stays within +5%"));
    const Judgement holds = judge_confirmation(search, noisy_memory(wanted, 0), quiet_calibration(), rules);
    EXPECT_EQ(holds.decision.verdict, Verdict::kept);
}

}  // namespace
}  // namespace ratchet
