#include "sandbox/process/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/support/eventually.hpp"

namespace ratchet {
namespace {

using std::chrono::milliseconds;

Command shell(const std::string& script) {
    Command command;
    command.argv = {"/bin/sh", "-c", script};
    command.environment = {"PATH=/usr/bin:/bin"};
    command.working_directory = "/";
    return command;
}

Outcome run_shell(const std::string& script) {
    return run(shell(script), {}, NeverStop());
}

/// Readable from the start; the deadline is what the test says.
class StopAt : public StopSignal {
  public:
    explicit StopAt(std::chrono::steady_clock::time_point deadline) : deadline_(deadline) {
        if (::pipe(ends_) != 0 || ::write(ends_[1], "x", 1) != 1) std::abort();
    }
    ~StopAt() override {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    StopAt(const StopAt&) = delete;
    StopAt& operator=(const StopAt&) = delete;
    [[nodiscard]] int descriptor() const override { return ends_[0]; }
    [[nodiscard]] bool requested() const override { return true; }
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> deadline() const override {
        return deadline_;
    }

  private:
    std::chrono::steady_clock::time_point deadline_;
    int ends_[2];
};

/// Whoever asks it for the deadline finds out only when a child has ended and this moment is over: as if it
/// had been stopped (SIGSTOP) meanwhile.
class Asleep final : public StopAt {
  public:
    explicit Asleep(std::chrono::steady_clock::time_point until) : StopAt(until), until_(until) {}
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> deadline() const override {
        siginfo_t child{};
        EXPECT_TRUE(eventually([&] {
            return ::waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) != 0 || child.si_pid != 0;
        }));
        std::this_thread::sleep_until(until_);
        return std::nullopt;
    }

