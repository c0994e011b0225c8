#include <gmock/gmock.h>

#include <cmath>

#include "ledger_fixture.hpp"

namespace ratchet::test {
namespace {

using ::testing::SizeIs;

TEST_F(LedgerTest, keeps_the_identity_of_the_campaign) {
    const CampaignIdentity kept = *ledger.identity();
    const CampaignIdentity given = identity();
    EXPECT_EQ(kept.name, given.name);
    EXPECT_EQ(kept.metric, given.metric);
    EXPECT_EQ(kept.unit, given.unit);
    EXPECT_EQ(kept.direction, given.direction);
    EXPECT_EQ(kept.scale, given.scale);
    EXPECT_EQ(kept.seed, given.seed);
    EXPECT_EQ(kept.base, given.base);
    EXPECT_EQ(kept.base_tree, given.base_tree);
    EXPECT_EQ(kept.budgeted, given.budgeted);
    EXPECT_EQ(kept.goal, given.goal);
    EXPECT_EQ(kept.created_at, given.created_at);
}

TEST_F(LedgerTest, is_founded_once) {
    EXPECT_THROW(ledger.found(identity()), MachineryError);
}

TEST(Ledger, knows_neither_campaign_nor_champion_before_it_is_founded) {
    const HandClock clock;
    Ledger ledger(":memory:", clock);
    EXPECT_FALSE(ledger.identity());
    EXPECT_FALSE(ledger.epoch());
    EXPECT_THROW(static_cast<void>(ledger.champion()), MachineryError);
}

TEST_F(LedgerTest, numbers_epochs_from_one_and_shows_the_last) {
    EXPECT_EQ(ledger.epoch()->id, 1);
    clock.tick();
    EXPECT_EQ(ledger.begin_epoch("other", "[benchmark]\n", commit(4)), 2);
    EXPECT_EQ(ledger.epoch()->id, 2);
    EXPECT_EQ(ledger.epoch()->harness_hash, "other");
    EXPECT_EQ(ledger.epoch()->campaign_file, "[benchmark]\n");
    EXPECT_EQ(ledger.epoch()->commit, commit(4));
    EXPECT_EQ(ledger.epoch()->started_at, clock.now());
}

TEST_F(LedgerTest, marks_an_experiment_with_the_epoch_in_which_it_began) {
    const ExperimentId first = begin();
    ledger.begin_epoch("other", "", base);
    EXPECT_EQ(ledger.experiment(first)->epoch, 1);
    EXPECT_EQ(ledger.experiment(begin())->epoch, 2);
}

TEST_F(LedgerTest, says_why_the_last_session_ended) {
    EXPECT_EQ(ledger.last_session_end(), "");
    const std::int64_t first = ledger.begin_session("host", 17);
    ledger.end_session(first, "the budget is spent");
    EXPECT_EQ(ledger.last_session_end(), "the budget is spent");
    EXPECT_EQ(ledger.begin_session("host", 18), first + 1);
    EXPECT_EQ(ledger.last_session_end(), "");
}

TEST_F(LedgerTest, shows_the_latest_calibration) {
    EXPECT_FALSE(ledger.latest_calibration());
    CalibrationRecord record;
    record.epoch = 1;
    record.host = "a";
    ledger.add_calibration(record);
    record = {0, 1, "b", commit(3), true, {0.01, -0.02, 0.0}, 12.5, 0.75, clock.now()};
    ledger.add_calibration(record);
    const CalibrationRecord latest = *ledger.latest_calibration();
    EXPECT_EQ(latest.id, 2);
    EXPECT_EQ(latest.epoch, 1);
    EXPECT_EQ(latest.host, "b");
    EXPECT_EQ(latest.champion, commit(3));
    EXPECT_TRUE(latest.deterministic);
    EXPECT_EQ(latest.differences, record.differences);
    EXPECT_EQ(latest.champion_value, 12.5);
    EXPECT_EQ(latest.run_seconds, 0.75);
    EXPECT_EQ(latest.at, clock.now());
}

TEST_F(LedgerTest, shows_the_latest_canary) {
    EXPECT_FALSE(ledger.latest_canary());
    ledger.add_canary({1, "a", base, "patch", {-0.3, -0.2, 0.1}, 8, false, clock.now()});
    ledger.add_canary({1, "b", base, "command", {-0.5, -0.4, -0.3}, 1, true, clock.now()});
    const CanaryRecord latest = *ledger.latest_canary();
    EXPECT_EQ(latest.epoch, 1);
    EXPECT_EQ(latest.host, "b");
    EXPECT_EQ(latest.base, base);
    EXPECT_EQ(latest.sabotage, "command");
    EXPECT_EQ(latest.effect, (Interval{-0.5, -0.4, -0.3}));
    EXPECT_EQ(latest.pairs, 1);
    EXPECT_TRUE(latest.seen);
    EXPECT_EQ(latest.at, clock.now());
}

TEST_F(LedgerTest, shows_the_latest_verification) {
    EXPECT_FALSE(ledger.latest_verification());
    ledger.add_verification({base, commit(1), {0.1, 0.2, 0.3}, 5, "a", clock.now()});
    ledger.add_verification({base, commit(2), {0.4, 0.5, 0.6}, 7, "b", clock.now()});
    const Verification latest = *ledger.latest_verification();
    EXPECT_EQ(latest.champion, commit(2));
    EXPECT_EQ(latest.total, (Interval{0.4, 0.5, 0.6}));
    EXPECT_EQ(latest.pairs, 7);
    EXPECT_EQ(latest.host, "b");
    EXPECT_EQ(latest.at, clock.now());
}

TEST_F(LedgerTest, tells_what_each_step_of_a_champion_was_worth_in_this_epoch) {
    const ExperimentId step = finished(Verdict::kept);
    const LeaveOneOut carries{1,  commit(1), step,       StepWorth::carries, "", Interval{0.1, 0.2, 0.3},
                              10, "a",       clock.now()};
    const LeaveOneOut needed{1,  commit(1), step, StepWorth::needed, "gate check fails",
                             {}, 0,         "a",  clock.now()};
    ledger.add_leave_one_out(carries);
    ledger.add_leave_one_out(needed);
    EXPECT_EQ(ledger.leave_one_out(commit(1)), (std::vector{carries, needed}));
    EXPECT_TRUE(ledger.leave_one_out(commit(2)).empty());
    ledger.begin_epoch("another harness", "", base);
    EXPECT_TRUE(ledger.leave_one_out(commit(1)).empty()) << "another benchmark measures another worth";
}

TEST_F(LedgerTest, lists_notes_newest_first) {
    ledger.add_note("look at the cache");
    clock.tick();
    ledger.add_note("leave the parser alone");
    ASSERT_THAT(ledger.notes(), SizeIs(2));
    EXPECT_EQ(ledger.notes()[0].text, "leave the parser alone");
    EXPECT_EQ(ledger.notes()[0].at, clock.now());
    EXPECT_EQ(ledger.notes()[1].text, "look at the cache");
}

TEST_F(LedgerTest, refuses_a_value_that_is_not_a_number) {
    const ExperimentId id = candidate();
    EXPECT_THROW(ledger.add_pair(id, pair(Phase::search, 0, std::nan(""))), MachineryError);
    EXPECT_TRUE(ledger.experiment(id)->pairs.empty());
}

}  // namespace
}  // namespace ratchet::test
