#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

// A night goes on where it can, and stops with the reason where it cannot.

namespace ratchet::test {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
namespace fs = std::filesystem;

int count_of(const std::string& text, const std::string& part) {
    int count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++count;
    return count;
}

/// A campaign whose agent is turned away each time.
class TurnedAway : public ::testing::Test {
  protected:
    void ask(const std::string& command, const std::string& backoff) const {
        toy.configure("use = \"replay\"\npatches = \"proposals\"",
                      "use = \"command\"\ncommand = \"" + command + "\"\nbackoff = \"" + backoff + "\"");
    }
    ToyCampaign toy;
};

TEST_F(TurnedAway, an_agent_comes_back_later_each_time_until_a_person_is_needed) {
    ask("echo overloaded >&2; exit 1", "1ms");

    const Ended run = ratchet(toy.folder(), {"run"});

    EXPECT_EQ(run.status, 1) << run.errors;
    EXPECT_THAT(words_of(toy.ledger()), AllOf(SizeIs(12), Each("no-proposal")));
    // Of eleven waits the first are of milliseconds, and may be over before anybody could be told.
    EXPECT_GE(count_of(run.output, "before the next proposal"), 6) << run.output;
    EXPECT_THAT(run.output, HasSubstr("the last 12 proposals came to nothing"));
    EXPECT_THAT(run.output, HasSubstr("overloaded"));
}

TEST_F(TurnedAway, one_that_changes_nothing_is_no_better) {
    ask("true", "1ms");

    const Ended run = ratchet(toy.folder(), {"run"});

    EXPECT_EQ(run.status, 1) << run.errors;
    EXPECT_THAT(words_of(toy.ledger()), AllOf(SizeIs(12), Each("rejected/empty")));
}

TEST_F(TurnedAway, what_it_is_asked_for_is_obeyed_and_a_wish_to_stop_as_well) {
    ask("echo retry-after: 3600 >&2; exit 1", "1ms");

    Program run(toy.folder(), {"run"});
    const auto waits = [&toy = toy] {
        return fs::exists(toy.state() / "ratchet.log") &&
               shell(toy.root(), "cat .git/ratchet/toy/ratchet.log").find("waiting 1h") != std::string::npos;
    };
    ASSERT_TRUE(eventually(waits, std::chrono::seconds(30)));
    run.signal(SIGINT);

    EXPECT_EQ(run.end().status, 130);
    EXPECT_THAT(words_of(toy.ledger()), ElementsAre("no-proposal"));
}

TEST_F(TurnedAway, the_same_failure_again_and_again_pauses_the_campaign) {
    ask("date +%s%N > src/line.txt; echo broken > src/build.txt", "1ms");

    const Ended run = ratchet(toy.folder(), {"run"});

    EXPECT_EQ(run.status, 1) << run.errors;
    EXPECT_THAT(words_of(toy.ledger()), AllOf(SizeIs(12), Each("build-failed")));
    EXPECT_THAT(run.output, HasSubstr("the last 12 experiments ended as build-failed"));
    EXPECT_EQ(count_of(run.output, "before the next proposal"), 0) << "its server is well";
    EXPECT_THAT(ratchet(toy.folder(), {"show", "4"}).output, HasSubstr("repair"));
}

TEST(BrokenBase, is_held_against_no_candidate_and_pauses_the_campaign) {
    const ToyCampaign toy;
    const ToyCampaign machine;
    const std::string tool = (machine.root() / "tool").string();
    const std::string told = (machine.root() / "told").string();
    fs::create_directories(tool);
    machine.write("tool/ok", "");
    for (const fs::path& open : {machine.root(), fs::path(tool)})
        fs::permissions(open, fs::perms(0755));
    // The tool goes as soon as the first candidate is kept, once.
    machine.write("armed", "");
    const std::string armed = (machine.root() / "armed").string();
    toy.configure("scope =", "on_event = \"cat >> " + told + "; ! test -e " + armed + " || rm " + armed +
                                 " " + tool + "/ok\"\nscope =");
    toy.configure("command = \"test \\\"$(cat src/gate.txt)\\\" = ok\"",
                  "command = \"test -e " + tool + "/ok\"");
    toy.configure("[budget]", "[sandbox]\nread = [\"" + tool + "\"]\n\n[budget]");
    toy.propose(
        {{"better", toy.cost_patch(1000, 900), "kept"}, {"better still", toy.cost_patch(900, 800), "kept"}});

    const Ended first = ratchet(toy.folder(), {"run", "--no-verify"});

    EXPECT_EQ(first.status, 1) << first.output;
    EXPECT_THAT(first.errors, AllOf(HasSubstr("#2 ended as gate-failed, but the champion does not run here"),
                                    HasSubstr("something outside of the code has changed")));
    EXPECT_THAT(shell(machine.root(), "cat told"), HasSubstr("paused"));
    EXPECT_THAT(ratchet(toy.folder(), {"log"}).output, HasSubstr("#1  kept"));

    machine.write("tool/ok", "");
    const Ended second = ratchet(toy.folder(), {"run", "--no-verify"});

    EXPECT_EQ(second.status, 0) << second.errors;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAre("kept", "kept"));
}

}  // namespace
}  // namespace ratchet::test
