#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <thread>

#include "experiment_store/errors.hpp"
#include "sandbox/init/landlock.hpp"
#include "tests/containment/sandbox_fixture.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// The sandbox of machines without namespaces: what it promises, tried on this one.
class Weak : public SandboxTest {
  protected:
    Weak() : SandboxTest(Requirement::weak) {}

    /// A file outside that everybody may do everything with, as far as owners and modes say.
    fs::path open_file(const std::string& name) {
        const fs::path file = folder.path / name;
        write(file, "secret");
        for (fs::path part = file; part != folder.path; part = part.parent_path()) {
            fs::permissions(part, fs::perms(0777));
            confinement->give(part);
        }
        return file;
    }
    std::string attack(const std::string& arguments) { return run(attacker(arguments)).output.text(); }
    [[nodiscard]] bool has(const std::string& name) const {
        for (const Protection& protection : confinement->protections()) {
            if (protection.name == name) return protection.present;
        }
        return false;
    }
};

/// A process outside, of the user that commands run as.
class UserProcess {
  public:
    UserProcess() : pid_(::fork()) {
        if (pid_ != 0) return;
        if (started_by_root() && ::setresuid(60777, 60777, 60777) != 0) ::_exit(1);
        ::execle("/bin/sleep", "sleep", "600", nullptr, environment_);
        ::_exit(127);
    }
    ~UserProcess() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    UserProcess(const UserProcess&) = delete;
    UserProcess& operator=(const UserProcess&) = delete;
    [[nodiscard]] std::string number() const { return std::to_string(pid_); }
    [[nodiscard]] bool is_executing() const {
        return read("/proc/" + number() + "/cmdline").starts_with("sleep");
    }
    [[nodiscard]] bool lives() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }

  private:
    static constexpr char variable[] = "PASSWORD=swordfish";
    char* environment_[2] = {const_cast<char*>(variable), nullptr};
    pid_t pid_;
};

