#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/containment/sandbox_fixture.hpp"

namespace ratchet {
namespace {

class Processes : public SandboxTest {};

TEST_F(Processes, EndWithTheirStatus) {
    EXPECT_EQ(run("exit 0").exit_status, 0);
    EXPECT_EQ(run("exit 200").exit_status, 200);
    const RunResult killed = run("kill -KILL $$");
    EXPECT_EQ(killed.ending, Ending::signalled);
    EXPECT_EQ(killed.exit_status, 137);
}

TEST_F(Processes, GetTheirStandardInput) {
    ConfinedCommand confined = command("cat; wc -c < /dev/stdin");
    confined.standard_input = std::string(200000, 'x');
    EXPECT_EQ(run(confined).output.total_bytes, 200000U + 7);
    EXPECT_EQ(run("cat").output.text(), "");
}

TEST_F(Processes, WorkInTheFolderAsked) {
    put("sub/file", "");
    ConfinedCommand confined = command("pwd; ls");
    confined.folder = "sub";
    EXPECT_EQ(run(confined).output.text(), "/tree/sub\nfile\n");
    confined.folder = "nowhere";
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::not_started);
    EXPECT_NE(result.diagnosis.find("nowhere"), std::string::npos);
}

TEST_F(Processes, AreAllGoneWhenTheirTimeIsUp) {
    const std::string sign = marker();
    ConfinedCommand confined = command(
        attacker("leave-daemon " + sign) + "; setsid sleep " + sign + " & (trap '' TERM INT HUP; sleep " +
        sign + ") & sh -c 'kill -STOP $$' " + sign + " & while :; do sleep " + sign + "; done");
    confined.timeout = std::chrono::milliseconds(500);
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::timed_out) << describe(result);
    EXPECT_GE(result.figures.wall_seconds, 0.5);
    EXPECT_TRUE(processes_with(sign).empty());
}

TEST_F(Processes, CannotKeepProcessOneFromItsClock) {
    ConfinedCommand confined =
        command("for i in 1 2 3 4; do " + attacker("flood-with-orphans") + " & done; wait");
    confined.timeout = std::chrono::milliseconds(500);
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::timed_out) << describe(result);
    // Its own report: ratchet would have ended it from outside, without one, 15 s later.
    EXPECT_GE(result.figures.wall_seconds, 0.5);
    EXPECT_LT(result.figures.wall_seconds, 10);
}

TEST_F(Processes, AreAllGoneWhenTheCommandEnds) {
    const std::string sign = marker();
    const RunResult result = run(attacker("leave-daemon " + sign) + "; nohup sleep " + sign +
                                 " & setsid sleep " + sign + " & true");
    EXPECT_TRUE(result.succeeded()) << describe(result);
    EXPECT_TRUE(processes_with(sign).empty());
}

TEST_F(Processes, AreAllGoneWhenTheUserStops) {
    const std::string sign = marker();
    TestStop stop;
    RunResult result;
    const ConfinedCommand confined = command(attacker("leave-daemon " + sign) + "; sleep " + sign);
    std::thread runner([&] { result = confinement->run(confined, stop); });
    EXPECT_TRUE(eventually([&] { return processes_with(sign).size() >= 2; }));
    stop.request();
    runner.join();
    EXPECT_EQ(result.ending, Ending::stopped);
    EXPECT_TRUE(processes_with(sign).empty());
}

TEST_F(Processes, LeaveNeitherMountsNorControlGroups) {
    const std::string before = read("/proc/self/mountinfo");
    ConfinedCommand confined = command("echo x > x");
    confined.access = TreeAccess::discarded;
    EXPECT_TRUE(run(confined).succeeded());
    confined.shell_command = "sleep 60";
    confined.timeout = std::chrono::milliseconds(100);
    EXPECT_EQ(run(confined).ending, Ending::timed_out);
    EXPECT_EQ(read("/proc/self/mountinfo"), before);
    EXPECT_TRUE(control_groups_of(::getpid()).empty());
}

TEST_F(Processes, AreAllGoneWhenRatchetItselfIsKilled) {
    const std::string sign = marker();
    const std::string before = read("/proc/self/mountinfo");
    const pid_t ratchet = ::fork();
    if (ratchet == 0) {
        const ConfinedCommand confined = command(attacker("leave-daemon " + sign) + "; sleep " + sign);
        confinement->run(confined, never);
        ::_exit(0);
    }
    EXPECT_TRUE(eventually([&] { return processes_with(sign).size() >= 2; }));
    ::kill(ratchet, SIGKILL);
    ::waitpid(ratchet, nullptr, 0);
    EXPECT_TRUE(eventually([&] { return processes_with(sign).empty(); }));
    EXPECT_TRUE(eventually([&] { return control_groups_of(ratchet).empty(); }));
    EXPECT_EQ(read("/proc/self/mountinfo"), before);
}

}  // namespace
}  // namespace ratchet
