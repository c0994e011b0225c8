#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <thread>

#include "tests/containment/weak_fixture.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

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

}  // namespace
}  // namespace ratchet