/// A listening socket of this process, at a path or, where that begins with '@', an abstract one.
class Service {
  public:
    Service(const std::string& name, int type) : socket_(::socket(AF_UNIX, type, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        name.copy(address.sun_path, sizeof address.sun_path - 1);
        if (name[0] == '@') address.sun_path[0] = '\0';
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
        if (type == SOCK_STREAM) {
            EXPECT_EQ(::listen(socket_, 8), 0);
        }
    }
    ~Service() { ::close(socket_); }
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

  private:
    int socket_;
};

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

TEST_F(Weak, DiscardedWritesVanishAtTheSamePath) {
    put("kept", "old");
    ConfinedCommand confined =
        command("pwd; echo changed > kept; echo x > made; mkdir closed; echo x > closed/x; chmod 0 closed");
    confined.access = TreeAccess::discarded;
    for (int i = 0; i < 2; ++i) {
        const RunResult result = run(confined);
        EXPECT_EQ(result.output.text(), tree.string() + "\n") << describe(result);
        EXPECT_EQ(result.exit_status, 0) << describe(result);
        EXPECT_EQ(read(tree / "kept"), "old");
        EXPECT_FALSE(fs::exists(tree / "made"));
        EXPECT_FALSE(fs::exists(tree / "closed"));
    }
    EXPECT_FALSE(fs::exists(folder.path / "tree.used"));
    EXPECT_FALSE(fs::exists(folder.path / "tree.original"));
}

TEST_F(Weak, ATreeThatWasMadeReadySinceAKilledRunStays) {
    write(folder.path / "tree.original/old", "");
    put("new", "");
    ConfinedCommand confined = command("ls");
    confined.access = TreeAccess::discarded;
    EXPECT_EQ(run(confined).output.text(), "new\n");
    EXPECT_FALSE(fs::exists(folder.path / "tree.original"));
}

TEST_F(Weak, TheOriginalOfADiscardedTreeCannotBeTouched) {
    put("kept", "old");
    ConfinedCommand confined = command(attacker("change-file " + tree.string() + ".original/kept"));
    confined.access = TreeAccess::discarded;
    EXPECT_EQ(run(confined).output.text(), "refused\n");
    EXPECT_EQ(read(tree / "kept"), "old");
}

TEST_F(Weak, FilesOutsideCannotBeRead) {
    const fs::path key = open_file("home/.ssh/id_ed25519");
    for (const std::string& file : {key.string(), std::string("/etc/shadow"), std::string("/etc/fstab"),
                                    std::string("/etc/hostname")}) {
        const RunResult result = run("cat " + file + "; ls " + fs::path(file).parent_path().string());
        EXPECT_EQ(result.output.text(), "") << file << describe(result);
    }
    fs::create_symlink(key, tree / "link");
    EXPECT_EQ(run("cat link").output.text(), "");
}

TEST_F(Weak, FilesOutsideCannotBeChanged) {
    const std::vector<fs::path> files = {open_file("home/.bashrc"), open_file("repository/.git/config"),
                                         open_file("repository/.git/ratchet/campaign/ledger.sqlite"),
                                         open_file("worktrees/other/source")};
    for (const fs::path& file : files) {
        EXPECT_EQ(attack("change-file " + file.string()), "refused\n") << file;
        EXPECT_EQ(read(file), "secret");
        EXPECT_EQ(std::distance(fs::directory_iterator(file.parent_path()), {}),
                  1 + (file.filename() == "config"));
    }
    for (const char* file :
         {"/etc/passwd", "/usr/bin/env", "/dev/shm/x", "/tmp/ratchet-test", "/proc/self/comm"})
        EXPECT_EQ(attack("change-file " + std::string(file)), "refused\n") << file;
}

TEST_F(Weak, DeclaredPathsAreReadOnlyUnlessDeclaredWritable) {
    const fs::path input = open_file("data/input");
    const fs::path results = open_file("results/old");
    ConfinedCommand confined =
        command("cat " + input.string() + "; echo y > " + (results.parent_path() / "y").string() + "; " +
                attacker("change-file " + input.string()));
    confined.mounts.push_back({input.parent_path(), input.parent_path(), false});
    confined.mounts.push_back({results.parent_path(), results.parent_path(), true});
    const RunResult result = run(confined);
    EXPECT_EQ(result.output.text(), "secretrefused\n") << describe(result);
    EXPECT_EQ(read(results.parent_path() / "y"), "y\n");
}

TEST_F(Weak, AHiddenPathThatWasNeededIsNamedWithItsKey) {
    const fs::path compiler = open_file("toolchain/compiler");
    const RunResult result = run("cat " + compiler.string());
    EXPECT_THAT(result.diagnosis, HasSubstr(compiler.string()));
    EXPECT_THAT(result.diagnosis, HasSubstr("sandbox.read"));
    ConfinedCommand missing = command("true");
    missing.mounts.push_back({folder.path / "nowhere", "/nowhere", false});
    EXPECT_EQ(run(missing).ending, Ending::not_started);
}

TEST_F(Weak, PreparedFoldersAreThereDuringTheRunOnly) {
    const fs::path one = open_file("modules/one");
    for (const bool folder_is_there : {false, true}) {
        if (folder_is_there) fs::create_directory(tree / "deep");
        if (folder_is_there) fs::create_directory(tree / "deep/modules");
        confinement->give(tree);
        ConfinedCommand confined = command("cat deep/modules/one");
        confined.mounts.push_back({one.parent_path(), "/tree/deep/modules", false});
        const RunResult result = run(confined);
        EXPECT_EQ(result.output.text(), "secret") << describe(result);
        EXPECT_EQ(fs::exists(tree / "deep/modules"), folder_is_there);
        EXPECT_FALSE(fs::is_symlink(tree / "deep/modules"));
    }
}

TEST_F(Weak, WhatIsDeclaredBelowHomeIsLinkedIntoThePrivateOne) {
    const fs::path tool = open_file("home/.tool/settings");
    ConfinedCommand confined =
        command("cat ~/.tool/settings; { echo x > ~/.tool/settings; } 2>/dev/null; ls -A ~");
    confined.mounts.push_back({tool.parent_path(), tool.parent_path(), false});
    confined.mounts.push_back({tool.parent_path(), fs::path(inner_home) / ".tool", false});
    confined.mounts.push_back({tool, fs::path(inner_home) / ".tool/settings", false});
    const RunResult result = run(confined);
    EXPECT_EQ(result.output.text(), "secret.tool\n") << describe(result);
    EXPECT_EQ(read(tool), "secret");
}

TEST_F(Weak, AGatewayIsRefusedSinceItCannotBeReached) {
    const Service service((folder.path / "gateway").string(), SOCK_STREAM);
    ConfinedCommand confined = command("true");
    confined.gateway = folder.path / "gateway";
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::not_started);
    EXPECT_THAT(result.diagnosis, HasSubstr("strong"));
}

