#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "tests/containment/sandbox_fixture.hpp"

namespace ratchet {
namespace {

class Privileges : public SandboxTest {};

TEST_F(Privileges, EnvironmentHoldsTheAllowListOnly) {
    ::setenv("RATCHET_TEST_SECRET", "swordfish", 1);
    ConfinedCommand confined = command(
        "env | cut -d= -f1 | sort | tr '\\n' ' '; cat /proc/1/environ /proc/*/environ 2>/dev/null | tr '\\0' "
        "'\\n' | grep -c swordfish");
    confined.environment = {{"ALLOWED", "yes"}};
    const RunResult result = run(confined);
    ::unsetenv("RATCHET_TEST_SECRET");
    EXPECT_EQ(result.output.text(), "ALLOWED HOME LANG PATH PWD TMPDIR 0\n") << describe(result);
}

TEST_F(Privileges, EnvironmentIsNotOnTheCommandLineOfAnyProcess) {
    const std::string secret = "secret-" + marker();
    const std::string sign = marker();
    ConfinedCommand confined = command("sleep " + sign);
    confined.environment = {{"KEY", secret}};
    TestStop stop;
    std::thread runner([&] { confinement->run(confined, stop); });
    EXPECT_TRUE(eventually([&] { return !processes_with(sign).empty(); }));
    EXPECT_TRUE(processes_with(secret).empty());
    stop.request();
    runner.join();
}

TEST_F(Privileges, LeakedDescriptorsAreClosed) {
    write(folder.path / "secret", "secret");
    const int leak = ::open((folder.path / "secret").c_str(), O_RDWR);
    const int high = ::fcntl(leak, F_DUPFD, 200);
    const RunResult result = run("ls /proc/self/fd | tr '\\n' ' '; cat <&" + std::to_string(high));
    ::close(leak);
    ::close(high);
    EXPECT_EQ(result.output.text(), "0 1 2 3 ") << "3 is what ls itself has open: " << describe(result);
}

TEST_F(Privileges, ReportCannotBeForged) {
    const RunResult result = run(attacker("forge-report") + "; exit 42");
    EXPECT_EQ(result.output.text(), "refused\n") << describe(result);
    EXPECT_EQ(result.exit_status, 42);
    EXPECT_GT(result.figures.wall_seconds, 0.00001);
}

TEST_F(Privileges, UserIsNeverTheKernelsRoot) {
    const std::string sign = marker();
    TestStop stop;
    const ConfinedCommand confined = command("sleep " + sign);
    std::thread runner([&] { confinement->run(confined, stop); });
    const std::string running = std::string("sleep\0", 6) + sign;
    EXPECT_TRUE(eventually([&] { return !processes_with(running).empty(); }));
    for (const pid_t pid : processes_with(sign)) {
        // The supervisor outside may be root; it has no part of the sandbox.
        const std::filesystem::path process = "/proc/" + std::to_string(pid);
        if (read(process / "cmdline").find("outside") != std::string::npos) continue;
        const std::string status = read(process / "status");
        const std::string uid = status.substr(status.find("Uid:"));
        EXPECT_FALSE(uid.starts_with("Uid:\t0")) << read(process / "cmdline");
        EXPECT_NE(status.find("CapEff:\t0000000000000000"), std::string::npos) << read(process / "cmdline");
    }
    stop.request();
    runner.join();
}

TEST_F(Privileges, NoneAreHeld) {
    const RunResult result = run(
        "grep -E '^(Cap(Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp):' /proc/self/status | cut -f2 | tr '\\n' ' '");
    EXPECT_EQ(result.output.text(),
              "0000000000000000 0000000000000000 0000000000000000 0000000000000000 1 2 ")
        << describe(result);
}

TEST_F(Privileges, ProcessOneCannotBeTouched) {
    EXPECT_EQ(run(attacker("trace-first")).output.text(), "refused\n");
    const RunResult result = run(attacker("kill-first") + "; exit 3");
    EXPECT_EQ(result.output.text(), "refused\n");
    EXPECT_EQ(result.exit_status, 3) << describe(result);
}

TEST_F(Privileges, NeitherMountsNorNamespacesCanBeMade) {
    EXPECT_EQ(run(attacker("mount")).output.text(), "refused\n");
    EXPECT_EQ(run(attacker("user-namespace")).output.text(), "refused\n");
}

TEST_F(Privileges, SystemCallsThatNobodyNeedsAreRefused) {
    for (const char* name : {"bpf", "keyctl", "io_uring", "userfaultfd", "perf"}) {
        EXPECT_EQ(run(attacker("call " + std::string(name))).output.text(), "refused\n") << name;
    }
}

TEST_F(Privileges, ThereIsNoTerminal) {
    EXPECT_EQ(run(attacker("type-into-terminal")).output.text(), "refused\n");
    EXPECT_FALSE(run(": > /dev/tty").succeeded());
}

}  // namespace
}  // namespace ratchet
