#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

namespace ratchet::test {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Campaign, gives_every_proposal_the_verdict_that_it_deserves) {
    const ToyCampaign toy;
    const auto patches = toy.twelve();
    toy.propose(patches);

    const Ended run = ratchet(toy.folder(), {"run"});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
}

TEST(Campaign, leaves_its_champion_on_a_branch_that_holds_the_kept_changes) {
    const ToyCampaign toy;
    toy.propose(toy.twelve());
    ASSERT_EQ(ratchet(toy.folder(), {"run"}).status, 0);

    EXPECT_EQ(shell(toy.root(), "git show ratchet/toy:src/cost.txt"), "500\n");
    EXPECT_EQ(shell(toy.root(), "git rev-parse ratchet/toy"),
              shell(toy.root(), "git rev-parse refs/ratchet/toy/champion"));
    EXPECT_EQ(shell(toy.root(), "git rev-list --count main..ratchet/toy"), "2\n");
}

TEST(Campaign, works_in_a_subfolder) {
    const ToyCampaign toy("engine/core");
    const auto patches = toy.twelve();
    toy.propose(patches);

    const Ended run = ratchet(toy.folder(), {"run"});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
}

TEST(Campaign, begins_nothing_new_when_it_is_run_again_at_its_end) {
    const ToyCampaign toy;
    toy.propose(toy.twelve());
    ASSERT_EQ(ratchet(toy.folder(), {"run"}).status, 0);

    EXPECT_EQ(ratchet(toy.folder(), {"run"}).status, 0);
    EXPECT_EQ(words_of(toy.ledger()).size(), 12U);
}

TEST(Campaign, asks_an_agent_command_that_reads_its_prompt_and_leaves_notes) {
    const ToyCampaign toy;
    toy.configure("use = \"replay\"\npatches = \"proposals\"",
                  "use = \"command\"\ncommand = \"sh guarded/agent.sh\"");
    toy.configure("experiments = 100", "experiments = 3");
    // Halves the cost each time, from what it finds; says so in its notes.
    toy.write("guarded/agent.sh",
              "grep -q 'Make the cost lower' || exit 9\n"
              "cost=$(cat src/cost.txt)\n"
              "echo $((cost / 2)) > src/cost.txt\n"
              "printf '{\"hypothesis\": \"half of %s\"}' $cost > .ratchet-notes.json\n");
    toy.commit("An agent");

    const Ended run = ratchet(toy.folder(), {"run"});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray({"kept", "kept", "kept"}));
    EXPECT_EQ(shell(toy.root(), "git show ratchet/toy:src/cost.txt"), "125\n");
    const auto shown = nlohmann::json::parse(ratchet(toy.folder(), {"show", "3", "--json"}).output);
    EXPECT_THAT(shown.dump(), HasSubstr("half of 250"));
}

TEST(Campaign, stops_cleanly_on_an_interrupt_and_goes_on) {
    const ToyCampaign toy;
    const auto patches = toy.twelve();
    toy.propose(patches);
    // The gate waits until it is let go, so that the interrupt comes while something runs.
    toy.configure("command = \"test \\\"$(cat src/gate.txt)\\\" = ok\"",
                  "command = \"test \\\"$(cat src/gate.txt)\\\" = ok && echo waiting && sleep 0.3\"");

    Program first(toy.folder(), {"run"});
    ASSERT_TRUE(
        eventually([&] { return std::filesystem::exists(toy.state() / "logs/000001/gate-check.zst"); },
                   std::chrono::seconds(60)));
    first.signal(SIGINT);
    const Ended stopped = first.end();
    EXPECT_EQ(stopped.status, 130) << stopped.output << stopped.errors;
    EXPECT_EQ(shell(toy.root(), "git worktree list | wc -l"), "1\n");

    const Ended second = ratchet(toy.folder(), {"run"});
    ASSERT_EQ(second.status, 0) << second.output << second.errors;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
}

TEST(Campaign, is_run_by_one_process_at_a_time) {
    const ToyCampaign toy;
    toy.propose(toy.twelve());
    toy.configure("command = \"test \\\"$(cat src/gate.txt)\\\" = ok\"", "command = \"sleep 30\"");
    Program first(toy.folder(), {"run"});
    ASSERT_TRUE(
        eventually([&] { return ratchet(toy.folder(), {"status"}).status == 0; }, std::chrono::seconds(60)))
        << "readers are welcome";

    const Ended second = ratchet(toy.folder(), {"run"});

    EXPECT_EQ(second.status, 1);
    EXPECT_THAT(second.errors, HasSubstr("runs this campaign"));
    first.signal(SIGINT);
    first.signal(SIGTERM);  // not SIGINT again: two pending ones are one
    EXPECT_EQ(first.end().status, 130);
}

