#include "orchestrator/briefing/policy.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/orchestrator/recorded_ledger.hpp"

namespace ratchet {
namespace {

TEST(Policy, BeginsWithAnExploreFromTheBase) {
    RecordedLedger recorded;
    const Brief brief = plan(recorded.campaign(), recorded.ledger());
    EXPECT_EQ(brief.id, ExperimentId{1});
    EXPECT_EQ(brief.parent, recorded.ledger().identity()->base);
    EXPECT_EQ(brief.proposer, "command");
    EXPECT_EQ(brief.move, Move::explore);
    EXPECT_EQ(brief.focus, "");
}

TEST(Policy, StartsFromTheChampion) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::kept, .effect = 0.1});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).parent, recorded.ledger().champion().commit);
}

TEST(Policy, SaysTheSameForTheSameLedger) {
    RecordedLedger recorded;
    record_a_night(recorded);
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()), plan(recorded.campaign(), recorded.ledger()));
}

TEST(Policy, ExploitsTheFileOfANearMiss) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::inconclusive, .file = "src/near.cpp", .effect = 0.01});
    recorded.record({.verdict = Verdict::regressed, .effect = -0.1});
    const Brief brief = plan(recorded.campaign(), recorded.ledger());
    EXPECT_EQ(brief.move, Move::exploit);
    EXPECT_EQ(brief.focus, "src/near.cpp");
}

TEST(Policy, ExploitsANearMissOnlyOnce) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::no_gain, .file = "src/near.cpp", .effect = 0.001});
    recorded.record(
        {.verdict = Verdict::regressed, .effect = -0.1, .move = Move::exploit, .focus = "src/near.cpp"});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::explore);
}

TEST(Policy, ForgetsANearMissOfLongAgo) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::inconclusive, .effect = 0.01});
    for (int i = 0; i < experiments_looked_back; ++i)
        recorded.record({.verdict = Verdict::regressed, .effect = -0.1});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::explore);
}

TEST(Policy, TakesNothingBelowZeroForANearMiss) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::inconclusive, .effect = -0.01});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::explore);
}

TEST(Policy, SimplifiesAfterEveryFourthKeptOne) {
    RecordedLedger recorded;
    for (int i = 0; i < 4; ++i)
        recorded.record({.verdict = Verdict::kept, .effect = 0.1});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::simplify);
    recorded.record({.verdict = Verdict::gate_failed});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::explore);
}

TEST(Policy, FocusesOnTheLeastTriedFileInScopeOrOnNone) {
    RecordedLedger recorded;
    for (int i = 0; i < 3; ++i)
        recorded.record({.verdict = Verdict::regressed, .file = "src/often.cpp"});
    recorded.record({.verdict = Verdict::regressed, .file = "src/rarely.cpp"});
    recorded.record({.verdict = Verdict::regressed, .file = "elsewhere/once.cpp"});
    recorded.record({.verdict = Verdict::regressed, .file = "src/often.cpp"});
    std::set<std::string> focuses;
    for (recorded.campaign().seed = 0; recorded.campaign().seed < 20; ++recorded.campaign().seed) {
        focuses.insert(plan(recorded.campaign(), recorded.ledger()).focus);
    }
    EXPECT_EQ(focuses, (std::set<std::string>{"", "src/rarely.cpp"}));
}

TEST(Policy, GivesEachExperimentASeedOfItsOwn) {
    RecordedLedger recorded;
    std::set<std::uint64_t> seeds;
    for (int i = 0; i < 20; ++i) {
        seeds.insert(plan(recorded.campaign(), recorded.ledger()).seed);
        recorded.record({.verdict = Verdict::gate_failed});
    }
    EXPECT_EQ(seeds.size(), 20U);
}

TEST(Policy, AsksToRepairWhatBreaksAgainAndAgainThenToLookElsewhere) {
    RecordedLedger recorded;
    for (int i = 0; i < 2; ++i)
        recorded.record({.verdict = Verdict::build_failed});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::explore);
    for (int i = 2; i < 6; ++i) {
        recorded.record({.verdict = Verdict::build_failed});
        const Brief brief = plan(recorded.campaign(), recorded.ledger());
        EXPECT_EQ(brief.move, i < 5 ? Move::repair : Move::explore) << i;
        EXPECT_EQ(brief.focus, i < 5 ? "" : "src/matmul.cpp") << i;
    }
}

TEST(Policy, HasNothingToRepairWhereNothingWasProposed) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::regressed, .file = "src/only.cpp", .effect = -0.1});
    for (int i = 0; i < 3; ++i)
        recorded.record({.verdict = Verdict::no_proposal, .file = ""});
    const Brief brief = plan(recorded.campaign(), recorded.ledger());
    EXPECT_EQ(brief.move, Move::explore);
    EXPECT_NE(brief.focus, "");
}

}  // namespace
}  // namespace ratchet
