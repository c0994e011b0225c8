#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "experiment_store/ledger.hpp"
#include "tests/faults/hold.hpp"

// What stands between ratchet and a command is killed while the command runs. That tells nothing about the
// candidate, so nothing of it may stand in a verdict.

namespace ratchet::test {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

bool is_gone(pid_t process) {
    return ::kill(process, 0) != 0;
}

/// Kills these and waits until who is held is gone with them: let go before, it would come to its end on a
/// busy machine, and nobody would miss its helper.
void kill_all(const Hold& hold, const std::string& kind) {
    const std::vector<pid_t> processes = hold.helpers(kind);
    const std::vector<pid_t> held = hold.helpers("sh");
    ASSERT_THAT(processes, Not(IsEmpty()));
    for (const pid_t process : processes)
        ::kill(process, SIGKILL);
    EXPECT_TRUE(eventually([&held] { return std::all_of(held.begin(), held.end(), is_gone); },
                           std::chrono::minutes(1)));
}

/// Lets it go on to its end, which has to be as if nobody had been killed.
void expect_usual_end(Program& program, const FaultCampaign& campaign) {
    const Ended ended = program.end();
    EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
    EXPECT_THAT(ended.output, HasSubstr("killed from outside: that step is taken again"));
    campaign.expect_nothing_lost();
    campaign.expect_same_as(undisturbed());
    EXPECT_THAT(control_groups_of(program.pid()), IsEmpty());
}

struct Killed {
    std::string tier;
    std::string stage;
    std::string kind;
    friend std::ostream& operator<<(std::ostream& out, const Killed& killed) {
        return out << killed.tier << " " << killed.stage << " " << killed.kind;
    }
};

class HelperKill : public ::testing::TestWithParam<Killed> {};

TEST_P(HelperKill, tells_nothing_about_a_candidate) {
    const auto& [tier, stage, kind] = GetParam();
    const Hold hold;
    const FaultCampaign campaign(hold.settings(stage, tier));
    Program program(campaign.toy().folder(), usual_run,
                    campaign.environment("RATCHET_STOP_AT", before_the_first_build));
    ASSERT_NO_FATAL_FAILURE(run_until_held(program, hold));
    kill_all(hold, kind);
    hold.release();
    expect_usual_end(program, campaign);
}

// Each kind of helper, and each stage that one can be killed in.
INSTANTIATE_TEST_SUITE_P(
    Each, HelperKill,
    ::testing::Values(Killed{"strong", "build", "outside"}, Killed{"strong", "gate", "bwrap"},
                      Killed{"strong", "benchmark", "inside"}, Killed{"strong", "benchmark", "outside"},
                      Killed{"none", "build", "inside"}, Killed{"none", "gate", "outside"},
                      Killed{"none", "benchmark", "inside"}),
    [](const auto& killed) {
        return killed.param.tier + "_" + killed.param.stage + "_" + killed.param.kind;
    });

TEST(HelperKillOfProposer, asks_again_under_the_same_number) {
    const Hold hold;
    FaultSettings settings = hold.settings("build");
    settings.changes.clear();
    settings.changes.emplace_back("use = \"replay\"\npatches = \"proposals\"",
                                  "use = \"command\"\ncommand = \"" + hold.command() +
                                      "echo $(($(cat src/cost.txt) / 2)) > src/cost.txt\"");
    settings.changes.emplace_back("experiments = 100", "experiments = 3");
    const FaultCampaign campaign(settings);
    Program program(campaign.toy().folder(), usual_run,
                    campaign.environment("RATCHET_STOP_AT", before_the_first_proposal));
    ASSERT_NO_FATAL_FAILURE(run_until_held(program, hold));
    kill_all(hold, "inside");
    hold.release();

    const Ended ended = program.end();

    EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
    EXPECT_THAT(words_of(campaign.toy().ledger()), ElementsAreArray({"kept", "kept", "kept"}));
    EXPECT_EQ(shell(campaign.toy().root(), "git show ratchet/toy:src/cost.txt"), "125\n");
}

TEST(HelperKillAgain, three_times_in_a_row_gives_that_experiment_up_and_goes_on) {
    const Hold hold;
    const FaultCampaign campaign(hold.settings("gate"));
    Program program(campaign.toy().folder(), usual_run,
                    campaign.environment("RATCHET_STOP_AT", before_the_first_build));
    ASSERT_NO_FATAL_FAILURE(run_until_held(program, hold));
    for (int attempt = 1; attempt <= 3; ++attempt) {
        ASSERT_TRUE(hold.holds());
        const std::vector<pid_t> killed = hold.helpers("sh");
        kill_all(hold, "inside");
        ASSERT_TRUE(eventually([&] {
            const std::vector<pid_t> now = hold.helpers("sh");
            return std::none_of(now.begin(), now.end(), [&](pid_t process) {
                return std::find(killed.begin(), killed.end(), process) != killed.end();
            });
        }));
    }
    hold.release();
    const Ended ended = program.end();
    EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
    std::vector<std::string> words = words_of(campaign.toy().ledger());
    ASSERT_EQ(words.size(), 12U);
    EXPECT_EQ(words.front(), "interrupted");
    EXPECT_THAT(ratchet(campaign.toy().folder(), {"show", "1"}).output, HasSubstr("3 times in a row"));
}

}  // namespace
}  // namespace ratchet::test
