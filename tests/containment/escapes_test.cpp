#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/containment/sandbox_fixture.hpp"

namespace ratchet {
namespace {

// Ways out that need neither the network nor a file of the host.
class Escapes : public SandboxTest {};

/// A process of this machine that is none of the sandbox's.
class Bystander {
  public:
    explicit Bystander(const std::string& argument) : pid_(::fork()) {
        if (pid_ != 0) return;
        const std::string secret = "SECRET=" + argument;
        char* const environment[] = {const_cast<char*>(secret.c_str()), nullptr};
        ::execle("/usr/bin/sleep", "sleep", argument.c_str(), nullptr, environment);
        ::_exit(127);
    }
    ~Bystander() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Bystander(const Bystander&) = delete;
    Bystander& operator=(const Bystander&) = delete;
    [[nodiscard]] std::string pid() const { return std::to_string(pid_); }
    [[nodiscard]] bool lives() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }

  private:
    pid_t pid_;
};

TEST_F(Escapes, NoProcessOfTheHostIsSeenOrSignalled) {
    const std::string sign = marker();
    const Bystander bystander(sign);
    const RunResult result = run(
        "cat /proc/*/cmdline /proc/*/environ 2>/dev/null | tr '\\0' ' ' | grep -c 'slee[p] " +
        sign.substr(0, 5) + "'; kill -KILL " + bystander.pid() +
        " 2>/dev/null && echo killed; kill -TERM -1; ls -d /proc/" + bystander.pid() + " 2>/dev/null; true");
    EXPECT_EQ(result.output.text(), "0\n") << describe(result);
    EXPECT_TRUE(bystander.lives());
}

TEST_F(Escapes, MemoryOfTheHostIsNotRead) {
    const Bystander bystander(marker());
    EXPECT_EQ(run(attacker("trace " + bystander.pid())).output.text(), "refused\n");
}

TEST_F(Escapes, TheInternetIsNotReached) {
    const RunResult result = run(attacker("connect-internet tcp") + "; " + attacker("connect-internet udp") +
                                 "; getent hosts example.org > /dev/null && echo resolved; true");
    EXPECT_EQ(result.output.text(), "refused\nrefused\n") << describe(result);
}

TEST_F(Escapes, SetuidProgramsGainNothing) {
    EXPECT_NE(run("su root -c true < /dev/null").exit_status, 0);
    if (!started_by_root()) return;
    // One that belongs to root, as a candidate's tree can hold none: not even that.
    std::filesystem::copy_file("/usr/bin/id", tree / "id");
    ASSERT_EQ(::chmod((tree / "id").c_str(), 06755), 0);
    EXPECT_EQ(run("./id -u; ./id -ru").output.text(), "1000\n1000\n");
}

TEST_F(Escapes, SetuidBitsThatACandidateSetsBelongToNobodyElse) {
    EXPECT_TRUE(run("cp /usr/bin/id id && chmod 6755 id").succeeded());
    struct stat status{};
    ASSERT_EQ(::stat((tree / "id").c_str(), &status), 0);
    EXPECT_EQ(status.st_uid == 0, false);
}

TEST_F(Escapes, TheMachinesClockAndSettingsStay) {
    for (const char* name : {"clock", "hostname", "reboot", "swap", "module", "kernel-log", "accounting"}) {
        EXPECT_EQ(run(attacker("call " + std::string(name))).output.text(), "refused\n") << name;
    }
    const RunResult result = run(
        "for file in /proc/sys/kernel/core_pattern /proc/sys/vm/drop_caches /proc/sysrq-trigger "
        "/proc/sys/kernel/hostname /proc/1/oom_score_adj; do { echo 1 > $file; } 2>/dev/null && echo $file; "
        "done; true");
    EXPECT_EQ(result.output.text(), "") << describe(result);
}

TEST_F(Escapes, ControlGroupsAreNotThere) {
    EXPECT_EQ(run("ls /sys/fs /sys/kernel 2>/dev/null; ls /sys/devices/system; cut -d: -f3 /proc/self/cgroup "
                  "| sort -u")
                  .output.text(),
              "cpu\n/\n");
}

TEST_F(Escapes, NoDeviceCanBeMadeOrUsed) {
    const RunResult result =
        run("mknod disk b 254 0 2>/dev/null && echo made; mknod memory c 1 1 2>/dev/null && echo made; "
            "for device in mem kmem kmsg port sda vda fuse kvm net/tun loop0; do "
            "[ -e /dev/$device ] && echo $device; done; true");
    EXPECT_EQ(result.output.text(), "") << describe(result);
}

TEST_F(Escapes, NoFileOfTheHostIsLinkedIntoTheTree) {
    const RunResult result =
        run("ln /usr/bin/id linked 2>/dev/null && echo linked; ln /.ratchet-init init 2>/dev/null && echo "
            "linked; "
            "{ echo x > /.ratchet-init; } 2>/dev/null && echo written; { echo x > /attacker; } 2>/dev/null "
            "&& echo "
            "written; true");
    EXPECT_EQ(result.output.text(), "") << describe(result);
}

TEST_F(Escapes, SharedMemoryAndQueuesAreNotLeftForTheNextRun) {
    EXPECT_TRUE(
        run("ipcmk -M 100 > /dev/null && ipcmk -S 1 > /dev/null && ipcmk -Q > /dev/null").succeeded());
    EXPECT_EQ(run("ipcs -m -s -q | grep -c 0x").output.text(), "0\n");
}

TEST_F(Escapes, PriorityCannotBeRaised) {
    EXPECT_EQ(run(attacker("call nice")).output.text(), "refused\n");
    EXPECT_EQ(run(attacker("call real-time")).output.text(), "refused\n");
}

TEST_F(Escapes, LimitsCannotBeLifted) {
    ConfinedCommand confined = command(
        "ulimit -H -n 100000 2>/dev/null || echo files; ulimit -H -c 1 2>/dev/null || "
        "echo cores; ulimit -H -f unlimited 2>/dev/null || echo size");
    EXPECT_EQ(run(confined).output.text(), "files\ncores\nsize\n");
}

TEST_F(Escapes, ServicesOfTheUserAreNotThere) {
    const RunResult result = run(
        "env | grep -E 'SSH|DBUS|DISPLAY|WAYLAND|XDG|DOCKER|GPG'; "
        "for path in /run /var/run /tmp/.X11-unix /run/docker.sock /run/user ~/.ssh ~/.gnupg ~/.netrc; do "
        "[ -e $path ] && echo $path; done; true");
    EXPECT_EQ(result.output.text(), "") << describe(result);
}

}  // namespace
}  // namespace ratchet
