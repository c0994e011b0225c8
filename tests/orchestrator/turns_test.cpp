#include "orchestrator/turns.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/briefing/streak.hpp"
#include "tests/orchestrator/recorded_ledger.hpp"

namespace ratchet {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class NothingLeft final : public Proposer {
  public:
    explicit NothingLeft(bool exhausted) : exhausted_(exhausted) {}
    ProposerAnswer propose(const Assignment&, Worktree&, const StopSignal&) override { return {}; }
    [[nodiscard]] bool exhausted() const override { return exhausted_; }

  private:
    bool exhausted_;
};

ProposerSettings turn_taker(const std::string& name, const std::string& use = "command") {
    ProposerSettings proposer;
    proposer.use = use;
    proposer.name = name;
    proposer.backoff = seconds(10);
    return proposer;
}

class TurnsOfTwo : public ::testing::Test {
  protected:
    TurnsOfTwo() {
        recorded.campaign().proposer = turn_taker("one");
        recorded.campaign().further_proposers = {turn_taker("two")};
    }

    Turn next(const Turns& turns) {
        const Proposers proposers(recorded.campaign(), [&](const Campaign& seen) {
            return std::make_unique<NothingLeft>(seen.proposer.name == exhausted);
        });
        return turns.next(proposers, now);
    }

    void came_to_nothing(const std::string& name, const std::string& why = "exit status 1") {
        Told told{.verdict = Verdict::no_proposal, .reason = why};
        told.proposer = name;
        recorded.record(told);
    }

    RecordedLedger recorded;
    std::string exhausted;
    Turns::Now now;
};

TEST_F(TurnsOfTwo, LetEverybodyBeAskedInTheBeginning) {
    const Turns turns(recorded.campaign(), recorded.ledger(), {});
    const Turn turn = next(turns);
    EXPECT_THAT(turn.passed_over, IsEmpty());
    EXPECT_FALSE(turn.rest);
    EXPECT_EQ(turn.end, "");
}

TEST_F(TurnsOfTwo, PassOverWhoCameToNothingUntilItsOwnWaitIsOver) {
    Turns turns(recorded.campaign(), recorded.ledger(), {});
    came_to_nothing("one", "connection refused");
    turns.ended("one", {}, now);
    const Turn turn = next(turns);
    ASSERT_EQ(turn.passed_over.count("one"), 1U);
    EXPECT_THAT(turn.passed_over.at("one"), HasSubstr("connection refused"));
    EXPECT_EQ(turn.passed_over.count("two"), 0U) << "nobody else is kept from being asked";
    EXPECT_FALSE(turn.rest);
    now += minutes(1);
    EXPECT_THAT(next(turns).passed_over, IsEmpty());
}

TEST_F(TurnsOfTwo, WaitWhereAllRestForTheFirstToComeBack) {
    Turns turns(recorded.campaign(), recorded.ledger(), {});
    came_to_nothing("one");
    turns.ended("one", minutes(5), now);
    came_to_nothing("two", "rate limited");
    turns.ended("two", {}, now);
    const Turn turn = next(turns);
    ASSERT_TRUE(turn.rest);
    EXPECT_LE(*turn.rest, seconds(13));
    EXPECT_EQ(turn.rest_reason, "rate limited");
    EXPECT_EQ(turn.end, "");
}

TEST_F(TurnsOfTwo, WaitTwiceAsLongEachTimeForEachByItself) {
    Turns turns(recorded.campaign(), recorded.ledger(), {});
    for (int i = 0; i < 3; ++i) {
        came_to_nothing("one");
        turns.ended("one", {}, now);
    }
    came_to_nothing("two");
    turns.ended("two", {}, now);
    now += seconds(14);
    const Turn turn = next(turns);
    EXPECT_EQ(turn.passed_over.count("one"), 1U) << "40 s, a quarter more or less";
    EXPECT_EQ(turn.passed_over.count("two"), 0U) << "10 s";
}

TEST_F(TurnsOfTwo, ForgetAFailureOnceItProposesAgain) {
    Turns turns(recorded.campaign(), recorded.ledger(), {});
    came_to_nothing("one");
    turns.ended("one", {}, now);
    Told told{.verdict = Verdict::regressed, .effect = -0.1};
    told.proposer = "one";
    recorded.record(told);
    turns.ended("one", {}, now);
    EXPECT_THAT(next(turns).passed_over, IsEmpty());
}

TEST_F(TurnsOfTwo, AskNobodyWhoFailedOverAndOver) {
    const Turns turns(recorded.campaign(), recorded.ledger(), {});
    for (int i = 0; i < streak_that_pauses; ++i)
        came_to_nothing("one");
    const Turn turn = next(turns);
    EXPECT_EQ(turn.passed_over.at("one"), "the last 12 proposals came to nothing: exit status 1");
    EXPECT_EQ(turn.end, "");
    EXPECT_FALSE(turn.keeps_failing) << "the other one is left";
    for (int i = 0; i < streak_that_pauses; ++i)
        came_to_nothing("two");
    const Turn last = next(turns);
    EXPECT_TRUE(last.keeps_failing);
    EXPECT_THAT(last.end, HasSubstr("two: the last 12 proposals came to nothing"));
}

TEST_F(TurnsOfTwo, CountNothingFromBeforeThisRun) {
    for (int i = 0; i < streak_that_pauses; ++i)
        came_to_nothing("one");
    const Turns turns(recorded.campaign(), recorded.ledger(), ExperimentId{streak_that_pauses});
    EXPECT_THAT(next(turns).passed_over, IsEmpty());
}

TEST_F(TurnsOfTwo, EndWhereOneHasNothingLeftAndTheOtherWouldPassTheBudget) {
    recorded.campaign().budget.allowance.cost = 1;
    exhausted = "one";
    Told told{.verdict = Verdict::regressed, .effect = -0.1};
    told.proposer = "two";
    told.usage.cost = 0.6;
    recorded.record(told);
    const Turns turns(recorded.campaign(), recorded.ledger(), {});
    const Turn turn = next(turns);
    EXPECT_FALSE(turn.keeps_failing);
    EXPECT_EQ(turn.end,
              "one: the proposer has nothing left to propose; two: the next proposal would pass budget.cost: "
              "$0.60 of "
              "$1.00 are used, and one takes up to $0.60");
}

TEST_F(TurnsOfTwo, SayWithoutANameWhyTheOnlyOneIsNotAsked) {
    recorded.campaign().further_proposers.clear();
    exhausted = "one";
    const Turns turns(recorded.campaign(), recorded.ledger(), {});
    EXPECT_EQ(next(turns).end, "the proposer has nothing left to propose");
}

TEST_F(TurnsOfTwo, LetPatchesAndKnobsFailWithoutAWait) {
    recorded.campaign().proposer = turn_taker("one", "replay");
    Turns turns(recorded.campaign(), recorded.ledger(), {});
    came_to_nothing("one");
    turns.ended("one", {}, now);
    EXPECT_THAT(next(turns).passed_over, IsEmpty());
    for (int i = 0; i < 4; ++i)
        came_to_nothing("one");
    EXPECT_EQ(next(turns).passed_over.at("one"), "the last 5 proposals came to nothing: exit status 1");
}

}  // namespace
}  // namespace ratchet
