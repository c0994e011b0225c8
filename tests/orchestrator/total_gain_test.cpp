#include "orchestrator/total_gain.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/orchestrator/recorded_ledger.hpp"

namespace ratchet {
namespace {

TEST(TotalGain, IsNothingWhileTheBaseIsChampion) {
    RecordedLedger recorded;
    EXPECT_FALSE(total_gain(recorded.ledger()));
}

TEST(TotalGain, AddsUpTheConfirmedSteps) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::kept, .effect = 0.3});
    recorded.record({.verdict = Verdict::regressed, .effect = -0.3});
    recorded.record({.verdict = Verdict::kept, .effect = 0.1});
    const auto total = total_gain(recorded.ledger());
    ASSERT_TRUE(total);
    EXPECT_FALSE(total->verified);
    EXPECT_EQ(total->steps, 2U);
    EXPECT_NEAR(total->effect.estimate, 0.4, 1e-12);
    EXPECT_NEAR(total->effect.high - total->effect.estimate, 0.01 * std::sqrt(2), 1e-12);
}

TEST(TotalGain, IsTheVerificationOfThisChampion) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::kept, .effect = 0.3});
    Verification verification;
    verification.base = recorded.ledger().identity()->base;
    verification.champion = recorded.ledger().champion().commit;
    verification.total = {0.2, 0.25, 0.3};
    verification.pairs = 20;
    recorded.ledger().add_verification(verification);
    EXPECT_TRUE(total_gain(recorded.ledger())->verified);
    EXPECT_EQ(total_gain(recorded.ledger())->effect, verification.total);
    recorded.record({.verdict = Verdict::kept, .effect = 0.1});
    EXPECT_FALSE(total_gain(recorded.ledger())->verified) << "it was of an earlier champion";
}

}  // namespace
}  // namespace ratchet
