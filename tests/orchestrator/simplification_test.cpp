#include "orchestrator/simplification.hpp"

#include <gtest/gtest.h>

namespace ratchet {
namespace {

Proposal with_diff(const std::string& hunks) {
    Proposal proposal;
    proposal.diff = "diff --git a/src/a.cpp b/src/a.cpp\n--- a/src/a.cpp\n+++ b/src/a.cpp\n" + hunks;
    return proposal;
}

TEST(Simplification, leaves_fewer_lines_and_fewer_bytes) {
    EXPECT_TRUE(simplifies(with_diff("@@ -1,3 +1,2 @@\n one\n-two();\n-three();\n+two();\n")));
    EXPECT_FALSE(simplifies(with_diff("@@ -1,2 +1,2 @@\n one\n-two();\n+three();\n"))) << "as many lines";
    EXPECT_FALSE(simplifies(with_diff("@@ -1,2 +1 @@\n-two();\n-three();\n+two();three();\n")))
        << "two lines joined are as much";
    EXPECT_FALSE(simplifies(with_diff("@@ -1 +1,2 @@\n one\n+two();\n")));
    EXPECT_FALSE(simplifies({}));
}

TEST(Simplification, does_not_count_blank_lines) {
    EXPECT_FALSE(simplifies(with_diff("@@ -1,3 +1,1 @@\n one\n-\n-  \t\n")));
    EXPECT_TRUE(simplifies(with_diff("@@ -1,2 +1,3 @@\n one\n-two();\n+\n+\n")));
}

TEST(Simplification, counts_over_all_files) {
    const std::string more =
        "diff --git a/b.cpp b/b.cpp\n--- a/b.cpp\n+++ b/b.cpp\n@@ -0,0 +1,2 @@\n+a\n+b\n";
    EXPECT_FALSE(simplifies(with_diff("@@ -1,2 +1 @@\n one\n-two();\n" + more)));
    EXPECT_TRUE(simplifies(with_diff("@@ -1,4 +1 @@\n one\n-two();\n-three();\n-four();\n" + more)));
}

TEST(Simplification, takes_lines_of_a_hunk_for_no_headers_of_a_file) {
    // A removed line "-- a/x" reads "--- a/x" in the diff; an added one "++ b" reads "+++ b".
    EXPECT_TRUE(simplifies(with_diff("@@ -1,2 +1 @@\n one\n--- a/x\n")));
    EXPECT_FALSE(simplifies(with_diff("@@ -1 +1,2 @@\n one\n+++ b/x\n")));
    EXPECT_TRUE(
        simplifies(with_diff("@@ -1,2 +1 @@\n one\n-GIT binary patch\n\\ No newline at end of file\n")));
}

TEST(Simplification, brings_nothing_binary) {
    const std::string less = "@@ -1,2 +1 @@\n one\n-two();\n";
    EXPECT_TRUE(simplifies(with_diff(less)));
    EXPECT_FALSE(simplifies(with_diff(less + "diff --git a/b.bin b/b.bin\nnew file mode 100644\nindex 0..1\n"
                                             "GIT binary patch\nliteral 3\nKcmZ\n\n")));
}

TEST(Simplification, must_have_been_asked_for) {
    Experiment experiment;
    experiment.proposal = with_diff("@@ -1,2 +1 @@\n one\n-two();\n");
    EXPECT_FALSE(may_be_kept_as_not_worse(experiment));
    experiment.brief.move = Move::simplify;
    EXPECT_TRUE(may_be_kept_as_not_worse(experiment));
    experiment.proposal.reset();
    EXPECT_FALSE(may_be_kept_as_not_worse(experiment));
}

TEST(Simplification, gives_away_what_is_left_of_one_min_effect) {
    Rules rules;
    rules.min_effect = 0.01;
    ErrorBudget errors;
    errors.given_away = 0.004;
    errors.margin_tests = 3;
    errors.kept_not_worse = 1;
    Experiment experiment;
    allow_margin(rules, experiment, errors);
    EXPECT_NEAR(*rules.margin, 0.00995 - 0.004, 1e-5);
    EXPECT_EQ(rules.margin_test, 4);
    EXPECT_EQ(rules.margin_keeps, 1);
    errors.given_away = 0.009;
    allow_margin(rules, experiment, errors);
    EXPECT_EQ(rules.margin, 0) << "too little to be proven";
    experiment.margin_test = MarginTest{2, 0.007};
    allow_margin(rules, experiment, errors);
    EXPECT_EQ(rules.margin, 0.007) << "as it began";
    EXPECT_EQ(rules.margin_test, 2);
}

}  // namespace
}  // namespace ratchet
