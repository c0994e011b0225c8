#include <fmt/format.h>
#include <gmock/gmock.h>

#include "experiment_store/recall.hpp"
#include "ledger_fixture.hpp"

namespace ratchet::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::vector<std::int64_t> numbers(const std::vector<Summary>& summaries) {
    std::vector<std::int64_t> result;
    for (const Summary& summary : summaries)
        result.push_back(summary.id.value);
    return result;
}

TEST_F(LedgerTest, summarises_an_experiment) {
    Proposal proposed = proposal("use a larger block\nbecause the cache is large", "src/a.cpp");
    proposed.files.push_back({"src/b.cpp", 1, 0});
    const ExperimentId id = finished(Verdict::no_gain, base, proposed, 0.001);
    const Summary summary = ledger.summaries({}).at(0);
    EXPECT_EQ(summary.id, id);
    EXPECT_EQ(summary.epoch, 1);
    EXPECT_EQ(summary.stage, Stage::finished);
    EXPECT_EQ(summary.proposer, "tune");
    EXPECT_EQ(summary.parent, base);
    EXPECT_EQ(summary.candidate, commit(1));
    EXPECT_EQ(summary.idea, "use a larger block");
    EXPECT_THAT(summary.files, ElementsAre("src/a.cpp", "src/b.cpp"));
    EXPECT_EQ(summary.decision, decision(Verdict::no_gain, 0.001));
    EXPECT_FALSE(summary.vetoed);
    EXPECT_EQ(summary.fingerprint, fingerprint_of(proposed.diff));
    EXPECT_EQ(summary.finished_at, clock.now());
}

TEST_F(LedgerTest, summarises_an_experiment_that_has_no_proposal_yet) {
    begin();
    const Summary summary = ledger.summaries({}).at(0);
    EXPECT_EQ(summary.stage, Stage::planned);
    EXPECT_EQ(summary.idea, "");
    EXPECT_FALSE(summary.decision);
    EXPECT_FALSE(summary.finished_at);
    EXPECT_EQ(summary.fingerprint, 0U);
}

TEST_F(LedgerTest, takes_the_origin_for_the_idea_where_there_is_no_hypothesis) {
    Proposal proposed = proposal("");
    proposed.notes.origin = {{"block", "64"}, {"order", "ikj"}};
    candidate(base, proposed);
    EXPECT_EQ(ledger.summaries({}).at(0).idea, "block=64, order=ikj");
}

TEST_F(LedgerTest, takes_the_files_for_the_idea_where_nothing_was_said) {
    candidate(base, proposal("", "src/a.cpp"));
    EXPECT_EQ(ledger.summaries({}).at(0).idea, "src/a.cpp");
}

TEST_F(LedgerTest, lists_newest_first_up_to_the_limit) {
    for (int i = 0; i < 5; ++i)
        begin();
    SummaryQuery query;
    query.limit = 2;
    EXPECT_THAT(numbers(ledger.summaries(query)), ElementsAre(5, 4));
    query.newest_first = false;
    EXPECT_THAT(numbers(ledger.summaries(query)), ElementsAre(1, 2));
}

TEST_F(LedgerTest, lists_an_experiment_once_that_touches_a_file_twice) {
    Proposal proposed = proposal("move it", "src/a.cpp");
    proposed.files.push_back({"src/b.cpp", 1, 0});
    proposed.files.push_back({"src/a.cpp", 1, 0});
    finished(Verdict::no_gain, base, proposed);
    finished(Verdict::no_gain, base, proposal("another", "src/b.cpp"));
    finished(Verdict::regressed, base, proposed);
    SummaryQuery query;
    query.file = "src/a.cpp";
    EXPECT_THAT(numbers(ledger.summaries(query)), ElementsAre(3, 1));
    query.newest_first = false;
    query.limit = 1;
    EXPECT_THAT(numbers(ledger.summaries(query)), ElementsAre(1));
}

TEST_F(LedgerTest, lists_by_verdict_and_file_whichever_is_rarer) {
    finished(Verdict::regressed, base, proposal("one", "src/rare.cpp"));
    finished(Verdict::kept, base, proposal("two", "src/a.cpp"));
    finished(Verdict::regressed, base, proposal("three", "src/a.cpp"));
    finished(Verdict::regressed, base, proposal("four", "src/a.cpp"));
    SummaryQuery query;
    query.verdict = Verdict::kept;
    query.file = "src/a.cpp";
    EXPECT_THAT(numbers(ledger.summaries(query)), ElementsAre(2));
    query.verdict = Verdict::regressed;
    EXPECT_THAT(numbers(ledger.summaries(query)), ElementsAre(4, 3));
    query.file = "src/rare.cpp";
    EXPECT_THAT(numbers(ledger.summaries(query)), ElementsAre(1));
}