  private:
    std::chrono::steady_clock::time_point until_;
};

/// Killed counts, whether or not whoever adopted it has reaped it.
bool runs(pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/stat");
    std::string line;
    std::getline(status, line);
    return !line.empty() && line.find(") Z ") == std::string::npos && line.find(") X ") == std::string::npos;
}

TEST(Process, YieldsStatusAndBothStreams) {
    const Outcome outcome = run_shell("echo out; echo err >&2; exit 3");
    EXPECT_EQ(outcome.ending, Ending::exited);
    EXPECT_EQ(outcome.exit_status, 3);
    EXPECT_EQ(outcome.output.text(), "out\n");
    EXPECT_EQ(outcome.errors.text(), "err\n");
}

TEST(Process, SaysWhichSignalEndedIt) {
    const Outcome outcome = run_shell("kill -TERM $$");
    EXPECT_EQ(outcome.ending, Ending::signalled);
    EXPECT_EQ(outcome.exit_status, 128 + SIGTERM);
}

TEST(Process, ThatCannotBeExecutedIsData) {
    Command command = shell("true");
    command.argv[0] = "/nowhere/program";
    const Outcome outcome = run(command, {}, NeverStop());
    EXPECT_EQ(outcome.ending, Ending::not_started);
    EXPECT_NE(outcome.errors.text().find("/nowhere/program"), std::string::npos);
    command = shell("true");
    command.working_directory = "/nowhere";
    EXPECT_EQ(run(command, {}, NeverStop()).ending, Ending::not_started);
}

TEST(Process, InheritsNothingButWhatIsGiven) {
    ::setenv("RATCHET_TEST_LEAK", "x", 1);
    const int leak = ::open("/dev/null", O_RDONLY);
    const int high = ::fcntl(leak, F_DUPFD, 300);
    const Outcome outcome = run_shell("env | grep -v PWD=; ls /proc/self/fd | tr '\\n' ' '");
    ::close(leak);
    ::close(high);
    ::unsetenv("RATCHET_TEST_LEAK");
    EXPECT_EQ(outcome.output.text(), "PATH=/usr/bin:/bin\n0 1 2 3 ") << "3 is what ls itself has open";
}

TEST(Process, HasASessionAndAGroupOfItsOwn) {
    const Outcome outcome = run_shell(
        "read -r pid name state parent group session rest < /proc/self/stat; "
        "echo $group $session $$");
    const pid_t mine = ::getsid(0);
    std::istringstream numbers(outcome.output.text());
    pid_t group = 0;
    pid_t session = 0;
    pid_t self = 0;
    numbers >> group >> session >> self;
    EXPECT_EQ(group, self);
    EXPECT_EQ(session, self);
    EXPECT_NE(session, mine);
}

TEST(Process, IgnoresNoSignalThatItsParentIgnores) {
    ::signal(SIGPIPE, SIG_IGN);
    const Outcome outcome = run_shell("grep SigIgn /proc/self/status | cut -f2");
    ::signal(SIGPIPE, SIG_DFL);
    EXPECT_EQ(outcome.output.text(), "0000000000000000\n");
}

TEST(Process, ReadsItsStandardInputWhateverItsSize) {
    Command command = shell("wc -c");
    command.standard_input = std::string(3 << 20, 'x');
    EXPECT_EQ(run(command, {}, NeverStop()).output.text(), "3145728\n");
    EXPECT_EQ(run_shell("wc -c").output.text(), "0\n");
}

TEST(Process, GetsAttachmentsAndReports) {
    Command command = shell("cat <&4; cat <&5; echo report >&3");
    command.wants_report = true;
    command.attachments = {"first", "second"};
    const Outcome outcome = run(command, {}, NeverStop());
    EXPECT_EQ(outcome.output.text(), "firstsecond");
    EXPECT_EQ(outcome.report, "report\n");
}

TEST(Process, EndsWithItsGroupWhenItsTimeIsUp) {
    Limits limits;
    limits.wall = milliseconds(200);
    const auto start = std::chrono::steady_clock::now();
    const Outcome outcome = run(shell("trap '' TERM; sleep 600 & echo $!; sleep 600"), limits, NeverStop());
    EXPECT_EQ(outcome.ending, Ending::timed_out);
    EXPECT_GE(outcome.figures.wall_seconds, 0.2);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(300));
    const pid_t child = std::atoi(outcome.output.text().c_str());
    ASSERT_GT(child, 0);
    // A signal is sent before it has arrived.
    EXPECT_TRUE(eventually([&] { return !runs(child); })) << "still runs: " << child;
}

TEST(Process, EndsAtTheDeadlineOfAStop) {
    const StopAt stop(std::chrono::steady_clock::now() + milliseconds(200));
    EXPECT_EQ(run(shell("sleep 600"), {}, stop).ending, Ending::stopped);
}

TEST(Process, MayFinishBeforeTheDeadlineOfAStop) {
    const StopAt stop(std::chrono::steady_clock::now() + std::chrono::hours(1));
    EXPECT_EQ(run(shell("exit 5"), {}, stop).exit_status, 5);
}

TEST(Process, ThatSupervisesIsAskedToEndFirst) {
    Command command = shell("trap 'echo cleaned; exit 9' TERM; sleep 600 & wait");
    command.supervises = true;
    Limits limits;
    limits.wall = milliseconds(500);
    const Outcome outcome = run(command, limits, NeverStop());
    EXPECT_EQ(outcome.ending, Ending::timed_out);
    EXPECT_EQ(outcome.output.text(), "cleaned\n");
}

TEST(Process, LeavesItsGroupBehindDead) {
    const Outcome outcome = run_shell("sleep 600 & echo started");
    EXPECT_EQ(outcome.output.text(), "started\n") << "and does not wait for the stream that its child holds";
    EXPECT_LT(outcome.figures.wall_seconds, 300);
}

TEST(Process, ThatEndedInTimeIsNotTimedOutBecauseNobodyLooked) {
    Limits limits;
    limits.wall = milliseconds(200);
    const Asleep stop(std::chrono::steady_clock::now() + 2 * limits.wall);
    const Outcome outcome = run(shell("exit 3"), limits, stop);
    EXPECT_EQ(outcome.ending, Ending::exited);
    EXPECT_EQ(outcome.exit_status, 3);
}

TEST(Process, MeasuresWhatItUsed) {
    const Outcome outcome = run_shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done");
    EXPECT_GT(outcome.figures.user_seconds, 0.005);
    EXPECT_GT(outcome.figures.peak_memory_bytes, 100000);
    EXPECT_GE(outcome.figures.wall_seconds, 0.005);
    EXPECT_GE(outcome.figures.steal_ticks, 0);
    EXPECT_GE(outcome.figures.pressure_seconds, 0);
}

TEST(Process, ManyAtOnceDoNotDisturbEachOther) {
    std::vector<std::thread> threads;
    std::vector<int> statuses(8, -1);
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([i, &statuses] {
            for (int round = 0; round < 5; ++round) {
                const Outcome outcome = run_shell("head -c 100000 /dev/zero; exit " + std::to_string(i));
                statuses[static_cast<std::size_t>(i)] =
                    outcome.output.total_bytes == 100000 ? outcome.exit_status : -2;
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    for (int i = 0; i < 8; ++i)
        EXPECT_EQ(statuses[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace ratchet
