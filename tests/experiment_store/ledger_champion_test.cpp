#include <gmock/gmock.h>

#include <cmath>

#include "ledger_fixture.hpp"

namespace ratchet::test {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::vector<CommitId> commits(const std::vector<Champion>& champions) {
    std::vector<CommitId> result;
    for (const Champion& champion : champions)
        result.push_back(champion.commit);
    return result;
}

TEST_F(LedgerTest, begins_with_the_base_as_champion) {
    EXPECT_EQ(ledger.champion().commit, base);
    EXPECT_FALSE(ledger.champion().experiment);
    EXPECT_FALSE(ledger.champion().effect);
    EXPECT_THAT(commits(ledger.lineage()), ElementsAre(base));
}

TEST_F(LedgerTest, makes_a_kept_candidate_the_champion_with_its_effect) {
    const ExperimentId id = finished(Verdict::kept, base, proposal(), 0.05);
    EXPECT_EQ(ledger.champion().commit, commit(1));
    EXPECT_EQ(ledger.champion().experiment, id);
    EXPECT_EQ(ledger.champion().effect, decision(Verdict::kept, 0.05).effect);
}

/// Kept as not worse, with an interval of 0.01 on either side.
ExperimentId kept_as_simpler(Ledger& ledger, ExperimentId id, double estimate) {
    Decision simpler = decision(Verdict::kept, estimate);
    simpler.basis = Basis::not_worse;
    ledger.finish(id, simpler, ledger.champion().commit);
    return id;
}

TEST_F(LedgerTest, counts_what_was_kept_as_not_worse_apart_from_gains) {
    finished(Verdict::kept, base, proposal(), 0.05);
    kept_as_simpler(ledger, candidate(), 0.001);
    EXPECT_EQ(ledger.error_budget().kept, 1);
    EXPECT_EQ(ledger.error_budget().kept_not_worse, 1);
    EXPECT_EQ(ledger.champion().commit, commit(2));
}

TEST_F(LedgerTest, sums_up_what_was_given_away_since_the_champion_was_verified) {
    kept_as_simpler(ledger, candidate(), -0.002);
    kept_as_simpler(ledger, candidate(), 0.02);  // its interval lies above zero
    const ExperimentId last = kept_as_simpler(ledger, candidate(), 0.004);
    EXPECT_NEAR(ledger.error_budget().given_away, 0.012 + 0.006, 1e-12);
    ledger.veto(last, "unreadable");
    EXPECT_NEAR(ledger.error_budget().given_away, 0.012, 1e-12);
    clock.tick();
    Verification verification;
    verification.at = clock.now();
    ledger.add_verification(verification);
    EXPECT_EQ(ledger.error_budget().given_away, 0);
    clock.tick();
    kept_as_simpler(ledger, candidate(), 0);
    EXPECT_NEAR(ledger.error_budget().given_away, 0.01, 1e-12);
}

TEST_F(LedgerTest, leaves_the_champion_where_nothing_was_kept) {
    finished(Verdict::no_gain);
    finished(Verdict::regressed);
    EXPECT_EQ(ledger.champion().commit, base);
}

TEST_F(LedgerTest, refuses_to_keep_what_was_measured_against_an_earlier_champion) {
    const ExperimentId late = candidate();
    finished(Verdict::kept);
    EXPECT_THROW(ledger.finish(late, decision(Verdict::kept), base), ChampionMoved);
    EXPECT_EQ(ledger.champion().commit, commit(2));
    EXPECT_EQ(ledger.experiment(late)->stage, Stage::captured);
    EXPECT_EQ(ledger.error_budget().kept, 1);
}

TEST_F(LedgerTest, records_what_was_not_kept_whoever_is_champion) {
    const ExperimentId late = candidate();
    finished(Verdict::kept);
    ledger.finish(late, decision(Verdict::no_gain), base);
    EXPECT_EQ(ledger.experiment(late)->decision->verdict, Verdict::no_gain);
}

TEST_F(LedgerTest, keeps_nothing_without_a_candidate_commit) {
    const ExperimentId id = begin();
    EXPECT_THROW(ledger.finish(id, decision(Verdict::kept), base), MachineryError);
}

TEST_F(LedgerTest, shows_the_lineage_from_base_to_champion) {
    finished(Verdict::kept, base, proposal(), 0.05);
    finished(Verdict::no_gain, commit(1));
    finished(Verdict::kept, commit(1), proposal(), 0.02);
    const std::vector<Champion> lineage = ledger.lineage();
    EXPECT_THAT(commits(lineage), ElementsAre(base, commit(1), commit(3)));
    EXPECT_EQ(lineage[2].experiment, ExperimentId{3});
    EXPECT_EQ(lineage[2].effect->estimate, 0.02);
}

TEST_F(LedgerTest, follows_a_rebased_candidate_to_its_new_parent) {
    const ExperimentId rebased = candidate();
    finished(Verdict::kept);
    ledger.captured(rebased, commit(9), tree(9), commit(2));
    ledger.finish(rebased, decision(Verdict::kept), commit(2));
    EXPECT_THAT(commits(ledger.lineage()), ElementsAre(base, commit(2), commit(9)));
}

TEST_F(LedgerTest, follows_the_lineage_through_a_candidate_that_was_never_champion) {
    finished(Verdict::kept);
    finished(Verdict::inconclusive, commit(1));
    finished(Verdict::kept, commit(2));
    EXPECT_THAT(commits(ledger.lineage()), ElementsAre(base, commit(1), commit(3)));
}

TEST_F(LedgerTest, sums_up_the_steps_of_the_champion) {
    EXPECT_EQ(ledger.step_sum().steps, 0);
    finished(Verdict::kept, base, proposal(), 0.05);
    finished(Verdict::inconclusive, commit(1), proposal(), 0.5);
    finished(Verdict::kept, commit(2), proposal(), 0.02);
    EXPECT_EQ(ledger.step_sum().steps, 2);
    EXPECT_EQ(ledger.step_sum().estimate, 0.05 + 0.02);
    const Interval step = *ledger.champion().effect;
    EXPECT_DOUBLE_EQ(ledger.step_sum().below, 2 * std::pow(step.estimate - step.low, 2));
    EXPECT_DOUBLE_EQ(ledger.step_sum().above, 2 * std::pow(step.high - step.estimate, 2));
}

TEST_F(LedgerTest, takes_a_vetoed_step_out_of_the_sum) {
    finished(Verdict::kept, base, proposal(), 0.05);
    const ExperimentId second = finished(Verdict::kept, commit(1), proposal(), 0.02);
    ledger.veto(second, "");
    EXPECT_EQ(ledger.step_sum().estimate, 0.05);
    ledger.veto({1}, "");
    EXPECT_EQ(ledger.step_sum().steps, 0);
}

TEST_F(LedgerTest, shows_the_newest_steps_without_the_older_ones) {
    finished(Verdict::kept);
    finished(Verdict::inconclusive, commit(1));
    finished(Verdict::kept, commit(2));
    finished(Verdict::kept, commit(3));
    EXPECT_THAT(commits(ledger.newest_steps(2)), ElementsAre(commit(4), commit(3)));
    EXPECT_THAT(commits(ledger.newest_steps(std::nullopt)), ElementsAre(commit(4), commit(3), commit(1)));
}

TEST_F(LedgerTest, returns_to_the_one_before_when_the_champion_is_vetoed) {
    finished(Verdict::kept);
    const ExperimentId second = finished(Verdict::kept, commit(1));
    EXPECT_EQ(ledger.veto(second, "breaks on ARM").commit, commit(1));
    EXPECT_EQ(ledger.champion().commit, commit(1));
    EXPECT_EQ(ledger.champion().experiment, ExperimentId{1});
    EXPECT_THAT(commits(ledger.lineage()), ElementsAre(base, commit(1)));
}

TEST_F(LedgerTest, returns_to_the_base_when_all_stands_on_a_vetoed_one) {
    const ExperimentId first = finished(Verdict::kept);
    finished(Verdict::kept, commit(1));
    finished(Verdict::kept, commit(2));
    EXPECT_EQ(ledger.veto(first, "it cheats").commit, base);
    EXPECT_THAT(commits(ledger.lineage()), ElementsAre(base));
}

TEST_F(LedgerTest, takes_back_all_that_stands_on_a_vetoed_one) {
    finished(Verdict::kept);
    const ExperimentId second = finished(Verdict::kept, commit(1));
    finished(Verdict::kept, commit(2));
    finished(Verdict::kept, commit(3));
    EXPECT_EQ(ledger.veto(second, "it cheats").commit, commit(1));
}

TEST_F(LedgerTest, keeps_the_champion_when_a_vetoed_one_is_not_in_its_lineage) {
    const ExperimentId first = finished(Verdict::kept);
    const ExperimentId second = finished(Verdict::kept, commit(1));
    ledger.veto(first, "it cheats");
    finished(Verdict::kept, base);
    EXPECT_EQ(ledger.veto(second, "this one too").commit, commit(3));
    EXPECT_EQ(ledger.champion().commit, commit(3));
}

TEST_F(LedgerTest, sees_a_vetoed_ancestor_through_one_that_was_never_champion) {
    const ExperimentId first = finished(Verdict::kept);
    finished(Verdict::inconclusive, commit(1));
    finished(Verdict::kept, commit(2));
    EXPECT_EQ(ledger.veto(first, "it cheats").commit, base);
}

TEST_F(LedgerTest, moves_the_champion_on_a_veto_so_that_what_was_in_flight_is_measured_again) {
    const ExperimentId first = finished(Verdict::kept);
    const ExperimentId in_flight = candidate(commit(1));
    ledger.veto(first, "it cheats");
    EXPECT_THROW(ledger.finish(in_flight, decision(Verdict::kept), commit(1)), ChampionMoved);
}

TEST_F(LedgerTest, vetoes_only_what_was_kept_and_only_once) {
    const ExperimentId kept = finished(Verdict::kept);
    const ExperimentId failed = finished(Verdict::no_gain, commit(1));
    const ExperimentId open = candidate(commit(1));
    EXPECT_THROW(ledger.veto(failed, ""), UserError);
    EXPECT_THROW(ledger.veto(open, ""), UserError);
    EXPECT_THROW(ledger.veto({77}, ""), UserError);
    ledger.veto(kept, "");
    EXPECT_THROW(ledger.veto(kept, ""), UserError);
}

TEST_F(LedgerTest, reads_a_vetoed_one_as_vetoed_with_the_reason) {
    const ExperimentId id = finished(Verdict::kept, base, proposal(), 0.05);
    ledger.veto(id, "breaks on ARM");
    const Experiment experiment = *ledger.experiment(id);
    EXPECT_TRUE(experiment.vetoed);
    EXPECT_EQ(experiment.decision->verdict, Verdict::vetoed);
    EXPECT_EQ(experiment.decision->reason, "breaks on ARM");
    EXPECT_EQ(experiment.decision->effect->estimate, 0.05);
    EXPECT_TRUE(ledger.summaries({}).at(0).vetoed);
    EXPECT_EQ(ledger.summaries({}).at(0).decision, experiment.decision);
}

TEST_F(LedgerTest, gives_no_error_budget_back_for_a_veto) {
    const ExperimentId id = finished(Verdict::kept);
    ledger.veto(id, "");
    EXPECT_EQ(ledger.error_budget().kept, 1);
    EXPECT_THAT(ledger.tally(), ElementsAre(Pair(Verdict::vetoed, 1)));
}

}  // namespace
}  // namespace ratchet::test
