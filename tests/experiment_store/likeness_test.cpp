#include "experiment_store/likeness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger_fixture.hpp"
#include "tests/support/labelled_pairs.hpp"

namespace ratchet::test {
namespace {

const std::string before_edit = "  for (int i = 0; i < n; ++i) total += a[i];";
const std::string after_edit = "  for (int i = 0; i < n; i += 2) { total += a[i]; total += a[i + 1]; }";

TEST(Fingerprint, is_zero_where_no_line_is_changed) {
    EXPECT_EQ(fingerprint_of(""), 0U);
    EXPECT_EQ(fingerprint_of("diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n"), 0U);
}

TEST(Fingerprint, does_not_depend_on_white_space_line_breaks_context_or_place) {
    const std::string one =
        "diff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n@@ -3 +3 @@\n-int x = 1;\n+int x = 2 + f(y);\n";
    const std::string other =
        "diff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n@@ -70,2 +70,3 @@ void g() {\n here();\n-int  "
        "x=1;\n+int x "
        "=\n+    2+f( y );\n";
    EXPECT_EQ(fingerprint_of(one), fingerprint_of(other));
}

TEST(Fingerprint, tells_removed_from_added) {
    EXPECT_GT(distance(fingerprint_of(patch("a.c", before_edit, after_edit)),
                       fingerprint_of(patch("a.c", after_edit, before_edit))),
              12);
}

TEST(Fingerprint, takes_a_changed_line_that_looks_like_a_header_for_what_it_is) {
    const std::string header = "diff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n";
    EXPECT_NE(fingerprint_of(header + "--- old\n+++ new\n"), fingerprint_of(header + "--- old\n+++ other\n"));
}

TEST(Fingerprint, is_near_for_nearly_the_same_edit_and_far_for_another) {
    const std::uint64_t one = fingerprint_of(patch("a.c", before_edit, after_edit));
    EXPECT_LE(distance(one, fingerprint_of(patch("a.c", before_edit, after_edit + " // by two"))), 12);
    EXPECT_GE(distance(one, fingerprint_of(patch("a.c", "import json", "import ujson as json"))), 20);
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

/// A patch of one hunk in this file; the lines have their signs.
std::string hunk(const std::string& path, const std::vector<std::string>& lines,
                 const std::string& function = {}) {
    std::string body;
    int removed = 0;
    int added = 0;
    for (const std::string& line : lines) {
        body += line + '\n';
        removed += line.front() != '+' ? 1 : 0;
        added += line.front() != '-' ? 1 : 0;
    }
    return "diff --git a/" + path + " b/" + path + "\n--- a/" + path + "\n+++ b/" + path + "\n@@ -10," +
           std::to_string(removed) + " +10," + std::to_string(added) + " @@ " + function + '\n' + body;
}

std::optional<Likeness> likeness_of(const std::string& one, const std::string& other) {
    const auto found = likeness(read_diff(one), read_diff(other));
    EXPECT_EQ(found, likeness(read_diff(other), read_diff(one))) << "it is not symmetric";
    return found;
}

const std::string edit = hunk("a.c", {" void f(void) {", "-    g(1);", "+    g(2);"});

TEST(LikenessTest, white_space_and_comments_do_not_matter) {
    EXPECT_EQ(likeness_of(edit, hunk("a.c", {" void f(void) {", "-    g(1);", "+\tg( 2 );  /* two */"})),
              Likeness::reformatted);
    EXPECT_EQ(likeness_of(edit, hunk("a.c", {" void f(void) {", "-    g(1);", "+    // Twice.", "+    g(",
                                             "+        2);"})),
              Likeness::reformatted);
}

TEST(LikenessTest, indentation_matters_in_python) {
    const auto python = [](const std::string& line) {
        return hunk("a.py", {" def total(values):", "     for value in values:", line});
    };
    const std::string inside = python("+        log(value)");
    EXPECT_EQ(likeness_of(inside, python("+        log( value )  # each")), Likeness::reformatted);
    EXPECT_EQ(likeness_of(inside, python("+    log(value)")), std::nullopt);
}

TEST(LikenessTest, a_number_makes_another_edit) {
    EXPECT_EQ(likeness_of(edit, hunk("a.c", {" void f(void) {", "-    g(1);", "+    g(4);"})), std::nullopt);
}

TEST(LikenessTest, the_opposite_edit_is_another_one) {
    EXPECT_EQ(likeness_of(edit, hunk("a.c", {" void f(void) {", "-    g(2);", "+    g(1);"})), std::nullopt);
}

TEST(LikenessTest, tokens_in_another_order_make_another_edit) {
    EXPECT_EQ(likeness_of(hunk("a.c", {" void f(void) {", "+    copy(to, from);"}),
                          hunk("a.c", {" void f(void) {", "+    copy(from, to);"})),
              std::nullopt);
}

TEST(LikenessTest, names_that_the_diff_declares_may_be_others) {
    const auto with = [](const std::string& name) {
        return hunk("a.c", {" void f(int n) {", "+    int " + name + " = n / 2;", "+    use(" + name + ");"});
    };
    EXPECT_EQ(likeness_of(with("half"), with("middle")), Likeness::near);
}

TEST(LikenessTest, names_that_were_there_before_may_not) {
    EXPECT_EQ(likeness_of(hunk("a.c", {" void f(int n) {", "+    use(n);"}),
                          hunk("a.c", {" void f(int n) {", "+    use(m);"})),
              std::nullopt);
}

TEST(LikenessTest, the_order_of_statements_matters_only_where_they_depend_on_each_other) {
    const auto in_order = [](const std::string& one, const std::string& other) {
        return hunk("a.c", {" void f(int n) {", "+    " + one, "+    " + other});
    };
    EXPECT_EQ(likeness_of(in_order("a = n;", "b = 2;"), in_order("b = 2;", "a = n;")), Likeness::near);
    EXPECT_EQ(likeness_of(in_order("a = n;", "b = a;"), in_order("b = a;", "a = n;")), std::nullopt);
    EXPECT_EQ(likeness_of(in_order("a = n;", "clear(n);"), in_order("clear(n);", "a = n;")), std::nullopt);
}

TEST(LikenessTest, a_small_edit_in_another_function_is_another_one) {
    EXPECT_EQ(likeness_of(edit, hunk("a.c", {" void other(void) {", "-    g(1);", "+    g(2);"})),
              std::nullopt);
    EXPECT_EQ(likeness_of(hunk("a.c", {"-g(1);", "+g(2);"}, "void f(void)"),
                          hunk("a.c", {"-g(1);", "+g(2);"}, "int h(void)")),
              std::nullopt);
}

TEST(LikenessTest, a_diff_without_tokens_is_like_nothing) {
    EXPECT_EQ(likeness_of("", ""), std::nullopt);
    EXPECT_EQ(likeness_of(edit, "Binary files a/x and b/x differ\n"), std::nullopt);
}

TEST(LikenessTest, a_comment_that_began_before_the_hunk_is_one) {
    const std::string one = hunk("a.c", {" still a comment", "+more of it", " its end */", "+g(2);"});
    EXPECT_EQ(likeness_of(one, hunk("a.c", {" still a comment", "+something else", " its end */", "+g(2);"})),
              Likeness::reformatted);
}

/// The figures of docs/duplicates.md must not get worse: tests/performance/duplicate_measures prints them.
TEST(LikenessTest, tells_the_labelled_pairs_as_well_as_documented) {
    int right = 0;
    int wrong = 0;
    int missed = 0;
    for (const LabelledPair& pair : labelled_pairs(RATCHET_TEST_DATA "/duplicates")) {
        const bool found = likeness(read_diff(pair.one), read_diff(pair.other)).has_value();
        right += found && pair.is_duplicate() ? 1 : 0;
        wrong += found && !pair.is_duplicate() ? 1 : 0;
        missed += !found && pair.is_duplicate() ? 1 : 0;
    }
    EXPECT_GE(right, 350);
    EXPECT_LE(wrong, 2);
    EXPECT_LE(missed, 4);
}

TEST(LikenessTest, what_it_finds_is_near_by_its_fingerprint) {
    for (const LabelledPair& pair : labelled_pairs(RATCHET_TEST_DATA "/duplicates")) {
        if (!likeness(read_diff(pair.one), read_diff(pair.other))) continue;
        EXPECT_LE(distance(fingerprint_of(pair.one), fingerprint_of(pair.other)), 16) << pair.name;
    }
}

}  // namespace
}  // namespace ratchet::test
