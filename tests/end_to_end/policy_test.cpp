#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "experiment_store/ledger.hpp"
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

namespace ratchet::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::StartsWith;

nlohmann::json shown(const ToyCampaign& toy, const std::string& number) {
    return nlohmann::json::parse(ratchet(toy.folder(), {"show", number, "--json"}).output);
}

std::string without_last_line(const std::string& path, const std::string& first, const std::string& last) {
    return "diff --git a/" + path + " b/" + path + "\n--- a/" + path + "\n+++ b/" + path +
           "\n@@ -1,2 +1 @@\n " + first + "\n-" + last + "\n";
}

void run_to_the_end(const ToyCampaign& toy) {
    const Ended run = ratchet(toy.folder(), {"run", "--no-verify"});
    ASSERT_EQ(run.status, 0) << run.output << run.errors;
}

TEST(Policy, keeps_a_simplification_that_is_not_worse_where_one_was_asked_for) {
    const ToyCampaign toy;
    toy.write("src/one.txt", "needed\nleft behind\n");
    toy.write("src/two.txt", "needed\nleft behind too\n");
    toy.commit("Something to tidy up");
    const std::vector<ToyPatch> patches = {
        {"a gain", toy.cost_patch(1000, 900), "kept"},
        {"a second", toy.cost_patch(900, 800), "kept"},
        {"a third", toy.cost_patch(800, 700), "kept"},
        {"a fourth", toy.cost_patch(700, 600), "kept"},
        {"tidy up", without_last_line("src/one.txt", "needed", "left behind"), "kept"},
        {"not asked for", without_last_line("src/two.txt", "needed", "left behind too"), "no-gain"},
    };
    toy.propose(patches);

    run_to_the_end(toy);

    ASSERT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
    const auto simpler = shown(toy, "5");
    EXPECT_EQ(simpler["move"], "simplify");
    EXPECT_EQ(simpler["move_reason"], "4 gains were kept, each written on top of the others");
    EXPECT_EQ(simpler["basis"], "not-worse");
    EXPECT_EQ(simpler["reason"], "simpler, and no worse: +0.00%, exactly, twice");
    EXPECT_EQ(shell(toy.root(), "git show ratchet/toy:src/one.txt ratchet/toy:src/cost.txt"),
              "needed\n600\n");
    EXPECT_THAT(
        ratchet(toy.folder(), {"show", "5"}).output,
        AllOf(HasSubstr("#5 kept as simpler: simpler, and no worse"), HasSubstr("why        4 gains")));
    EXPECT_THAT(ratchet(toy.folder(), {"show", "5", "--prompt"}).output,
                AllOf(HasSubstr("Kind of move: simplify"), HasSubstr("the metric is shown to be no worse.")));
    EXPECT_THAT(ratchet(toy.folder(), {"status"}).output,
                AllOf(HasSubstr("simpler      1 kept as no worse"), HasSubstr("kept as simpler")));
    EXPECT_THAT(ratchet(toy.folder(), {"log"}).output, HasSubstr("kept as simpler"));
    EXPECT_THAT(ratchet(toy.folder(), {"report"}).output, HasSubstr("simpler, no worse: +0.00% (exact)"));
    EXPECT_THAT(ratchet(toy.folder(), {"prompt"}).output, HasSubstr("#5 simpler, no worse: +0.00% (exact)"));
}

TEST(Policy, combines_two_that_came_near) {
    const ToyCampaign toy;
    toy.write("src/other.txt", "1000\n");
    toy.write("src/bench.sh", "echo \"METRIC cost=$(($(cat src/cost.txt) + $(cat src/other.txt)))\"\n");
    toy.commit("Two costs");
    std::string other = toy.cost_patch(1000, 988);
    for (std::size_t at = other.find("cost.txt"); at != std::string::npos; at = other.find("cost.txt", at))
        other.replace(at, 8, "other.txt");
    const std::vector<ToyPatch> patches = {
        {"one half", toy.cost_patch(1000, 988), "no-gain"},
        {"the other half", other, "no-gain"},
        {"both", toy.cost_patch(1000, 988) + other, "kept"},
    };
    toy.propose(patches);

    run_to_the_end(toy);

    ASSERT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
    const auto both = shown(toy, "3");
    EXPECT_EQ(both["move"], "combine");
    EXPECT_EQ(both["focus"], "#1 + #2");
    EXPECT_THAT(both["move_reason"], HasSubstr("#1 came near (+0.60%)"));
    EXPECT_THAT(
        ratchet(toy.folder(), {"show", "3", "--prompt"}).output,
        AllOf(HasSubstr("- Focus: `#1 + #2`"), HasSubstr("the diff of #1"), HasSubstr("+++ b/src/cost.txt"),
              HasSubstr("the diff of #2"), HasSubstr("+++ b/src/other.txt")));
}

TEST(Policy, of_a_tree_goes_on_from_a_near_miss_and_measures_against_the_champion) {
    const ToyCampaign toy;
    toy.configure("use = \"replay\"", "use = \"replay\"\npolicy = \"tree\"");
    const std::vector<ToyPatch> patches = {
        {"comes near", toy.cost_patch(1000, 995), "no-gain"},
        {"on top of it", toy.cost_patch(995, 985), "kept"},
        {"and on", toy.cost_patch(985, 900), "kept"},
    };
    toy.propose(patches);

    run_to_the_end(toy);

    ASSERT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
    const auto near = shown(toy, "1");
    const auto branched = shown(toy, "2");
    EXPECT_EQ(branched["parent"], near["candidate"]);
    EXPECT_EQ(branched["branched_off"], near["parent"]);
    EXPECT_THAT(branched["move_reason"],
                StartsWith("#1 came near (+0.50%) and has the greatest upper bound"));
    EXPECT_EQ(branched["samples"][0]["champion_commit"], near["parent"]) << "the base";
    EXPECT_NEAR(branched["effect"]["estimate"].get<double>(), std::log(1000.0 / 985), 1e-9);
    EXPECT_EQ(shown(toy, "3")["parent"], branched["candidate"]);
    EXPECT_EQ(shell(toy.root(), "git rev-list --count main..ratchet/toy"), "3\n");
    const StillClock clock;
    const Ledger ledger(toy.ledger(), clock, Ledger::Mode::read_only);
    EXPECT_EQ(ledger.lineage().size(), 3U) << "the base and what was kept";
    EXPECT_EQ(ratchet(toy.folder(), {"doctor"}).status, 0);
    EXPECT_THAT(ratchet(toy.folder(), {"show", "2", "--prompt"}).output,
                HasSubstr("You do not start from the champion"));
}

TEST(Policy, of_a_tree_says_a_repeated_change_is_a_duplicate_wherever_it_starts) {
    const ToyCampaign toy;
    toy.configure("use = \"replay\"", "use = \"replay\"\npolicy = \"tree\"");
    const std::vector<ToyPatch> patches = {
        {"comes near", toy.cost_patch(1000, 995), "no-gain"},
        {"takes it back", toy.cost_patch(995, 1000), "rejected/duplicate"},
        {"comes near again", toy.cost_patch(1000, 995), "rejected/duplicate"},
    };
    toy.propose(patches);
    run_to_the_end(toy);
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
}

}  // namespace
}  // namespace ratchet::test
