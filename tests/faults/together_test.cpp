#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <memory>

#include "experiment_store/ledger.hpp"
#include "tests/faults/fault_campaign.hpp"

// Several at once: runners of one campaign, readers beside a runner, campaigns of one repository.

namespace ratchet::test {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;

std::string name_of_this_host() {
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "?";
}

/// A runner that waits at a point until it is told to go on.
class RunnerAt {
  public:
    RunnerAt(const FaultCampaign& campaign, const Passing& at)
        : program_(campaign.toy().folder(), usual_run, campaign.environment("RATCHET_STOP_AT", at)) {
        EXPECT_TRUE(has_stopped(program_)) << program_.end().errors;
    }
    [[nodiscard]] std::string owner() const {
        return std::to_string(program_.pid()) + " on " + name_of_this_host() + " since 20";
    }
    void go_on() {
        program_.signal(SIGCONT);
        const Ended ended = program_.end();
        EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
    }
    void kill() {
        program_.signal(SIGKILL);
        program_.end();
    }

  private:
    Program program_;
};

TEST(TwoRunners, of_one_campaign_are_one_too_many) {
    const FaultCampaign campaign;
    RunnerAt first(campaign, {"ledger/store_proposal committed", 1});
    for (const char* verb : {"run", "check", "verify", "gc"}) {
        const Ended second = ratchet(campaign.toy().folder(), {verb});
        EXPECT_EQ(second.status, 1) << verb;
        EXPECT_THAT(second.errors, AllOf(HasSubstr("another ratchet (process " + first.owner()),
                                         HasSubstr("UTC) runs this campaign"), HasSubstr("ratchet status")));
    }
    first.go_on();
    campaign.expect_same_as(undisturbed());
}

TEST(TwoRunners, begun_together_are_one_runner) {
    const FaultCampaign campaign;
    std::vector<std::unique_ptr<Program>> programs;
    for (int i = 0; i < 4; ++i) {
        programs.push_back(
            std::make_unique<Program>(campaign.toy().folder(), usual_run, campaign.environment()));
    }
    int successes = 0;
    for (const auto& program : programs) {
        const Ended ended = program->end();
        EXPECT_THAT(ended.status, AnyOf(0, 1));
        if (ended.status == 0)
            ++successes;  // more than one: the campaign was over when the others began
        else
            EXPECT_THAT(ended.errors, HasSubstr("runs this campaign"));
    }
    EXPECT_GT(successes, 0);
    campaign.expect_nothing_lost();
    campaign.expect_same_as(undisturbed());
}

TEST(StaleLock, of_a_dead_runner_here_or_elsewhere_stops_nobody) {
    const FaultCampaign campaign;
    const std::string lock = ".git/ratchet/toy/runner.lock";
    RunnerAt killed(campaign, {"ledger/store_proposal committed", 3});
    const std::string owner = killed.owner();
    killed.kill();
    EXPECT_THAT(campaign.toy().read(lock), HasSubstr(owner));
    // As it is in a repository that was copied from another machine: the number may be somebody's here.
    campaign.toy().write(lock,
                         "1 on elsewhere since 2001-01-01 00:00 UTC, and more than the next owner writes");
    RunnerAt next(campaign, {"ledger/store_proposal committed", 5});
    EXPECT_THAT(campaign.toy().read(lock), MatchesRegex("[0-9]+ on .* since 20.* UTC"));
    next.go_on();
    campaign.expect_same_as(undisturbed());
}

/// Within and between the transactions of a runner, which does not go on meanwhile.
TEST(Readers, of_a_running_campaign_are_never_held_up) {
    const FaultCampaign campaign;
    const std::filesystem::path folder = campaign.toy().folder();
    for (const char* point :
         {"ledger/add_pair commit", "ledger/finish commit", "git/pin written", "ledger/finish committed"}) {
        SCOPED_TRACE(point);
        RunnerAt runner(campaign, {point, campaign.points()[point] + 2});
        for (const std::vector<std::string>& verb :
             std::vector<std::vector<std::string>>{{"status"},
                                                   {"status", "--json"},
                                                   {"log"},
                                                   {"show", "1"},
                                                   {"show", "1", "--prompt"},
                                                   {"search", "better"},
                                                   {"prompt"},
                                                   {"report"}}) {
            const Ended ended = ratchet(folder, verb);
            EXPECT_EQ(ended.status, 0) << verb.front() << '\n' << ended.output << ended.errors;
        }
        EXPECT_THAT(words_of(campaign.toy().ledger()), Not(IsEmpty()));
        runner.kill();
    }
    campaign.run_to_the_end();
    campaign.expect_same_as(undisturbed());
}

TEST(Writers, beside_a_runner_take_turns_with_it) {
    const FaultCampaign campaign;
    RunnerAt runner(campaign, {"ledger/add_pair committed", 2});
    EXPECT_EQ(ratchet(campaign.toy().folder(), {"note", "not so fast"}).status, 0);
    runner.go_on();
    const StillClock clock;
    const Ledger ledger(campaign.toy().ledger(), clock, Ledger::Mode::read_only);
    ASSERT_EQ(ledger.notes().size(), 1U);
    EXPECT_EQ(ledger.notes().front().text, "not so fast");
    campaign.expect_same_as(undisturbed());
}

TEST(TwoCampaigns, of_one_repository_run_side_by_side) {
    const FaultCampaign campaign;
    const ToyCampaign& toy = campaign.toy();
    std::string file = toy.read("ratchet.toml");
    const std::string name = "name = \"toy\"";
    file.replace(file.find(name), name.size(), "name = \"second\"");
    toy.write("second.toml", file);

    Program first(toy.folder(), usual_run);
    Program second(toy.folder(), {"run", "--no-verify", "--file", "second.toml"});

    for (Program* program : {&first, &second}) {
        const Ended ended = program->end();
        EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
    }
    const auto words = words_of(undisturbed().toy().ledger());
    for (const char* each : {"toy", "second"}) {
        SCOPED_TRACE(each);
        EXPECT_THAT(words_of(toy.root() / ".git/ratchet" / each / "ledger.sqlite"), ElementsAreArray(words));
        EXPECT_EQ(shell(toy.root(), std::string("git show ratchet/") + each + ":src/cost.txt"), "500\n");
    }
    EXPECT_EQ(shell(toy.root(), "git worktree list | wc -l"), "1\n");
    EXPECT_EQ(shell(toy.root(), "git fsck --strict 2>&1 | grep -v dangling || true"), "");
}

}  // namespace
}  // namespace ratchet::test