TEST(Campaign, takes_a_kept_experiment_back) {
    const ToyCampaign toy;
    toy.propose(toy.twelve());
    ASSERT_EQ(ratchet(toy.folder(), {"run"}).status, 0);

    const Ended veto = ratchet(toy.folder(), {"veto", "12", "--reason", "too clever"});

    ASSERT_EQ(veto.status, 0) << veto.errors;
    EXPECT_EQ(shell(toy.root(), "git show ratchet/toy:src/cost.txt"), "900\n");
    EXPECT_EQ(words_of(toy.ledger()).back(), "vetoed");
}

TEST(Campaign, tries_again_what_stood_on_a_vetoed_experiment) {
    const ToyCampaign toy;
    toy.propose({{"a detail", toy.cost_patch(1000, 900), "kept"},
                 {"on top of it",
                  "diff --git a/src/extra.txt b/src/extra.txt\nnew file mode 100644\n--- /dev/null\n+++ "
                  "b/src/extra.txt\n"
                  "@@ -0,0 +1 @@\n+extra\n" +
                      toy.cost_patch(900, 500),
                  "kept"}});
    ASSERT_EQ(ratchet(toy.folder(), {"run"}).status, 0);
    ASSERT_EQ(ratchet(toy.folder(), {"veto", "1"}).status, 0);

    const Ended run = ratchet(toy.folder(), {"run"});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    // The second one's diff does not apply to the base, which is what the ledger says now; it is tried once.
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray({"vetoed", "kept", "rejected/conflict"}));
}

TEST(Campaign, judges_a_change_of_the_users_own) {
    const ToyCampaign toy;
    toy.propose({{"nothing", "", "rejected/empty"}});
    ASSERT_EQ(ratchet(toy.folder(), {"run"}).status, 0) << "founds the campaign";
    shell(
        toy.root(),
        "git checkout -q -b mine && echo 700 > src/cost.txt && git commit -qam mine && git checkout -q main");

    const Ended tried = ratchet(toy.folder(), {"try", "mine"});

    ASSERT_EQ(tried.status, 0) << tried.output << tried.errors;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray({"rejected/empty", "kept"}));
}

TEST(Check, records_the_noise_of_this_machine) {
    const ToyCampaign toy;
    toy.propose({{"nothing", "", "rejected/empty"}});

    const Ended check = ratchet(toy.folder(), {"check", "--record-noise", "trace.csv", "--runs", "5"});

    ASSERT_EQ(check.status, 0) << check.output << check.errors;
    EXPECT_THAT(check.output, HasSubstr("6 runs are recorded in trace.csv"));
    EXPECT_EQ(shell(toy.folder(), "wc -l < trace.csv"), "7\n");
    EXPECT_EQ(shell(toy.folder(), "sed -n 2p trace.csv | cut -d, -f1"), "1000\n");
    EXPECT_EQ(ratchet(toy.folder(), {"simulate", "--noise", "trace.csv"}).status, 1)
        << "too short for a night";
}

TEST(CommandLine, says_in_a_sentence_what_is_wrong_with_it) {
    const ToyCampaign toy;
    toy.propose({{"nothing", "", "rejected/empty"}});
    ASSERT_EQ(ratchet(toy.folder(), {"run"}).status, 0);
    const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
        {{"stats"}, "did you mean `ratchet status`?"},
        {{}, "`ratchet --help` shows"},
        {{"show"}, "`ratchet show --help` shows"},
        {{"show", "first"}, "number"},
        {{"veto", "first"}, "number"},
        {{"log", "--verdict", "kep"}, "did you mean \"kept\"?"},
        {{"log", "--since", "whenever"}, "\"whenever\""},
        {{"log", "--limit", "0"}, "--limit"},
        {{"status", "--loud"}, "--loud"},
    };
    for (const auto& [arguments, word] : wrong) {
        const Ended ended = ratchet(toy.folder(), arguments);
        EXPECT_EQ(ended.status, 2) << ended.errors;
        EXPECT_THAT(ended.errors, StartsWith("ratchet: "));
        EXPECT_THAT(ended.errors, HasSubstr(word));
    }
}

}  // namespace
}  // namespace ratchet::test