TEST_F(Weak, FillingATreeEndsTheRunAlsoWhereWritesVanish) {
    for (const TreeAccess access : {TreeAccess::writable, TreeAccess::discarded}) {
        // Slowly enough to be seen, and not more than 64 MiB.
        ConfinedCommand confined = command(
            "for i in $(seq 1 64); do head -c 1048576 /dev/zero > file$i; sleep 0.02; done; sleep 20");
        confined.access = access;
        confined.disk_bytes = 8 << 20;
        const RunResult result = run(confined);
        EXPECT_EQ(result.ending, Ending::out_of_disk) << describe(result);
        EXPECT_THAT(result.diagnosis, HasSubstr("sandbox.disk"));
    }
}

TEST_F(Weak, ASymlinkInTheTreeLeadsNothingOutOfIt) {
    const fs::path kept = open_file("outside/kept");
    fs::create_directories(folder.path / "modules");
    fs::create_symlink(kept.parent_path(), tree / "link");
    ConfinedCommand confined = command("true");
    confined.mounts.push_back({folder.path / "modules", "/tree/link/modules", false});
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::not_started) << describe(result);
    confined = command("ls cache");
    confined.caches.push_back({{HostFolder(tree, "link")}, "cache", std::nullopt});
    EXPECT_EQ(run(confined).output.text(), "") << "nor is a cache filled from there";
    EXPECT_EQ(std::distance(fs::directory_iterator(kept.parent_path()), {}), 1);
}

TEST_F(Weak, WhatStandsInPlaceOfTheGitFileIsNeitherFollowedNorWaitedFor) {
    const fs::path kept = open_file("outside/kept");
    for (const std::string& attack : {"ln -s " + kept.string() + " .git", std::string("mkfifo .git"),
                                      std::string("mkdir -p .git/deep")}) {
        put(".git", "gitdir: elsewhere\n");
        // The second name once was the folder that took away what stood there.
        EXPECT_TRUE(run("rm -rf .git .git.removed; " + attack + "; echo x > .git.removed").succeeded());
        EXPECT_EQ(read(tree / ".git"), "gitdir: elsewhere\n") << attack;
        EXPECT_EQ(read(kept), "secret") << attack;
    }
}

TEST_F(Weak, ALinkLaidDuringTheRunLeadsNothingOutOfTheTreeAfterwards) {
    const fs::path kept = open_file("outside/kept");
    fs::create_directories(folder.path / "modules");
    fs::create_directories(tree / "deps/modules");
    confinement->give(tree);
    ConfinedCommand confined = command("mv deps moved; ln -s " + kept.parent_path().string() + " deps");
    confined.mounts.push_back({folder.path / "modules", "/tree/deps/modules", false});
    EXPECT_TRUE(run(confined).succeeded());
    EXPECT_EQ(std::distance(fs::directory_iterator(kept.parent_path()), {}), 1);
}

TEST_F(Weak, ABuildBeginsWithNoCacheButTheOneThatItTakesOver) {
    put("cache/planted", "by the build of another candidate");
    write(folder.path / "champion/object", "1");
    ConfinedCommand confined = command("ls cache");
    confined.caches.push_back({{folder.path / "champion"}, "cache", folder.path / "upper"});
    EXPECT_EQ(run(confined).output.text(), "object\n");
}

TEST_F(Weak, ALayerOfACacheDoesNotLeadAnotherOutOfTheTree) {
    const fs::path kept = open_file("outside/kept");
    write(folder.path / "upper/file", "evil");
    fs::create_directories(folder.path / "lower");
    fs::create_symlink(kept, folder.path / "lower/file");
    ConfinedCommand confined = command("cat cache/file");
    confined.caches.push_back({{folder.path / "upper", folder.path / "lower"}, "cache", std::nullopt});
    const RunResult result = run(confined);
    EXPECT_EQ(result.output.text(), "evil") << describe(result);
    EXPECT_EQ(read(kept), "secret");
}

