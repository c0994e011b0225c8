#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "sandbox/init/landlock.hpp"
#include "tests/containment/weak_fixture.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

TEST_F(Weak, IsWhatTheLedgerRecordsAndSaysWhatItLacks) {
    EXPECT_EQ(confinement->tier(), Requirement::weak);
    EXPECT_FALSE(has("strong tier"));
    EXPECT_FALSE(has("same path"));
    EXPECT_FALSE(has("other processes"));
    EXPECT_TRUE(has("files"));
    EXPECT_TRUE(has("network"));
    EXPECT_EQ(has("user"), started_by_root());
    EXPECT_EQ(has("signals"), started_by_root() || init::landlock_version() >= 6);
    for (const Protection& protection : confinement->protections()) {
        EXPECT_NE(protection.mechanism, "") << protection.name;
        EXPECT_NE(protection.remedy.empty(), !protection.present) << protection.name;
    }
}

TEST_F(Weak, RunsACommandInTheTreeAndReports) {
    put("file", "content");
    const RunResult result = run("pwd; cat file; echo new > made; mkdir -p a/b; mv made a/b; exit 4");
    EXPECT_EQ(result.output.text(), tree.string() + "\ncontent") << describe(result);
    EXPECT_EQ(result.exit_status, 4);
    EXPECT_EQ(result.errors.text(), "");
    EXPECT_EQ(read(tree / "a/b/made"), "new\n");
    EXPECT_GT(result.figures.wall_seconds, 0);
}

TEST_F(Weak, OrdinaryProgramsWork) {
    put("hello.c", "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }\n");
    const RunResult result =
        run("gcc -pipe hello.c -o hello && ./hello; echo out > /dev/stdout; date > /dev/null; "
            "nproc > /dev/null && getent hosts localhost > /dev/null && echo x > $TMPDIR/x && echo y > "
            "$HOME/y && "
            "cat $TMPDIR/x $HOME/y /dev/null; sh -c 'echo one | cat'");
    EXPECT_EQ(result.output.text(), "hello\nout\nx\ny\none\n") << describe(result);
}

TEST_F(Weak, AGatewayIsRefusedSinceItCannotBeReached) {
    const Service service((folder.path / "gateway").string(), SOCK_STREAM);
    ConfinedCommand confined = command("true");
    confined.gateway = folder.path / "gateway";
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::not_started);
    EXPECT_THAT(result.diagnosis, HasSubstr("strong"));
}

TEST_F(Weak, NothingIsLeftInTheKernel) {
    EXPECT_EQ(attack("leave-in-the-kernel"), "refused\n");
}

TEST_F(Weak, NoPrivilegesAreHeldOrGained) {
    const RunResult result =
        run("grep -E '^(Cap(Prm|Eff|Inh|Amb)|NoNewPrivs|Seccomp):' /proc/self/status | cut -f2 | tr '\\n' ' "
            "'; id -u");
    const std::string user = started_by_root() ? "60777" : std::to_string(::getuid());
    const std::string none = "0000000000000000 ";
    EXPECT_EQ(result.output.text(), none + none + none + none + "1 2 " + user + "\n") << describe(result);
    EXPECT_EQ(attack("mount"), "refused\n");
    EXPECT_EQ(attack("user-namespace"), "refused\n");
    for (const char* name : {"bpf", "keyctl", "io_uring", "userfaultfd", "perf"})
        EXPECT_EQ(attack("call " + std::string(name)), "refused\n") << name;
}

TEST_F(Weak, ASetuidProgramGivesNothing) {
    if (!started_by_root()) GTEST_SKIP() << "only root can make one that would give something";
    const fs::path program = folder.path / "id";
    fs::copy_file("/usr/bin/id", program);
    ASSERT_EQ(::chmod(program.c_str(), 04755), 0);
    ConfinedCommand confined = command(program.string() + " -u");
    confined.mounts.push_back({program, program, false});
    EXPECT_EQ(run(confined).output.text(), "60777\n");
}

TEST_F(Weak, EnvironmentHoldsTheAllowListOnly) {
    ::setenv("RATCHET_TEST_SECRET", "swordfish", 1);
    ConfinedCommand confined = command("env | cut -d= -f1 | sort | tr '\\n' ' '");
    confined.environment = {{"ALLOWED", "yes"}};
    const RunResult result = run(confined);
    ::unsetenv("RATCHET_TEST_SECRET");
    EXPECT_EQ(result.output.text(), "ALLOWED HOME LANG PATH PWD TMPDIR ") << describe(result);
}

TEST_F(Weak, LeakedDescriptorsAreClosed) {
    const int leak = ::open(open_file("secret").c_str(), O_RDWR);
    const int high = ::fcntl(leak, F_DUPFD, 200);
    const RunResult result = run("ls /proc/self/fd | tr '\\n' ' '; cat <&" + std::to_string(high));
    ::close(leak);
    ::close(high);
    EXPECT_EQ(result.output.text(), "0 1 2 3 ") << "3 is what ls itself has open: " << describe(result);
}

TEST_F(Weak, ReportCannotBeForged) {
    const RunResult result =
        run("for fd in /proc/$PPID/fd/* /proc/$PPID/fd/3 /proc/$$/fd/3; do "
            "{ echo '{\"ending\":\"exited\",\"status\":0,\"wall\":0.000001}' > $fd; } 2>/dev/null && echo "
            "forged; "
            "done; " +
            attacker("look-into $PPID") + "; exit 42");
    EXPECT_EQ(result.output.text(), "refused\n") << describe(result);
    EXPECT_EQ(result.exit_status, 42);
}

TEST_F(Weak, ThereIsNoTerminal) {
    EXPECT_EQ(attack("type-into-terminal"), "refused\n");
    EXPECT_FALSE(run(": > /dev/tty").succeeded());
}

}  // namespace
}  // namespace ratchet
