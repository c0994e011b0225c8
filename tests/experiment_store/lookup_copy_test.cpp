#include "experiment_store/lookup_copy.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "experiment_store/fact_tables.hpp"
#include "experiment_store/schema.hpp"
#include "tests/experiment_store/ledger_fixture.hpp"

namespace ratchet::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

/// All that counts of two experiments.
void expect_alike(const std::optional<Experiment>& one, const std::optional<Experiment>& other) {
    ASSERT_TRUE(one && other);
    EXPECT_EQ(one->brief, other->brief);
    EXPECT_EQ(one->stage, other->stage);
    EXPECT_EQ(one->proposal, other->proposal);
    EXPECT_EQ(one->candidate, other->candidate);
    EXPECT_EQ(one->runs, other->runs);
    EXPECT_EQ(one->pairs, other->pairs);
    EXPECT_EQ(one->decision, other->decision);
    EXPECT_EQ(one->finished_at, other->finished_at);
}

class LookupCopyTest : public LedgerTest {
  protected:
    /// What a reader finds in the copy.
    Ledger caught_up() {
        copy.catch_up(ledger);
        return Ledger(folder.file(), clock, Ledger::Mode::read_only);
    }

    /// Every byte of the copy, as somebody finds it who looks past SQLite.
    [[nodiscard]] std::string bytes() const {
        std::string all;
        for (const char* part : {"", "-wal"}) {
            std::ifstream stream(folder.file().string() + part, std::ios::binary);
            all.append(std::istreambuf_iterator<char>(stream), {});
        }
        return all;
    }

    /// One that won on the benchmark and lost on the held-out one, as the evaluator leaves it.
    ExperimentId lost_on_holdout() {
        const ExperimentId id = candidate();
        ledger.add_pair(id, pair(Phase::search, 0));
        ledger.add_pair(id, pair(Phase::holdout, 0, 7777, 8888));
        Decision lost = decision(Verdict::holdout_failed, 0.25);
        lost.reason = "better on the benchmark, worse on the held-out one";
        lost.basis = Basis::evidence;
        lost.e_value = 300;
        ledger.finish(id, lost, base);
        return id;
    }

    TemporaryFolder folder;
    LookupCopy copy{folder.file(), clock};
};

TEST_F(LookupCopyTest, has_the_finished_experiments_and_no_other) {
    finished(Verdict::kept, base, proposal("block the loops"), 0.1);
    candidate();

    const Ledger read = caught_up();

    EXPECT_EQ(read.experiment_count(), 1);
    expect_alike(read.experiment({1}), ledger.experiment({1}));
    EXPECT_EQ(read.champion().commit, commit(1));
    EXPECT_THAT(read.search("loops", 5), SizeIs(1));
    EXPECT_EQ(read.map(5).size(), 1U);
    EXPECT_EQ(read.identity()->metric, "time_ms");
}

TEST_F(LookupCopyTest, takes_over_what_is_new_each_time) {
    finished(Verdict::no_gain);
    ledger.add_note("one");
    caught_up();
    finished(Verdict::kept, base, proposal("second"), 0.2);
    ledger.add_note("two");
    const ExperimentId open = candidate(commit(2), proposal("third"));
    caught_up();
    ledger.finish(open, decision(Verdict::regressed, -0.1), ledger.champion().commit);

    const Ledger read = caught_up();

    EXPECT_EQ(read.tally(), ledger.tally());
    EXPECT_EQ(read.notes().size(), 2U);
    expect_alike(read.experiment(open), ledger.experiment(open));
    EXPECT_TRUE(read.intact());
}

TEST_F(LookupCopyTest, knows_of_a_veto_that_came_later) {
    const ExperimentId id = finished(Verdict::kept, base, proposal(), 0.1);
    caught_up();
    ledger.veto(id, "too clever");

    const Ledger read = caught_up();

    EXPECT_TRUE(read.experiment(id)->vetoed);
    EXPECT_EQ(read.tally(), ledger.tally());
    EXPECT_EQ(read.champion().commit, base);
}

TEST_F(LookupCopyTest, has_the_same_aggregates_as_the_ledger) {
    finished(Verdict::kept, base, proposal("one"), 0.1);
    const ExperimentId broken = candidate(commit(1), proposal("two", "src/b.cpp"));
    ledger.advance(broken, Stage::admitted, {failed_run(Stage::built, "build", "error: no\n")});
    ledger.finish(broken, decision(Verdict::build_failed), commit(1));
    finished(Verdict::rejected, commit(1), proposal("three"));

    const Ledger read = caught_up();

    EXPECT_EQ(read.error_budget().kept, ledger.error_budget().kept);
    EXPECT_EQ(read.since_last_kept(), ledger.since_last_kept());
    EXPECT_EQ(read.total_usage(), ledger.total_usage());
    ASSERT_EQ(read.map(9).size(), ledger.map(9).size());
    EXPECT_EQ(read.map(9).front().path, ledger.map(9).front().path);
    EXPECT_EQ(read.map(9).front().attempts, ledger.map(9).front().attempts);
}

