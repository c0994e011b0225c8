#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/containment/sandbox_fixture.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;

constexpr const char* busy = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";

/// The mechanics, with a counter of the kernel that every machine has: nanoseconds of processor time.
class CountedRun : public SandboxTest {
  protected:
    CountedRun() {
        ConfinementSettings settings;
        settings.helper = RATCHET_HELPER;
        settings.bubblewrap = "/usr/bin/bwrap";
        settings.counter = Counter::task_clock;
        confinement = make_confinement(settings);
    }
    /// Against what the kernel says of the same processes by other means.
    static void expect_all_counted(const RunResult& result) {
        ASSERT_TRUE(result.figures.instructions) << describe(result);
        const double counted = static_cast<double>(*result.figures.instructions) * 1e-9;
        const double used = result.figures.user_seconds + result.figures.system_seconds;
        EXPECT_GT(counted, used * 0.7) << describe(result);
        EXPECT_LT(counted, used * 1.3 + 0.02) << describe(result);
    }
};

TEST_F(CountedRun, CountsTheCommand) {
    EXPECT_EQ(confinement->missing_counter(), "");
    expect_all_counted(run(busy));
}

TEST_F(CountedRun, CountsEveryProcessThatItStarts) {
    const std::string both = "(" + std::string(busy) + ") & (" + busy + "); wait";
    expect_all_counted(run("sh -c '" + both + "'"));
}

TEST_F(CountedRun, CountsWhatIsLeftBehindAndKilled) {
    expect_all_counted(run("(setsid sh -c 'while :; do :; done' &) ; " + std::string(busy)));
}

TEST_F(CountedRun, CannotBeSwitchedOffByTheCommand) {
    expect_all_counted(run(attacker("stop-counters") + "; " + busy));
}

TEST_F(CountedRun, CountsOverADiscardedTreeToo) {
    ConfinedCommand confined = command(busy);
    confined.access = TreeAccess::discarded;
    confined.watched = {"none"};
    expect_all_counted(run(confined));
}

/// The counter that people ask for, where the machine has it and where it has not.
TEST_F(SandboxTest, InstructionsAreThereOrTheReasonIs) {
    const RunResult result = run(busy);
    ASSERT_TRUE(result.succeeded()) << describe(result);
    EXPECT_EQ(result.figures.instructions.has_value(), confinement->missing_counter().empty());
    // A shell takes dozens of instructions for each turn of that loop.
    if (result.figures.instructions) {
        EXPECT_GT(*result.figures.instructions, 1'000'000);
    }
}

TEST(CounterProblem, SaysWhatToDo) {
    EXPECT_THAT(counter_problem(ENOENT), HasSubstr("virtual machine"));
    EXPECT_THAT(counter_problem(EACCES), HasSubstr("sysctl kernel.perf_event_paranoid=2"));
    EXPECT_THAT(counter_problem(ENOSYS), HasSubstr("built without"));
    EXPECT_THAT(counter_problem(EMFILE), HasSubstr("Too many open files"));
}

}  // namespace
}  // namespace ratchet
