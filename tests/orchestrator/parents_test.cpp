#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/briefing/policy.hpp"
#include "tests/orchestrator/recorded_ledger.hpp"

// What a proposal starts from under `policy = "tree"`.

namespace ratchet {
namespace {

class Parents : public ::testing::Test {
  protected:
    Parents() {
        recorded.campaign().proposer.policy = ParentPolicy::tree;
        recorded.campaign().benchmark.min_effect = 0.01;
    }
    [[nodiscard]] Brief next() { return plan(recorded.campaign(), recorded.ledger()); }
    [[nodiscard]] CommitId candidate_of(ExperimentId id) {
        return recorded.ledger().experiment(id)->candidate;
    }
    [[nodiscard]] CommitId champion() { return recorded.ledger().champion().commit; }
    RecordedLedger recorded;
};

TEST_F(Parents, are_the_champion_where_nothing_came_near) {
    recorded.record({.verdict = Verdict::regressed, .effect = -0.1});
    EXPECT_EQ(next().parent, champion());
    EXPECT_TRUE(next().champion.empty());
}

TEST_F(Parents, may_be_what_came_near_and_say_so) {
    const ExperimentId near =
        recorded.record({.verdict = Verdict::inconclusive, .file = "src/near.cpp", .effect = 0.006});
    const Brief brief = next();
    EXPECT_EQ(brief.parent, candidate_of(near));
    EXPECT_EQ(brief.champion, champion());
    EXPECT_EQ(brief.move, Move::exploit);
    EXPECT_EQ(brief.focus, "src/near.cpp");
    EXPECT_EQ(brief.reason, "#1 came near (+0.60% ± 1%) and has the greatest upper bound: go on from it");
    EXPECT_EQ(experiments_named(brief), std::vector{near});
    EXPECT_EQ(brief, next());
}

TEST_F(Parents, are_the_champion_unless_the_campaign_says_tree) {
    recorded.campaign().proposer.policy = ParentPolicy::champion;
    recorded.record({.verdict = Verdict::inconclusive, .effect = 0.006});
    EXPECT_EQ(next().parent, champion());
    EXPECT_TRUE(next().champion.empty());
}

TEST_F(Parents, are_not_twice_in_a_row_another_one) {
    const ExperimentId near = recorded.record({.verdict = Verdict::inconclusive, .effect = 0.006});
    recorded.record({.verdict = Verdict::regressed, .effect = -0.1, .parent = candidate_of(near)});
    EXPECT_EQ(next().parent, champion());
    recorded.record({.verdict = Verdict::regressed, .effect = -0.1});
    EXPECT_EQ(next().parent, candidate_of(near)) << "one visit of three";
}

TEST_F(Parents, may_stand_on_one_another) {
    const ExperimentId near = recorded.record({.verdict = Verdict::inconclusive, .effect = 0.002});
    const ExperimentId nearer =
        recorded.record({.verdict = Verdict::inconclusive, .effect = 0.009, .parent = candidate_of(near)});
    recorded.record({.verdict = Verdict::regressed, .effect = -0.1});
    EXPECT_EQ(next().parent, candidate_of(nearer));
}

TEST_F(Parents, begin_anew_with_a_new_champion) {
    recorded.record({.verdict = Verdict::inconclusive, .file = "src/near.cpp", .effect = 0.006});
    recorded.record({.verdict = Verdict::kept, .file = "src/near.cpp", .effect = 0.1});
    EXPECT_EQ(next().parent, champion());
}

TEST_F(Parents, are_no_first_impressions) {
    recorded.record({.verdict = Verdict::no_gain, .effect = 0.006, .basis = Basis::screen});
    EXPECT_EQ(next().parent, champion());
    recorded.record({.verdict = Verdict::no_gain, .effect = 0.006, .basis = Basis::exact, .half_width = 0});
    EXPECT_NE(next().parent, champion());
}

TEST_F(Parents, are_rather_those_that_were_visited_less) {
    const ExperimentId nearer =
        recorded.record({.verdict = Verdict::inconclusive, .file = "src/a.cpp", .effect = 0.004});
    const ExperimentId near =
        recorded.record({.verdict = Verdict::inconclusive, .file = "src/b.cpp", .effect = 0.003});
    EXPECT_EQ(next().parent, candidate_of(nearer));
    recorded.record({.verdict = Verdict::regressed, .effect = -0.1, .parent = candidate_of(nearer)});
    recorded.record({.verdict = Verdict::regressed, .effect = -0.1});
    EXPECT_EQ(next().parent, candidate_of(near));
}

}  // namespace
}  // namespace ratchet