TEST_F(Weak, GitIsReadOnlyAndTheCampaignsStateHidden) {
    const fs::path head = open_file("repository/.git/HEAD");
    const fs::path ledger = open_file("repository/.git/ratchet/campaign/ledger.sqlite");
    ConfinedCommand confined = command("cat " + head.string() + "; cat " + ledger.string() + "; " +
                                       attacker("change-file " + head.string()));
    confined.git_directory = head.parent_path();
    confined.hidden = head.parent_path() / "ratchet";
    EXPECT_EQ(run(confined).output.text(), "secretrefused\n");
    confined.git_directory.reset();
    EXPECT_EQ(run(confined).output.text(), "refused\n");
}

TEST_F(Weak, TheFileThatPointsToTheRepositoryComesBack) {
    const std::string before = "gitdir: /somewhere\n";
    for (const char* attack : {"echo evil > .git", "rm .git", "rm .git; mkdir .git; echo evil > .git/config",
                               "rm .git; ln -s /etc/passwd .git", "mv .git away"}) {
        put(".git", before);
        EXPECT_EQ(run(attack).exit_status, 0) << attack;
        EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(tree / ".git"))) << attack;
        EXPECT_EQ(read(tree / ".git"), before) << attack;
    }
}

TEST_F(Weak, OtherProcessesCannotBeLookedInto) {
    const UserProcess other;
    ASSERT_TRUE(eventually([&] { return other.is_executing(); }));
    EXPECT_EQ(attack("look-into " + other.number()), "refused\n");
    EXPECT_EQ(attack("look-into " + std::to_string(::getpid())), "refused\n");
    EXPECT_EQ(run("cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c swordfish").output.text(),
              "0\n");
    EXPECT_EQ(attack("limit " + other.number()), "refused\n");
}

TEST_F(Weak, OtherProcessesCannotBeSignalled) {
    if (!has("signals")) GTEST_SKIP() << "Landlock of this kernel knows nothing of signals";
    const UserProcess other;
    ASSERT_TRUE(eventually([&] { return other.is_executing(); }));
    EXPECT_EQ(attack("signal " + other.number()), "refused\n");
    EXPECT_EQ(attack("signal-everybody"), "refused\n");
    EXPECT_EQ(run("kill -KILL $PPID; kill -STOP $PPID; exit 3").exit_status, 3) << "nor the helper";
    EXPECT_EQ(run("sleep 600 & kill $!; wait; exit 5").exit_status, 5) << "but those of its own";
    EXPECT_TRUE(other.lives());
}

TEST_F(Weak, SocketsOfTheMachineAreNotReached) {
    const std::string path = (folder.path / "service").string();
    const std::string name = "ratchet-" + marker();
    const Service stream(path, SOCK_STREAM);
    const Service datagram(path + ".datagram", SOCK_DGRAM);
    const Service abstract("@" + name, SOCK_STREAM);
    for (const std::string& service : {path, path + ".datagram"}) {
        fs::permissions(service, fs::perms(0777));
        EXPECT_EQ(attack("connect-path " + service), "refused\n") << service;
    }
    EXPECT_EQ(attack("connect-abstract " + name), "refused\n");
    ConfinedCommand with_network =
        command(attacker("connect-path " + path) + "; " + attacker("connect-path " + path + ".datagram") +
                "; " + attacker("connect-abstract " + name));
    with_network.network = true;
    EXPECT_EQ(run(with_network).output.text(), "refused\nrefused\nrefused\n");
}

