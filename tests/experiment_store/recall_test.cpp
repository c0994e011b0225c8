#include "experiment_store/recall.hpp"

#include <gmock/gmock.h>

#include "experiment_store/migrations.hpp"
#include "ledger_fixture.hpp"

namespace ratchet::testing {
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

const std::string before = "  for (int i = 0; i < n; ++i) total += a[i];";
const std::string after = "  for (int i = 0; i < n; i += 2) { total += a[i]; total += a[i + 1]; }";

TEST(Fingerprint, is_zero_where_no_line_is_changed) {
    EXPECT_EQ(fingerprint_of(""), 0U);
    EXPECT_EQ(fingerprint_of("diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n"), 0U);
}

TEST(Fingerprint, does_not_depend_on_white_space_line_breaks_context_or_place) {
    const std::string one =
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -3 +3 @@\n-int x = 1;\n+int x = 2 + f(y);\n";
    const std::string other =
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -70,2 +70,3 @@ void g() {\n here();\n-int  x=1;\n+int x "
        "=\n+    2+f( y );\n";
    EXPECT_EQ(fingerprint_of(one), fingerprint_of(other));
}

TEST(Fingerprint, tells_removed_from_added) {
    EXPECT_GT(distance(fingerprint_of(patch("a", before, after)), fingerprint_of(patch("a", after, before))),
              12);
}

TEST(Fingerprint, takes_a_changed_line_that_looks_like_a_header_for_what_it_is) {
    const std::string header = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n";
    EXPECT_NE(fingerprint_of(header + "--- old\n+++ new\n"), fingerprint_of(header + "--- old\n+++ other\n"));
}

TEST(Fingerprint, is_near_for_nearly_the_same_edit_and_far_for_another) {
    const std::uint64_t one = fingerprint_of(patch("a", before, after));
    EXPECT_LE(distance(one, fingerprint_of(patch("a", before, after + " // by two"))), 12);
    EXPECT_GE(distance(one, fingerprint_of(patch("a", "import json", "import ujson as json"))), 20);
}

TEST(Fingerprint, survives_a_header_that_announces_more_lines_than_there_are) {
    EXPECT_NE(fingerprint_of("@@ -1,999999999999999999999 +1 @@\n-a\n"), 0U);
    EXPECT_EQ(fingerprint_of("@@ "), 0U);
}

TEST(Distance, counts_the_bits_that_differ) {
    EXPECT_EQ(distance(0, 0), 0);
    EXPECT_EQ(distance(0, ~std::uint64_t{0}), 64);
    EXPECT_EQ(distance(0b1010, 0b0110), 2);
}

}  // namespace
}  // namespace ratchet::testing
