#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <iterator>

#include "experiment_store/ledger.hpp"
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

// What stays from one candidate to the next (what [prepare] made, the build's caches) carries nothing over
// that was refused.

namespace ratchet::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

std::string one_line_patch(const std::string& file, const std::string& from, const std::string& to) {
    return "diff --git a/" + file + " b/" + file + "\n--- a/" + file + "\n+++ b/" + file +
           "\n@@ -1 +1 @@\n-" + from + "\n+" + to + "\n";
}

/// A campaign whose cost is the sum of cost.txt and of what [prepare] made of lock.txt by make.sh.
class Prepared : public ::testing::Test {
  protected:
    void SetUp() override {
        toy.write("src/lock.txt", "100\n");
        toy.write("src/make.sh", "cat src/lock.txt > made/number\n");
        toy.write("src/bench.sh", "echo \"METRIC cost=$(($(cat src/cost.txt) + $(cat made/number)))\"\n");
        toy.configure("[build]",
                      "[prepare]\ncommand = \"mkdir made && sh src/make.sh\"\ninputs = [\"src/lock.txt\"]\n"
                      "outputs = [\"made\"]\n\n[build]");
        toy.commit("What is prepared counts");
    }
    const std::string poison =
        one_line_patch("src/make.sh", "cat src/lock.txt > made/number", "echo -1000 > made/number");
    const std::string other_lock = one_line_patch("src/lock.txt", "100", "50");
    const std::string broken_gate = one_line_patch("src/gate.txt", "ok", "broken");
    ToyCampaign toy;
};

TEST_F(Prepared, what_a_refused_candidate_made_reaches_no_other) {
    toy.propose({{"poisons what it makes", other_lock + poison + broken_gate, "gate-failed"},
                 {"makes the same honestly", other_lock, "kept"},
                 {"changes the script alone", poison, "no-gain"},
                 {"stands on the second", toy.cost_patch(1000, 900), "kept"}});

    const Ended run = ratchet(toy.folder(), {"run"});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAre("gate-failed", "kept", "no-gain", "kept"));
    EXPECT_THAT(ratchet(toy.folder(), {"show", "2"}).output, HasSubstr("1050"));
    EXPECT_THAT(ratchet(toy.folder(), {"show", "4"}).output, HasSubstr("950"));
}

TEST_F(Prepared, a_hole_in_what_it_makes_stays_a_hole) {
    toy.write("src/make.sh", "cat src/lock.txt > made/number; truncate -s 2G made/hole\n");
    toy.commit("A hole");
    toy.propose({{"better", toy.cost_patch(1000, 900), "kept"}});

    ASSERT_EQ(ratchet(toy.folder(), {"run"}).status, 0);

    std::int64_t blocks = 0;
    for (const auto& entry : fs::recursive_directory_iterator(toy.state() / "prepared")) {
        struct stat status{};
        ASSERT_EQ(::lstat(entry.path().c_str(), &status), 0);
        blocks += status.st_blocks;
    }
    EXPECT_GT(blocks, 0);
    EXPECT_LT(blocks * 512, 1 << 20);
}

TEST_F(Prepared, closed_folders_are_moved_or_are_the_candidates_own_failure) {
    const auto makes = [&](const std::string& command) {
        return other_lock + one_line_patch("src/make.sh", "cat src/lock.txt > made/number",
                                           "cat src/lock.txt > made/number; " + command);
    };
    toy.propose({{"closes the output", makes("chmod 555 made"), "kept"},
                 {"closes the tree",
                  one_line_patch("src/lock.txt", "50", "10") +
                      one_line_patch("src/make.sh", "cat src/lock.txt > made/number; chmod 555 made",
                                     "cat src/lock.txt > made/number; chmod 0 ."),
                  "kept"},
                 {"goes on", toy.cost_patch(1000, 900), "kept"}});

    const Ended run = ratchet(toy.folder(), {"run"});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAre("kept", "kept", "kept"));
}

TEST_F(Prepared, what_refused_candidates_made_does_not_pile_up) {
    toy.propose({{"refused", other_lock + broken_gate, "gate-failed"}, {"kept", other_lock, "kept"}});

    ASSERT_EQ(ratchet(toy.folder(), {"run"}).status, 0);

    const fs::directory_iterator made(toy.state() / "prepared");
    EXPECT_EQ(std::distance(begin(made), end(made)), 2) << "of the base and of the champion";
}