TEST_F(Weak, TheNetworkIsReachedOnlyWhereItIsGiven) {
    const int server = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(server, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(server, 8), 0);
    ::getsockname(server, reinterpret_cast<sockaddr*>(&address), &size);
    ConfinedCommand confined =
        command(attacker("connect-loopback " + std::to_string(ntohs(address.sin_port))));
    EXPECT_EQ(run(confined).output.text(), "refused\n");
    confined.network = true;
    EXPECT_EQ(run(confined).output.text(), "done\n") << "else the line above would prove nothing";
    ::close(server);
    for (const char* family : {"vsock", "packet", "raw", "alg"})
        EXPECT_EQ(attack("socket " + std::string(family)), "refused\n") << family;
    EXPECT_EQ(attack("talk-to-itself"), "refused\n");
    EXPECT_EQ(attack("socket-32"), "refused\n");
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

TEST_F(Weak, ATreeThatARunClosedIsOpenedAgain) {
    put(".git", "gitdir: elsewhere\n");
    for (const char* mode : {"0", "444", "300", "555"}) {
        EXPECT_TRUE(run("chmod " + std::string(mode) + " .").succeeded()) << mode;
        ConfinedCommand confined = command("cat .git; ls data");
        fs::create_directories(folder.path / "data");
        confined.mounts.push_back({folder.path / "data", "/tree/data", false});
        EXPECT_TRUE(run(confined).succeeded()) << mode;
        confined.access = TreeAccess::discarded;
        confined.shell_command += "; chmod " + std::string(mode) + " .";
        EXPECT_TRUE(run(confined).succeeded()) << mode;
        EXPECT_EQ(read(tree / ".git"), "gitdir: elsewhere\n") << mode;
    }
}

TEST_F(Weak, AFolderThatARunClosedOnTheWayToWhatIsDeclaredIsOpenedAgain) {
    write(folder.path / "data/number", "genuine");
    EXPECT_TRUE(run("mkdir -p sub/inner; chmod 0 sub/inner sub .").succeeded());
    ConfinedCommand confined = command("cat sub/inner/data/number; chmod 0 sub/inner sub .");
    confined.mounts.push_back({folder.path / "data", "/tree/sub/inner/data", false});
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(run(confined).output.text(), "genuine") << i;
    EXPECT_FALSE(fs::exists(fs::symlink_status(tree / "sub/inner/data")));
}

TEST_F(Weak, WhatStandsInTheTreeIsNotTakenForWhatIsDeclared) {
    write(folder.path / "data/number", "genuine");
    put("data/number", "its own");
    ConfinedCommand confined = command("cat data/number");
    confined.mounts.push_back({folder.path / "data", "/tree/data", false});
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::not_started) << describe(result);
    EXPECT_THAT(result.diagnosis, HasSubstr("something else stands there"));
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

TEST_F(Weak, EverythingIsGoneWhenTimeIsUp) {
    const std::string sign = marker();
    ConfinedCommand confined = command(
        attacker("leave-daemon " + sign) + "; setsid sleep " + sign + " & (trap '' TERM INT HUP; sleep " +
        sign + ") & sh -c 'kill -STOP $$' " + sign + " & while :; do sleep " + sign + "; done");
    confined.timeout = std::chrono::milliseconds(500);
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::timed_out) << describe(result);
    EXPECT_TRUE(processes_with(sign).empty());
}

TEST_F(Weak, EverythingIsGoneWhenTheCommandEnds) {
    const std::string sign = marker();
    const RunResult result = run(attacker("leave-daemon " + sign) + "; nohup sleep " + sign +
                                 " & setsid sleep " + sign + " & true");
    EXPECT_TRUE(result.succeeded()) << describe(result);
    EXPECT_TRUE(processes_with(sign).empty());
}

TEST_F(Weak, WhoForksAllTheTimeIsGoneToo) {
    const std::string sign = marker();
    ConfinedCommand confined = command(attacker("hop " + sign));
    // Those who are dead and not yet waited for count too: without control groups they would leave none to
    // the other tests of the same user.
    confined.processes = 40;
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::exited) << describe(result);
    EXPECT_TRUE(processes_with(sign).empty());
}