TEST_F(LedgerTest, lists_by_verdict) {
    finished(Verdict::no_gain);
    const ExperimentId kept = finished(Verdict::kept);
    finished(Verdict::kept, commit(2));
    ledger.veto({3}, "");
    SummaryQuery query;
    query.verdict = Verdict::kept;
    EXPECT_THAT(numbers(ledger.summaries(query)), ElementsAre(kept.value));
    query.verdict = Verdict::vetoed;
    EXPECT_THAT(numbers(ledger.summaries(query)), ElementsAre(3));
}

TEST_F(LedgerTest, lists_by_file) {
    candidate(base, proposal("a", "src/a.cpp"));
    candidate(base, proposal("b", "src/b.cpp"));
    SummaryQuery query;
    query.file = "src/a.cpp";
    EXPECT_THAT(numbers(ledger.summaries(query)), ElementsAre(1));
}

TEST_F(LedgerTest, lists_what_began_since_a_time) {
    begin();
    clock.tick();
    begin();
    SummaryQuery query;
    query.since = clock.now();
    EXPECT_THAT(numbers(ledger.summaries(query)), ElementsAre(2));
}

TEST_F(LedgerTest, lists_what_came_after_a_number) {
    for (int i = 0; i < 3; ++i)
        begin();
    SummaryQuery query;
    query.after = ExperimentId{1};
    EXPECT_THAT(numbers(ledger.summaries(query)), ElementsAre(3, 2));
}

TEST_F(LedgerTest, lists_failures_which_are_finished_and_neither_kept_nor_interrupted) {
    finished(Verdict::gate_failed);
    finished(Verdict::kept);
    finished(Verdict::interrupted);
    finished(Verdict::rejected);
    begin();
    SummaryQuery query;
    query.failures_only = true;
    EXPECT_THAT(numbers(ledger.summaries(query)), ElementsAre(4, 1));
}

TEST_F(LedgerTest, lists_what_meets_all_conditions) {
    finished(Verdict::no_gain, base, proposal("a", "src/a.cpp"));
    finished(Verdict::no_gain, base, proposal("b", "src/b.cpp"));
    finished(Verdict::regressed, base, proposal("c", "src/a.cpp"));
    finished(Verdict::no_gain, base, proposal("d", "src/a.cpp"));
    SummaryQuery query;
    query.verdict = Verdict::no_gain;
    query.file = "src/a.cpp";
    query.after = ExperimentId{1};
    query.failures_only = true;
    EXPECT_THAT(numbers(ledger.summaries(query)), ElementsAre(4));
}

TEST_F(LedgerTest, lists_the_proposals_of_one_proposer_oldest_first) {
    begin();
    ledger.begin(Brief{{}, base, "replay", Move::explore, "", 0}, "");
    begin();
    EXPECT_THAT(numbers(ledger.proposals_of("tune")), ElementsAre(1, 3));
}

TEST_F(LedgerTest, tallies_every_verdict_that_occurred_in_order) {
    finished(Verdict::regressed);
    finished(Verdict::no_gain);
    finished(Verdict::regressed);
    begin();
    EXPECT_THAT(ledger.tally(), ElementsAre(Pair(Verdict::no_gain, 1), Pair(Verdict::regressed, 2)));
}

TEST_F(LedgerTest, counts_finished_ones_since_the_last_kept) {
    finished(Verdict::no_gain);
    EXPECT_EQ(ledger.since_last_kept(), 1);
    finished(Verdict::kept);
    EXPECT_EQ(ledger.since_last_kept(), 0);
    finished(Verdict::rejected);
    begin();
    EXPECT_EQ(ledger.since_last_kept(), 1);
}

TEST_F(LedgerTest, adds_up_what_proposals_cost) {
    EXPECT_EQ(ledger.total_usage(), Usage{});
    Proposal proposed = proposal();
    proposed.usage = {1, 100, 10, std::nullopt, 2.5};
    candidate(base, proposed);
    EXPECT_FALSE(ledger.total_usage().cost);
    proposed.usage = {2, 50, 5, 0.25, 1.5};
    candidate(base, proposed);
    EXPECT_EQ(ledger.total_usage(), (Usage{3, 150, 15, 0.25, 4.0}));
}

