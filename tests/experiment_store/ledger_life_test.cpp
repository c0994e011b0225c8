#include <gmock/gmock.h>

#include "ledger_fixture.hpp"

namespace ratchet::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ratchet::Pair full_pair() {
    ratchet::Pair one = pair(Phase::confirmation, 3, 10.25, 9.5);
    one.candidate_first = true;
    one.set_aside = "stolen time";
    one.at = Timestamp(std::chrono::milliseconds(1'800'000'123'456));
    one.champion.metrics = {{"peak_memory", 1e9}, {"größe", 3.25}};
    one.champion.figures = {1.5, 1.25, 0.125, 4096, 7, 512, 1024, 3, 2, 0.01, 123'456'789'012, 3'600'000};
    one.pressure_before = 0.25;
    one.waited_seconds = 1.5;
    one.candidate.figures = {1.25, 1.0, 0.25, 8192, 9, 0, 0, {}, 0, 0.02};
    return one;
}

Proposal full_proposal() {
    Proposal full = proposal();
    full.diff += std::string("binary \0 bytes \xff", 16);
    full.notes.expected_effect = "5 %";
    full.notes.risk = "none";
    full.notes.learned = "the cache is small";
    full.notes.next_ideas = {"unroll", "use floats", "unroll"};
    full.notes.origin = {{"block", "64"}, {"flags", "-O3"}};
    full.usage = {3, 1000, 200, 0.25, 12.5};
    full.failure = "exit status 1";
    full.refused = Rejection::too_large;
    full.files = {{"src/a b\n.cpp", 3, 4}, {"\xff\xfe", 0, 1}};
    return full;
}

TEST_F(LedgerTest, numbers_experiments_from_one_without_gaps) {
    EXPECT_EQ(begin(), ExperimentId{1});
    EXPECT_EQ(begin(), ExperimentId{2});
    EXPECT_EQ(ledger.experiment_count(), 2);
}

TEST_F(LedgerTest, keeps_the_brief_and_the_prompt) {
    Brief brief{{77}, commit(5), "replay", Move::combine, "src/a.cpp", 0xffffffffffffffffU};
    const ExperimentId id = ledger.begin(brief, "make it fast, please");
    brief.id = id;
    EXPECT_EQ(ledger.experiment(id)->brief, brief);
    EXPECT_EQ(ledger.prompt(id), "make it fast, please");
}

TEST_F(LedgerTest, keeps_why_the_brief_asked_for_its_move) {
    Brief brief{{1}, base, "command", Move::radical, "", 5, "40 experiments since the last kept one"};
    EXPECT_EQ(ledger.experiment(ledger.begin(brief, ""))->brief, brief);
    brief.reason.clear();
    brief.id = ledger.begin(brief, "");
    EXPECT_EQ(ledger.experiment(brief.id)->brief, brief);
}

TEST_F(LedgerTest, begins_a_test_of_not_worse_once_with_the_margin_that_it_began_with) {
    const ExperimentId gain = candidate();
    ledger.advance(gain, Stage::measured);
    EXPECT_EQ(ledger.experiment(gain)->margin_test, std::nullopt);
    for (const int number : {1, 2}) {
        const ExperimentId simpler = candidate();
        ledger.advance(simpler, Stage::measured, {}, 0.01);
        ledger.advance(simpler, Stage::built);
        ledger.advance(simpler, Stage::measured, {}, 0.02);  // as after a kill
        EXPECT_EQ(ledger.experiment(simpler)->margin_test, (MarginTest{number, 0.01}));
    }
    EXPECT_EQ(ledger.error_budget().margin_tests, 2);
}

TEST_F(LedgerTest, gives_a_proposal_back_as_it_came) {
    const ExperimentId id = begin();
    ledger.store_proposal(id, full_proposal());
    EXPECT_EQ(ledger.experiment(id)->proposal, full_proposal());
    EXPECT_EQ(ledger.origin(id), full_proposal().notes.origin);
}

TEST_F(LedgerTest, takes_a_proposal_only_once) {
    const ExperimentId id = begin();
    ledger.store_proposal(id, proposal());
    EXPECT_THROW(ledger.store_proposal(id, proposal()), MachineryError);
}

TEST_F(LedgerTest, keeps_candidate_and_tree) {
    const ExperimentId id = candidate(commit(9));
    const Experiment experiment = *ledger.experiment(id);
    EXPECT_EQ(experiment.stage, Stage::captured);
    EXPECT_EQ(experiment.candidate, commit(1));
    EXPECT_EQ(experiment.tree, tree(1));
    EXPECT_EQ(experiment.candidate_parent, commit(9));
}

TEST_F(LedgerTest, reads_the_last_candidate_of_one_that_was_rebased) {
    const ExperimentId id = candidate();
    ledger.captured(id, commit(8), tree(8), commit(7));
    EXPECT_EQ(ledger.experiment(id)->candidate, commit(8));
    EXPECT_EQ(ledger.experiment(id)->candidate_parent, commit(7));
    EXPECT_EQ(ledger.experiment(id)->brief.parent, base);
}

TEST_F(LedgerTest, keeps_runs_in_their_order) {
    const ExperimentId id = candidate();
    StageRun build = failed_run(Stage::built, "build", "cc\nok\n");
    build.succeeded = true;
    build.exit_status = 0;
    build.figures = {1, 2, 3, 4, 5, 6, 7};
    build.log_file = "1/build.log.zst";
    StageRun gate = failed_run(Stage::gated, "unit tests", "FAILED");
    gate.timed_out = true;
    gate.exit_status = 137;
    ledger.advance(id, Stage::built, {build});
    ledger.advance(id, Stage::built, {gate});
    EXPECT_THAT(ledger.experiment(id)->runs, ElementsAre(build, gate));
    EXPECT_EQ(ledger.experiment(id)->stage, Stage::built);
}

TEST_F(LedgerTest, stands_at_the_stage_that_was_reached_last) {
    const ExperimentId id = candidate();
    ledger.advance(id, Stage::measured);
    ledger.advance(id, Stage::built);
    EXPECT_EQ(ledger.experiment(id)->stage, Stage::built);
}

TEST_F(LedgerTest, does_not_advance_to_a_stage_that_has_its_own_call) {
    const ExperimentId id = begin();
    EXPECT_THROW(ledger.advance(id, Stage::proposed), MachineryError);
    EXPECT_THROW(ledger.advance(id, Stage::finished), MachineryError);
}

TEST_F(LedgerTest, counts_the_tests_in_the_order_of_reaching_measured) {
    const ExperimentId first = candidate();
    const ExperimentId second = candidate();
    ledger.advance(second, Stage::measured);
    ledger.advance(first, Stage::measured);
    ledger.advance(second, Stage::built);
    ledger.advance(second, Stage::measured);
    EXPECT_EQ(ledger.experiment(second)->test_number, 1);
    EXPECT_EQ(ledger.experiment(first)->test_number, 2);
    EXPECT_EQ(ledger.error_budget().tests, 2);
}

TEST_F(LedgerTest, gives_a_pair_back_as_it_was_taken) {
    const ExperimentId id = candidate();
    ledger.add_pair(id, full_pair());
    EXPECT_THAT(ledger.experiment(id)->pairs, ElementsAre(full_pair()));
}

TEST_F(LedgerTest, takes_each_pair_of_a_phase_once) {
    const ExperimentId id = candidate();
    ledger.add_pair(id, pair(Phase::search, 0));
    ledger.add_pair(id, pair(Phase::confirmation, 0));
    EXPECT_THROW(ledger.add_pair(id, pair(Phase::search, 0)), MachineryError);
    EXPECT_THAT(ledger.experiment(id)->pairs, SizeIs(2));
}

TEST_F(LedgerTest, reads_discarded_pairs_no_more_and_takes_their_indexes_again) {
    const ExperimentId id = candidate();
    ledger.add_pair(id, pair(Phase::search, 0, 10, 9));
    ledger.add_pair(id, pair(Phase::search, 1, 10, 9));
    ledger.discard_pairs(id, "the champion moved");
    EXPECT_THAT(ledger.experiment(id)->pairs, IsEmpty());
    ledger.add_pair(id, pair(Phase::search, 0, 10, 8));
    ASSERT_THAT(ledger.experiment(id)->pairs, SizeIs(1));
    EXPECT_EQ(ledger.experiment(id)->pairs[0].candidate.value, 8);
}

TEST_F(LedgerTest, keeps_the_decision) {
    const ExperimentId id = candidate();
    Decision full = decision(Verdict::rejected, 0.07);
    full.rejection = Rejection::duplicate;
    full.basis = Basis::screen;
    full.e_value = 123.5;
    full.pairs = 17;
    full.duplicate_of = ExperimentId{0};
    clock.tick();
    ledger.finish(id, full, base);
    const Experiment experiment = *ledger.experiment(id);
    EXPECT_EQ(experiment.decision, full);
    EXPECT_EQ(experiment.stage, Stage::finished);
    EXPECT_EQ(experiment.finished_at, clock.now());
    EXPECT_EQ(experiment.started_at, clock.now() - std::chrono::seconds(1));
}

TEST_F(LedgerTest, changes_nothing_of_a_finished_experiment) {
    const ExperimentId id = finished(Verdict::no_gain);
    EXPECT_THROW(ledger.finish(id, decision(Verdict::regressed), base), MachineryError);
    EXPECT_THROW(ledger.add_pair(id, pair(Phase::search, 0)), MachineryError);
    EXPECT_THROW(ledger.advance(id, Stage::built), MachineryError);
    EXPECT_THROW(ledger.discard_pairs(id, "why"), MachineryError);
    EXPECT_THROW(ledger.captured(id, commit(5), tree(5)), MachineryError);
    EXPECT_EQ(ledger.experiment(id)->decision, decision(Verdict::no_gain));
}

TEST_F(LedgerTest, lists_complete_unfinished_experiments_oldest_first) {
    const ExperimentId first = candidate();
    finished(Verdict::no_gain);
    const ExperimentId third = begin();
    ledger.advance(first, Stage::gated, {failed_run(Stage::built, "build", "")});
    ledger.add_pair(first, pair(Phase::search, 0));
    const std::vector<Experiment> unfinished = ledger.unfinished();
    ASSERT_THAT(unfinished, SizeIs(2));
    EXPECT_EQ(unfinished[0].brief.id, first);
    EXPECT_TRUE(unfinished[0].proposal);
    EXPECT_THAT(unfinished[0].runs, SizeIs(1));
    EXPECT_THAT(unfinished[0].pairs, SizeIs(1));
    EXPECT_EQ(unfinished[1].brief.id, third);
}

TEST_F(LedgerTest, knows_no_experiment_that_was_not_begun) {
    EXPECT_FALSE(ledger.experiment({1}));
    EXPECT_EQ(ledger.prompt({1}), "");
    EXPECT_THROW(ledger.store_proposal({1}, proposal()), MachineryError);
}

TEST(Ledger, begins_no_experiment_without_an_epoch) {
    const HandClock clock;
    Ledger ledger(":memory:", clock);
    ledger.found(identity());
    EXPECT_THROW(ledger.begin(Brief{}, ""), MachineryError);
}

}  // namespace
}  // namespace ratchet::test