TEST_F(Weak, EverythingIsGoneWhenTheUserStops) {
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

TEST_F(Weak, EverythingIsGoneWhenRatchetItselfIsKilled) {
    const std::string sign = marker();
    const pid_t ratchet = ::fork();
    if (ratchet == 0) {
        const ConfinedCommand confined = command(attacker("leave-daemon " + sign) + "; sleep " + sign);
        confinement->run(confined, never);
        ::_exit(0);
    }
    EXPECT_TRUE(eventually([&] { return processes_with(sign).size() >= 2; }));
    const auto folders_of = [](pid_t process) {
        const std::string prefix = "ratchet-home-" + std::to_string(process) + "-";
        return std::count_if(fs::directory_iterator("/tmp"), {}, [&](const fs::directory_entry& entry) {
            return entry.path().filename().string().starts_with(prefix);
        });
    };
    // While it lives: once it is gone, whichever ratchet begins next takes the folder away.
    EXPECT_EQ(folders_of(ratchet), 1);
    ::kill(ratchet, SIGKILL);
    ::waitpid(ratchet, nullptr, 0);
    EXPECT_TRUE(eventually([&] { return processes_with(sign).empty(); }));
    EXPECT_TRUE(eventually([&] { return control_groups_of(ratchet).empty(); }));
    ConfinementSettings settings;
    settings.require = Requirement::weak;
    settings.helper = RATCHET_HELPER;
    make_confinement(settings);
    EXPECT_EQ(folders_of(ratchet), 0) << "what a killed one left goes with the next";
}

TEST_F(Weak, MemoryHogEnds) {
    ConfinedCommand confined = command(attacker("take-memory 400"));
    confined.memory_bytes = 100 << 20;
    const RunResult result = run(confined);
    EXPECT_EQ(result.output.text().find("done"), std::string::npos) << describe(result);
}

TEST_F(Weak, ForkBombIsBounded) {
    ConfinedCommand confined = command(attacker("fork-bomb 400"));
    confined.processes = 40;
    const RunResult result = run(confined);
    EXPECT_THAT(result.output.text(), HasSubstr("refused")) << describe(result);
    EXPECT_GT(std::atoi(result.output.text().c_str()), 10) << describe(result);
}

TEST_F(Weak, BigFileIsCapped) {
    ConfinedCommand confined = command("dd if=/dev/zero of=big bs=65536 count=64 2>/dev/null");
    confined.disk_bytes = 1 << 20;
    EXPECT_FALSE(run(confined).succeeded());
    EXPECT_LE(fs::file_size(tree / "big"), 1U << 20);
}

TEST_F(Weak, FindsTheWatchedFileThatARunAltered) {
    put("rules", "fair\n");
    ConfinedCommand confined = command("cat rules");
    confined.access = TreeAccess::discarded;
    confined.watched = {"rules"};
    EXPECT_EQ(run(confined).altered, "");
    confined.shell_command = "echo evil > rules";
    EXPECT_EQ(run(confined).altered, "rules");
    EXPECT_EQ(read(tree / "rules"), "fair\n");
}

TEST_F(Weak, AFolderThatTheDedicatedUserMayNotEnterIsNamed) {
    if (!started_by_root()) GTEST_SKIP() << "there is no other user";
    const fs::path closed = folder.path / "closed";
    fs::create_directories(closed / "tree");
    fs::permissions(closed, fs::perms(0700));
    ConfinedCommand confined = command("true");
    confined.tree = closed / "tree";
    try {
        run(confined);
        FAIL() << "must refuse";
    } catch (const UserError& error) {
        EXPECT_THAT(error.what(), HasSubstr(closed.string()));
        EXPECT_THAT(error.hint(), HasSubstr("chmod o+x"));
    }
}

ConfinementSettings settings_for(Requirement require, const char* bubblewrap) {
    ConfinementSettings settings;
    settings.require = require;
    settings.helper = RATCHET_HELPER;
    settings.bubblewrap = bubblewrap;
    return settings;
}

TEST(Ladder, TakesTheStrongestThatWorks) {
    EXPECT_EQ(make_confinement(settings_for(Requirement::weak, "/usr/bin/bwrap"))->tier(),
              Requirement::strong);
    EXPECT_EQ(make_confinement(settings_for(Requirement::weak, ""))->tier(), Requirement::weak);
    EXPECT_EQ(make_confinement(settings_for(Requirement::weak, "/bin/false"))->tier(), Requirement::weak);
    EXPECT_EQ(make_confinement(settings_for(Requirement::none, "/usr/bin/bwrap"))->tier(), Requirement::none);
}

TEST(Ladder, DoesNotGoDownByItself) {
    try {
        make_confinement(settings_for(Requirement::strong, "/bin/false"));
        FAIL() << "must refuse";
    } catch (const UserError& error) {
        EXPECT_THAT(error.hint(), HasSubstr("sandbox.require = \"weak\""));
    }
}

TEST(Ladder, NamesWhatIsMissingForEachTier) {
    // A helper that starts nothing fails both.
    ConfinementSettings settings = settings_for(Requirement::weak, "");
    settings.helper = "/bin/false";
    try {
        make_confinement(settings);
        FAIL() << "must refuse";
    } catch (const UserError& error) {
        EXPECT_THAT(error.what(), HasSubstr("bubblewrap"));
        EXPECT_THAT(error.what(), HasSubstr("weak sandbox"));
        EXPECT_THAT(error.hint(), HasSubstr("Landlock"));
    }
}

}  // namespace
}  // namespace ratchet