TEST_F(LedgerTest, maps_what_was_tried_where) {
    finished(Verdict::no_gain, base, proposal("1", "a"), 0.001);
    finished(Verdict::kept, base, proposal("2", "a"), 0.05);
    finished(Verdict::regressed, commit(2), proposal("3", "a"), -0.02);
    finished(Verdict::build_failed, commit(2), proposal("4", "b"));
    const std::vector<FileRecord> map = ledger.map(10);
    ASSERT_EQ(map.size(), 2U);
    EXPECT_EQ(map[0].path, "a");
    EXPECT_EQ(map[0].attempts, 3);
    EXPECT_EQ(map[0].failures, 2);
    EXPECT_EQ(map[0].kept, 1);
    EXPECT_EQ(map[0].best_effect, 0.05);
    EXPECT_EQ(map[1].path, "b");
    EXPECT_FALSE(map[1].best_effect);
    EXPECT_EQ(ledger.map(1).size(), 1U);
}

TEST_F(LedgerTest, maps_nothing_that_was_never_run) {
    finished(Verdict::rejected);
    finished(Verdict::interrupted);
    finished(Verdict::no_proposal);
    EXPECT_THAT(ledger.map(10), IsEmpty());
}

TEST_F(LedgerTest, counts_a_vetoed_gain_as_no_file_s_best) {
    finished(Verdict::no_gain, base, proposal("1", "a"), 0.001);
    const ExperimentId id = finished(Verdict::kept, base, proposal("2", "a"), 0.05);
    ledger.veto(id, "it cheats");
    EXPECT_EQ(ledger.map(1)[0].kept, 0);
    EXPECT_EQ(ledger.map(1)[0].failures, 2);
    EXPECT_EQ(ledger.map(1)[0].best_effect, 0.001);
}

TEST_F(LedgerTest, recognises_failures_that_recur) {
    for (const int number : {17, 42, 99}) {
        const ExperimentId id = candidate();
        ledger.advance(id, Stage::built,
                       {failed_run(Stage::gated, "tests",
                                   fmt::format("ok 1\nERROR /tmp/x{0}/t.py:{0}: boom\n", number))});
        ledger.finish(id, decision(Verdict::gate_failed), base);
    }
    const ExperimentId once = candidate();
    ledger.advance(once, Stage::admitted, {failed_run(Stage::built, "build", "error: only once")});
    ledger.finish(once, decision(Verdict::build_failed), base);
    const std::vector<FailureSignature> failures = ledger.recurring_failures(10);
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_EQ(failures[0].stage, "gated");
    EXPECT_EQ(failures[0].name, "tests");
    EXPECT_EQ(failures[0].line, "ERROR t.py:N: boom");
    EXPECT_EQ(failures[0].count, 3);
    EXPECT_EQ(failures[0].last, ExperimentId{3});
}

TEST_F(LedgerTest, takes_a_gate_that_passed_in_the_end_for_no_failure) {
    for (int i = 0; i < 2; ++i) {
        const ExperimentId id = candidate();
        const StageRun failed = failed_run(Stage::gated, "flaky", "error: once in a while");
        StageRun passed = failed;
        passed.succeeded = true;
        ledger.advance(id, Stage::gated, {failed, passed});
        ledger.finish(id, decision(Verdict::no_gain), base);
    }
    EXPECT_THAT(ledger.recurring_failures(10), IsEmpty());
}

TEST_F(LedgerTest, lists_ideas_of_finished_experiments_newest_first) {
    Proposal proposed = proposal();
    proposed.notes.next_ideas = {"one", "two"};
    finished(Verdict::no_gain, base, proposed);
    proposed.notes.next_ideas = {"three"};
    finished(Verdict::no_gain, base, proposed);
    proposed.notes.next_ideas = {"not yet"};
    candidate(base, proposed);
    std::vector<std::string> texts;
    for (const IdeaFate& idea : ledger.ideas(10))
        texts.push_back(idea.text);
    EXPECT_THAT(texts, ElementsAre("three", "two", "one"));
    EXPECT_EQ(ledger.ideas(1)[0].from, ExperimentId{2});
}

TEST_F(LedgerTest, finds_an_evaluated_experiment_by_its_tree) {
    finished(Verdict::no_gain);
    EXPECT_EQ(ledger.with_tree(tree(1), {9}), ExperimentId{1});
    EXPECT_FALSE(ledger.with_tree(tree(1), {1}));
    EXPECT_FALSE(ledger.with_tree(tree(2), {9}));
    EXPECT_FALSE(ledger.with_tree({}, {9}));
}

TEST_F(LedgerTest, finds_the_base_by_its_tree) {
    EXPECT_EQ(ledger.with_tree(tree(0), {1}), ExperimentId{0});
}

