#include "experiment_store/recall.hpp"

#include <gmock/gmock.h>

#include "experiment_store/migrations.hpp"
#include "ledger_fixture.hpp"

namespace ratchet::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class RecallTest : public ::testing::Test {
  protected:
    RecallTest() { prepare_ledger(database, Database::Mode::read_write, Timestamp{}); }

    void remember_idea(std::int64_t number, const std::string& idea) {
        remember(database, {number}, {idea, "", "", "", ""});
    }

    Database database{":memory:", Database::Mode::read_write};
};

TEST_F(RecallTest, keeps_the_rarest_words_of_a_query) {
    for (int i = 1; i <= 9; ++i)
        remember_idea(i, i <= 6 ? "the common word" : "the other word");
    remember_idea(10, "the rare word");
    EXPECT_THAT(rarest_words(database, "the common, the rare and the other word", 3),
                ElementsAre("rare", "other", "common"));
}

TEST_F(RecallTest, leaves_out_words_that_stand_nowhere) {
    remember_idea(1, "loop unrolling");
    EXPECT_THAT(rarest_words(database, "Unrolling a LOOP nest", 6), ElementsAre("loop", "unrolling"));
}

TEST_F(RecallTest, finds_by_any_word) {
    remember_idea(1, "seven");
    remember_idea(2, "eight");
    remember_idea(3, "nine");
    EXPECT_THAT(matches(database, "seven eight", 10), UnorderedElementsAre(ExperimentId{1}, ExperimentId{2}));
}

TEST_F(RecallTest, does_not_ask_for_common_words_beside_a_rare_one) {
    Transaction transaction(database);
    for (int i = 1; i <= common_word; ++i)
        remember_idea(i, "loop");
    remember_idea(common_word + 1, "kernel");
    EXPECT_THAT(matches(database, "loop kernel", 10), ElementsAre(ExperimentId{common_word + 1}));
}

TEST_F(RecallTest, finds_common_words_among_the_newest_experiments) {
    Transaction transaction(database);
    database.run("INSERT INTO epoch VALUES (1, '', '', '', 0)");
    for (int i = 1; i <= common_word + 10; ++i) {
        database.run("INSERT INTO experiment VALUES (?, 1, '', '', 'explore', '', 0, 0)", i);
        remember_idea(i, i == 1 ? "loop loop" : "loop");
    }
    EXPECT_THAT(matches(database, "loop", 1), ElementsAre(ExperimentId{common_word + 10}));
}

TEST_F(RecallTest, shows_the_best_match_first) {
    remember_idea(1, "cache lines");
    remember_idea(2, "cache lines and alignment of cache lines");
    remember_idea(3, "alignment");
    EXPECT_EQ(matches(database, "cache alignment", 10).front(), ExperimentId{2});
    EXPECT_THAT(matches(database, "cache alignment", 2).size(), 2U);
}

TEST_F(RecallTest, weighs_an_idea_more_than_an_output) {
    remember(database, {1}, {"something else", "", "", "", "prefetch"});
    remember(database, {2}, {"prefetch", "", "", "", "something else"});
    EXPECT_THAT(matches(database, "prefetch", 10), ElementsAre(ExperimentId{2}, ExperimentId{1}));
}

TEST_F(RecallTest, finds_words_beyond_ascii_in_either_case) {
    remember_idea(1, "Größe des Puffers — ändern");
    EXPECT_THAT(matches(database, "GRÖßE", 10), ElementsAre(ExperimentId{1}));
    EXPECT_THAT(matches(database, "Ändern", 10), ElementsAre(ExperimentId{1}));
    EXPECT_THAT(matches(database, "—", 10), IsEmpty());
}

TEST_F(RecallTest, forgets_a_document) {
    remember_idea(1, "fuse the loops");
    forget(database, {1}, {"fuse the loops", "", "", "", ""});
    EXPECT_THAT(matches(database, "fuse", 10), IsEmpty());
}

class FingerprintsTest : public RecallTest {
  protected:
    FingerprintsTest() { database.script("PRAGMA foreign_keys = OFF"); }

    /// Of experiments first to last; the value is the number.
    void derive(std::int64_t first, std::int64_t last) {
        for (std::int64_t number = first; number <= last; ++number) {
            database.run("INSERT INTO fingerprint (experiment, value) VALUES (?1, ?1)", number);
            Fingerprints::derive_block(database, database.last_insert_id());
        }
    }

    std::vector<std::int64_t> nearest(std::uint64_t value) {
        fingerprints.refresh(database);
        std::vector<std::int64_t> found;
        for (const Near& near : fingerprints.near(value, 0, 10))
            found.push_back(near.experiment.value);
        return found;
    }

    Fingerprints fingerprints;
};

TEST_F(FingerprintsTest, know_those_in_blocks_and_those_after_the_last_block) {
    derive(1, 2100);
    EXPECT_EQ(database.value<int>("SELECT count(*) FROM fingerprint_block"), 2);
    for (const std::uint64_t value : {1U, 1024U, 1025U, 2048U, 2049U, 2100U})
        EXPECT_THAT(nearest(value), ElementsAre(value));
}

TEST_F(FingerprintsTest, catch_up_over_the_end_of_a_block) {
    derive(1, 1000);
    EXPECT_THAT(nearest(1000), ElementsAre(1000));
    derive(1001, 1100);
    EXPECT_THAT(nearest(1024), ElementsAre(1024));
    EXPECT_THAT(nearest(1100), ElementsAre(1100));
}

TEST_F(FingerprintsTest, need_only_the_blocks_where_there_are_some) {
    derive(1, 1024);
    database.script("DELETE FROM fingerprint");
    EXPECT_THAT(nearest(7), ElementsAre(7)) << "a process that begins would read each row";
}

}  // namespace
}  // namespace ratchet::test