TEST_F(Prepared, further_outputs_are_made_when_they_are_declared) {
    toy.write("src/make.sh", "cat src/lock.txt > made/number; mkdir also; echo 1 > also/number\n");
    toy.commit("Makes more than it shows");
    std::vector<ToyPatch> patches = {{"better", toy.cost_patch(1000, 900), "kept"}};
    toy.propose(patches);
    ASSERT_EQ(ratchet(toy.folder(), {"run"}).status, 0);
    toy.configure("outputs = [\"made\"]", "outputs = [\"made/\", \"also\"]");
    patches.push_back({"better still", toy.cost_patch(900, 800), "kept"});
    toy.propose(patches);

    const Ended run = ratchet(toy.folder(), {"run"});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAre("kept", "kept"));
}

TEST_F(Prepared, an_output_that_is_missing_is_named) {
    toy.configure("outputs = [\"made\"]", "outputs = [\"made\", \"elsewhere\"]");
    toy.commit("An output that nothing makes");
    toy.propose({{"better", toy.cost_patch(1000, 900), "kept"}});

    const Ended run = ratchet(toy.folder(), {"run"});

    EXPECT_EQ(run.status, 1);
    EXPECT_THAT(run.errors, HasSubstr("[prepare] made no file or folder elsewhere"));
}

TEST(Caches, of_a_champion_that_was_taken_back_are_not_used) {
    const ToyCampaign toy;
    toy.configure("command = \"test \\\"$(cat src/build.txt)\\\" = ok\"",
                  "command = \"mkdir -p cache && cat src/cost.txt >> cache/log\"\ncache = [\"cache\"]");
    toy.configure("command = \"test \\\"$(cat src/gate.txt)\\\" = ok\"",
                  "command = \"grep -qx 900 src/cost.txt || ! grep -qx 900 cache/log\"");
    toy.configure("timeout = \"5s\"", "timeout = \"2s\"");
    toy.commit("A build that leaves its mark in a cache");
    std::vector<ToyPatch> patches = {{"better", toy.cost_patch(1000, 900), "kept"}};
    toy.propose(patches);
    ASSERT_EQ(ratchet(toy.folder(), {"run"}).status, 0);
    patches.push_back({"hangs",
                       "diff --git a/src/bench.sh b/src/bench.sh\n--- a/src/bench.sh\n+++ b/src/bench.sh\n"
                       "@@ -1 +1,2 @@\n echo \"METRIC cost=$(head -n 1 src/cost.txt)\"\n+sleep 60\n",
                       "timed-out"});
    patches.push_back({"stands on the base again", toy.cost_patch(1000, 950), "kept"});
    toy.propose(patches);

    Program run(toy.folder(), {"run"});
    const auto second_is_measured = [&toy] {
        const StillClock clock;
        const Ledger ledger(toy.ledger(), clock, Ledger::Mode::read_only);
        return ledger.experiment_count() == 2 && ledger.experiment({2})->stage == Stage::gated;
    };
    ASSERT_TRUE(eventually(second_is_measured, std::chrono::seconds(60)));
    ASSERT_EQ(ratchet(toy.folder(), {"veto", "1"}).status, 0);
    const Ended ended = run.end();

    ASSERT_EQ(ended.status, 0) << ended.output << ended.errors;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAre("vetoed", "timed-out", "kept"));
}

TEST(Caches, that_a_champion_made_a_link_of_show_nothing_of_the_host) {
    const ToyCampaign toy;
    const ToyCampaign somebody;
    somebody.write("private/key", "TOPSECRET\n");
    fs::permissions(somebody.root(), fs::perms(0755));
    toy.configure("command = \"test \\\"$(cat src/build.txt)\\\" = ok\"",
                  "command = \"sh src/build.sh\"\ncache = [\"cache\"]");
    toy.write("src/build.sh", "true\n");
    toy.commit("A build");
    const std::string lay = "rm -rf cache; ln -s " + (somebody.root() / "private").string() + " cache; true";
    const std::string read = "ls -A cache; cat cache/key; true";
    toy.propose(
        {{"lays a link", toy.cost_patch(1000, 900) + one_line_patch("src/build.sh", "true", lay), "kept"},
         {"reads", toy.cost_patch(900, 800) + one_line_patch("src/build.sh", lay, read), "kept"}});

    const Ended run = ratchet(toy.folder(), {"run"});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAre("kept", "kept"));
    const std::string logs = toy.state().string() + "/logs";
    EXPECT_EQ(
        shell(toy.root(), "find " + logs + " -name '*.zst' | xargs zstdcat | grep -c TOPSECRET || true"),
        "0\n");
    EXPECT_EQ(shell(toy.root(), "strings -n 9 " + toy.ledger().string() + " | grep -c TOPSECRET || true"),
              "0\n");
}

}  // namespace
}  // namespace ratchet::test