TEST_F(LedgerTest, finds_no_experiment_that_was_not_evaluated_by_its_tree) {
    finished(Verdict::rejected);
    finished(Verdict::interrupted);
    candidate();
    for (int i = 1; i <= 3; ++i)
        EXPECT_FALSE(ledger.with_tree(tree(i), {9}));
}

TEST_F(LedgerTest, finds_no_vetoed_experiment_by_its_tree) {
    finished(Verdict::kept);
    ledger.veto({1}, "");
    EXPECT_FALSE(ledger.with_tree(tree(1), {9}));
}

TEST_F(LedgerTest, finds_only_the_champion_by_its_tree_in_a_later_epoch) {
    finished(Verdict::no_gain);
    finished(Verdict::kept);
    ledger.begin_epoch("other", "", base);
    EXPECT_FALSE(ledger.with_tree(tree(1), {9}));
    EXPECT_EQ(ledger.with_tree(tree(2), {9}), ExperimentId{2});
}

TEST_F(LedgerTest, finds_an_evaluated_experiment_by_patch_and_parent) {
    finished(Verdict::regressed, commit(7), proposal("x"));
    const std::string patch_id = proposal("x").patch_id;
    EXPECT_EQ(ledger.with_patch(patch_id, commit(7), {9}), ExperimentId{1});
    EXPECT_FALSE(ledger.with_patch(patch_id, commit(7), {1}));
    EXPECT_FALSE(ledger.with_patch(patch_id, commit(8), {9}));
    EXPECT_FALSE(ledger.with_patch("another", commit(7), {9}));
    EXPECT_FALSE(ledger.with_patch("", commit(7), {9}));
    ledger.begin_epoch("other", "", base);
    EXPECT_FALSE(ledger.with_patch(patch_id, commit(7), {9}));
}

TEST_F(LedgerTest, searches_ideas_notes_reasons_files_and_outputs) {
    Proposal proposed = proposal("vectorise the kernel", "src/quaternion.cpp");
    proposed.notes.learned = "alignment matters";
    const ExperimentId id = candidate(base, proposed);
    ledger.advance(id, Stage::admitted,
                   {failed_run(Stage::built, "build", "undefined reference to `zeppelin'")});
    ledger.finish(id, decision(Verdict::build_failed), base);
    finished(Verdict::no_gain);
    for (const char* word : {"Vectorise", "alignment", "because build-failed", "quaternion", "zeppelin"}) {
        EXPECT_THAT(numbers(ledger.search(word, 1)), ElementsAre(1)) << word;
    }
    EXPECT_THAT(ledger.search("nowhere", 10), IsEmpty());
    EXPECT_THAT(ledger.search("\"; ( OR * NEAR", 10), IsEmpty());
}

TEST_F(LedgerTest, finds_the_reason_of_a_veto) {
    finished(Verdict::kept);
    ledger.veto({1}, "breaks on zarch");
    EXPECT_THAT(numbers(ledger.search("zarch", 10)), ElementsAre(1));
    EXPECT_THAT(numbers(ledger.search("kept", 10)), ElementsAre(1));
}

TEST_F(LedgerTest, finds_near_duplicates_by_fingerprint) {
    const std::string before = "for (int i = 0; i < count; ++i) sum += values[i] * weights[i];";
    const std::string after =
        "for (int i = 0; i + 4 <= count; i += 4) sum += dot(values + i, weights + i, 4);";
    Proposal proposed = proposal();
    proposed.diff = patch("a.cpp", before, after);
    finished(Verdict::no_gain, base, proposed);
    proposed.diff =
        patch("b.cpp", "return std::sort(begin, end, by_name);", "return radix_sort(begin, end);");
    finished(Verdict::no_gain, base, proposed);
    const std::uint64_t almost = fingerprint_of(patch("a.cpp", before, after + "  // unrolled"));
    const std::vector<Near> near = ledger.near(almost, 12, 10);
    ASSERT_EQ(near.size(), 1U);
    EXPECT_EQ(near[0].experiment, ExperimentId{1});
    proposed.diff = patch("a.cpp", before, after + "  // unrolled");
    finished(Verdict::no_gain, base, proposed);
    EXPECT_EQ(ledger.near(almost, 12, 10).at(0).experiment, ExperimentId{3});
    EXPECT_EQ(ledger.near(almost, 12, 10).at(0).distance, 0);
    EXPECT_THAT(ledger.near(0, 64, 10), IsEmpty());
}

}  // namespace
}  // namespace ratchet::test
