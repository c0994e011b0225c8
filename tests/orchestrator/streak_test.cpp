#include "orchestrator/briefing/streak.hpp"

#include <gtest/gtest.h>

#include "tests/orchestrator/recorded_ledger.hpp"

namespace ratchet {
namespace {

TEST(Streak, CountsTheNewestThatFailedInTheSameWay) {
    RecordedLedger recorded;
    EXPECT_EQ(failure_streak(recorded.ledger(), 5).length, 0);
    recorded.record({.verdict = Verdict::build_failed});
    recorded.record({.verdict = Verdict::gate_failed});
    recorded.record({.verdict = Verdict::gate_failed, .reason = "the newest"});
    recorded.begin();
    const Streak streak = failure_streak(recorded.ledger(), 5);
    EXPECT_EQ(streak.length, 2);
    EXPECT_EQ(streak.kind, "gate-failed");
    EXPECT_EQ(streak.reason, "the newest");
}

TEST(Streak, EndsWithWhatWasMeasured) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::gate_failed});
    recorded.record({.verdict = Verdict::regressed, .effect = -0.1});
    EXPECT_EQ(failure_streak(recorded.ledger(), 5).length, 0);
    recorded.record({.verdict = Verdict::gate_failed});
    EXPECT_EQ(failure_streak(recorded.ledger(), 5).length, 1);
}

TEST(Streak, LooksNoFurtherThanItIsTold) {
    RecordedLedger recorded;
    for (int i = 0; i < 6; ++i)
        recorded.record({.verdict = Verdict::no_proposal});
    EXPECT_EQ(failure_streak(recorded.ledger(), 4).length, 4);
    EXPECT_EQ(failure_streak(recorded.ledger(), 9, ExperimentId{4}).length, 2);
    EXPECT_EQ(failure_streak(recorded.ledger(), 9).kind, "nothing");
}

}  // namespace
}  // namespace ratchet
