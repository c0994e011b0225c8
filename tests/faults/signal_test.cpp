#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <memory>

#include "experiment_store/ledger.hpp"
#include "tests/faults/hold.hpp"

// What a terminal, a shell or an impatient user does to a run.

namespace ratchet::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The grace that a first wish to stop gives whatever runs.
constexpr std::chrono::seconds grace{10};

std::vector<Pair> pairs_of_the_first(const FaultCampaign& campaign) {
    const StillClock clock;
    const Ledger ledger(campaign.toy().ledger(), clock, Ledger::Mode::read_only);
    return ledger.experiment(ExperimentId{1}).value().pairs;
}

/// It was stopped by the user, has cleaned up, and goes on to the usual end.
void expect_clean_stop(Program& program, FaultCampaign& campaign) {
    const Ended ended = program.end();
    EXPECT_EQ(ended.status, 130) << ended.output << ended.errors;
    EXPECT_THAT(ended.output, HasSubstr("stopped by the user"));
    EXPECT_EQ(shell(campaign.toy().root(), "git worktree list | wc -l"), "1\n");
    EXPECT_THAT(control_groups_of(program.pid()), IsEmpty());
    campaign.expect_nothing_lost();
}

class Signals : public ::testing::Test {
  protected:
    /// Starts the run and holds the first pair's benchmark.
    void begin() {
        program_ =
            std::make_unique<Program>(campaign_.toy().folder(), usual_run,
                                      campaign_.environment("RATCHET_STOP_AT", before_the_first_build));
        run_until_held(*program_, hold_);
    }
    void go_on() {
        hold_.release();
        campaign_.run_to_the_end();
        campaign_.expect_same_as(undisturbed());
    }

    const Hold hold_;
    FaultCampaign campaign_{hold_.settings("benchmark")};
    std::unique_ptr<Program> program_;
};

class StopSignals : public Signals, public ::testing::WithParamInterface<int> {};

TEST_P(StopSignals, once_ends_the_run_after_the_pair_at_work) {
    ASSERT_NO_FATAL_FAILURE(begin());
    program_->signal(GetParam());
    hold_.release();
    expect_clean_stop(*program_, campaign_);
    EXPECT_THAT(pairs_of_the_first(campaign_), SizeIs(1));
    go_on();
}

TEST_P(StopSignals, twice_ends_it_at_once) {
    ASSERT_NO_FATAL_FAILURE(begin());
    program_->signal(GetParam());
    program_->signal(GetParam() == SIGINT ? SIGTERM : SIGINT);  // two pending ones of a kind are one
    EXPECT_TRUE(program_->wait(grace)) << "the second wish changed nothing";
    expect_clean_stop(*program_, campaign_);
    EXPECT_THAT(pairs_of_the_first(campaign_), IsEmpty());
    go_on();
}

INSTANTIATE_TEST_SUITE_P(Each, StopSignals, ::testing::Values(SIGINT, SIGTERM));

/// Takes as long as the grace does: once is enough.
TEST_F(Signals, once_drops_a_pair_that_takes_longer_than_the_grace) {
    ASSERT_NO_FATAL_FAILURE(begin());
    program_->signal(SIGTERM);
    expect_clean_stop(*program_, campaign_);
    EXPECT_THAT(pairs_of_the_first(campaign_), IsEmpty());
    go_on();
}

TEST_F(Signals, a_lost_terminal_changes_nothing) {
    ASSERT_NO_FATAL_FAILURE(begin());
    program_->signal(SIGHUP);
    hold_.release();
    const Ended ended = program_->end();
    EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
    campaign_.expect_same_as(undisturbed());
}

TEST_F(Signals, a_run_that_is_stopped_for_a_while_loses_nothing) {
    ASSERT_NO_FATAL_FAILURE(begin());
    program_->signal(SIGSTOP);
    ASSERT_TRUE(has_stopped(*program_));
    hold_.release();
    ASSERT_TRUE(eventually([&] { return hold_.helpers("outside").empty(); }))
        << "the benchmark ends by itself";
    program_->signal(SIGCONT);
    const Ended ended = program_->end();
    EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
    campaign_.expect_same_as(undisturbed());
}

TEST(LostOutput, a_closed_pipe_changes_nothing_and_the_log_has_it_all) {
    const FaultCampaign campaign;
    const ToyCampaign& toy = campaign.toy();
    shell(toy.root(), std::string("set +o pipefail; { ") + RATCHET_PROGRAM +
                          " run --no-verify; echo $? > .git/status; } 2>&1 | head -n 1");
    EXPECT_EQ(toy.read(".git/status"), "0\n");
    std::filesystem::remove(toy.root() / ".git/status");
    campaign.expect_same_as(undisturbed());
    EXPECT_THAT(toy.read(".git/ratchet/toy/ratchet.log"), HasSubstr("#12 kept"));
}

/// A terminal of its own for a program, whose other end can be closed.
TEST(LostOutput, a_terminal_that_goes_away_changes_nothing) {
    const FaultCampaign campaign;
    const ToyCampaign& toy = campaign.toy();
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    ASSERT_TRUE(terminal >= 0 && ::grantpt(terminal) == 0 && ::unlockpt(terminal) == 0);
    const std::string name = ::ptsname(terminal);
    const std::string folder = toy.folder().string();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        // The first terminal that a session opens is its own: its end is a SIGHUP.
        ::setsid();
        for (int descriptor = 0; descriptor < 3; ++descriptor) {
            ::close(descriptor);
            ::open(name.c_str(), O_RDWR);
        }
        if (::chdir(folder.c_str()) == 0)
            ::execl(RATCHET_PROGRAM, "ratchet", "run", "--no-verify", static_cast<const char*>(nullptr));
        ::_exit(127);
    }
    std::array<char, 1> first{};
    EXPECT_EQ(::read(terminal, first.data(), first.size()), 1) << "it says something";
    ::close(terminal);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    campaign.expect_same_as(undisturbed());
}

}  // namespace
}  // namespace ratchet::test