TEST_F(LookupCopyTest, tells_nothing_of_the_holdout) {
    ledger.begin_epoch("harness", "[holdout]\ncommand = \"./secret-bench\"\n", base);
    const ExperimentId lost = lost_on_holdout();
    Decision twin = decision(Verdict::rejected);
    twin.rejection = Rejection::duplicate;
    twin.reason = "the same patch as #1 (holdout-failed)";
    const ExperimentId again = candidate(base, proposal("again"));
    ledger.finish(again, twin, base);

    const Ledger read = caught_up();

    const Experiment told = *read.experiment(lost);
    EXPECT_EQ(told.decision->verdict, Verdict::inconclusive);
    EXPECT_FALSE(told.decision->effect);
    EXPECT_THAT(told.pairs, IsEmpty());
    EXPECT_EQ(read.experiment(again)->decision->reason, "the same patch as #1 (inconclusive)");
    EXPECT_THAT(read.search("held out", 5), IsEmpty());
    for (const char* secret : {"holdout", "held-out", "secret-bench"})
        EXPECT_EQ(bytes().find(secret), std::string::npos) << secret;
}

TEST_F(LookupCopyTest, numbers_pairs_without_gaps) {
    lost_on_holdout();
    const ExperimentId id = candidate(base, proposal("next"));
    ledger.add_pair(id, pair(Phase::search, 0, 10, 4));
    ledger.finish(id, decision(Verdict::no_gain, 0.0), base);

    const Ledger read = caught_up();

    EXPECT_EQ(read.experiment(id)->pairs, ledger.experiment(id)->pairs);
    Database database(folder.file(), Database::Mode::read_only);
    EXPECT_EQ(database.value<int>("SELECT max(id) FROM pair"), 1);
}

TEST_F(LookupCopyTest, has_neither_prompts_nor_hosts_nor_names_of_logs) {
    ledger.begin_session("secret-host", 1);
    CalibrationRecord calibration;
    calibration.epoch = 1;
    calibration.host = "secret-host";
    calibration.champion = base;
    calibration.at = clock.now();
    ledger.add_calibration(calibration);
    const ExperimentId id = candidate();
    StageRun run = failed_run(Stage::built, "build", "no");
    run.log_file = "secret-log.zst";
    ledger.advance(id, Stage::admitted, {run});
    ledger.finish(id, decision(Verdict::build_failed), base);

    const Ledger read = caught_up();

    EXPECT_EQ(read.latest_calibration()->host, "");
    EXPECT_EQ(read.experiment(id)->runs.front().log_file, "");
    Database database(folder.file(), Database::Mode::read_only);
    EXPECT_EQ(database.value<int>("SELECT count(*) FROM prompt"), 0);
    EXPECT_THAT(bytes(), Not(HasSubstr("secret-")));
}

/// A table that is new in the schema is either told to proposers or not: somebody has to say which.
TEST_F(LookupCopyTest, every_table_of_facts_is_copied_or_left_out_by_name) {
    Database database(":memory:", Database::Mode::read_write);
    database.script(schema());
    std::vector<std::string_view> named = tables_for_lookup();
    named.insert(named.end(), tables_not_for_lookup().begin(), tables_not_for_lookup().end());
    EXPECT_THAT(named, UnorderedElementsAreArray(fact_tables(database)));
}

TEST_F(LookupCopyTest, is_made_again_where_it_is_damaged) {
    finished(Verdict::no_gain);
    {
        LookupCopy first(folder.file(), clock);
        first.catch_up(ledger);
    }
    std::ofstream(folder.file(), std::ios::binary | std::ios::trunc) << std::string(8192, 'x');

    EXPECT_EQ(caught_up().experiment_count(), 1);
}

TEST_F(LookupCopyTest, is_made_again_where_somebody_has_removed_it) {
    finished(Verdict::no_gain);
    for (const char* part : {"", "-wal", "-shm"}) {
        SCOPED_TRACE(part);
        caught_up();
        std::filesystem::remove(folder.file().string() + part);
        EXPECT_EQ(caught_up().experiment_count(), 1);
    }
}

TEST_F(LookupCopyTest, is_made_again_where_it_is_of_another_ledger) {
    finished(Verdict::no_gain);
    finished(Verdict::no_gain);
    caught_up();
    clock.tick();
    Ledger other(":memory:", clock);
    other.found(identity());
    other.begin_epoch("harness", "", base);
    Brief brief;
    brief.parent = base;
    other.finish(other.begin(brief, ""), decision(Verdict::interrupted), base);

    copy.catch_up(other);

    EXPECT_EQ(Ledger(folder.file(), clock, Ledger::Mode::read_only).experiment_count(), 1);
}

TEST_F(LookupCopyTest, can_be_read_by_everybody_and_written_by_nobody_else) {
    const mode_t before = ::umask(0077);
    caught_up();
    ::umask(before);
    for (const char* part : {"", "-wal", "-shm"}) {
        struct stat status{};
        ASSERT_EQ(::stat((folder.file().string() + part).c_str(), &status), 0) << part;
        EXPECT_EQ(status.st_mode & 0777, 0644U) << part;
    }
}

TEST(ToldToProposers, is_every_other_decision_as_it_is) {
    for (const Verdict verdict : {Verdict::kept, Verdict::regressed, Verdict::inconclusive}) {
        const Decision decided = decision(verdict, 0.1);
        EXPECT_EQ(as_told_to_proposers(decided), decided);
    }
}

TEST(ToldToProposers, is_a_loss_on_the_holdout_as_not_confirmed) {
    Decision lost = decision(Verdict::holdout_failed, 0.1);
    lost.e_value = 99;
    const Decision told = as_told_to_proposers(lost);
    EXPECT_EQ(told.verdict, Verdict::inconclusive);
    EXPECT_EQ(told.reason, "the gain was not confirmed");
    EXPECT_FALSE(told.effect);
    EXPECT_EQ(told.e_value, 0);
}

}  // namespace
}  // namespace ratchet::test
