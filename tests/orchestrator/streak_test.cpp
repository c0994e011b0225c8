#include "orchestrator/briefing/streak.hpp"

#include <gtest/gtest.h>

#include "tests/orchestrator/recorded_ledger.hpp"

namespace ratchet {
namespace {

using std::chrono::minutes;

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

TEST(Backoff, DoublesUpToAQuarterOfAnHour) {
    constexpr std::uint64_t middle = 512;  // hardly more or less
    const auto wait = [](int failures) {
        return backoff(failures, Seconds(10), middle, std::nullopt).count();
    };
    EXPECT_EQ(wait(0), 0);
    EXPECT_NEAR(wait(1), 10, 0.1);
    EXPECT_NEAR(wait(2), 20, 0.1);
    EXPECT_NEAR(wait(5), 160, 0.1);
    EXPECT_NEAR(wait(8), 900, 1);
    EXPECT_NEAR(wait(1'000'000), 900, 1);
}

TEST(Backoff, DiffersByChanceByAQuarter) {
    double least = 1e9;
    double most = 0;
    for (std::uint64_t seed = 0; seed < 1024; ++seed) {
        const double wait = backoff(1, Seconds(100), seed, std::nullopt).count();
        least = std::min(least, wait);
        most = std::max(most, wait);
    }
    EXPECT_DOUBLE_EQ(least, 75);
    EXPECT_DOUBLE_EQ(most, 125);
}

TEST(Backoff, WaitsAsLongAsItWasAskedTo) {
    EXPECT_EQ(backoff(1, Seconds(1), 0, Seconds(3600)), Seconds(3600));
    EXPECT_EQ(backoff(1, Seconds(1), 0, Seconds(1e9)), Seconds(6 * 3600))
        << "but a person wants to know by then";
    EXPECT_GT(backoff(9, Seconds(10), 0, Seconds(1)), Seconds(600));
    EXPECT_EQ(backoff(5, Seconds(0), 7, std::nullopt), Seconds(0));
}

TEST(Backoff, FindsWhatWasAskedForInWhatWasPrinted) {
    EXPECT_EQ(retry_after_of("HTTP/1.1 429\r\nRetry-After: 20\r\n"), Seconds(20));
    EXPECT_EQ(retry_after_of("{\"error\": {\"retry_after\": 7}}"), Seconds(7));
    EXPECT_EQ(retry_after_of("retry after 90s"), Seconds(90));
    EXPECT_EQ(retry_after_of("retry-after: 1\nretry-after: 2"), Seconds(2)) << "the last one counts";
    EXPECT_EQ(retry_after_of("retry-after: Wed, 21 Oct 2026 07:28:00 GMT"), std::nullopt);
    EXPECT_EQ(retry_after_of("retry-after"), std::nullopt);
    EXPECT_EQ(retry_after_of(""), std::nullopt);
    EXPECT_EQ(retry_after_of("retry-after: 99999999999999999999"), Seconds(999'999'999));
}

}  // namespace
}  // namespace ratchet
