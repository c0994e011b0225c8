// The way out of a sandbox without a network: TCP on its own loopback, relayed to a Unix socket of ratchet's.

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/containment/sandbox_fixture.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;

/// Listens on a path, answers every connection with what it sent, and then closes it.
class EchoService {
  public:
    explicit EchoService(const std::filesystem::path& path) : listener_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.string().copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(::chmod(path.c_str(), 0666), 0);
        EXPECT_EQ(::listen(listener_, SOMAXCONN), 0);
        accepting_ = std::thread([this] {
            for (int socket = 0; (socket = ::accept(listener_, nullptr, nullptr)) >= 0;) {
                const std::scoped_lock lock(mutex_);
                sockets_.push_back(socket);
                echoing_.emplace_back([this, socket] { echo(socket); });
            }
        });
    }
    ~EchoService() {
        ::shutdown(listener_, SHUT_RDWR);
        accepting_.join();
        for (const int socket : sockets_)
            ::shutdown(socket, SHUT_RDWR);
        for (std::thread& thread : echoing_)
            thread.join();
        for (const int socket : sockets_)
            ::close(socket);
        ::close(listener_);
    }
    EchoService(const EchoService&) = delete;
    EchoService& operator=(const EchoService&) = delete;

    std::atomic<int> ended = 0;  ///< connections

  private:
    void echo(int socket) {
        std::array<char, 8192> buffer{};
        ssize_t count = 0;
        while ((count = ::recv(socket, buffer.data(), buffer.size(), 0)) > 0) {
            if (::send(socket, buffer.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) < 0) break;
        }
        ::shutdown(socket, SHUT_RDWR);
        ++ended;
    }

    int listener_;
    std::mutex mutex_;
    std::vector<int> sockets_;
    std::vector<std::thread> echoing_;
    std::thread accepting_;
};

class GatewayRelay : public SandboxTest {
  protected:
    /// Python in the sandbox, with `connect()` that leads to the gateway.
    [[nodiscard]] ConfinedCommand python(const std::string& script) {
        put("client.py",
            "import os, socket, sys, threading, urllib.parse\n"
            "def connect():\n"
            "    url = urllib.parse.urlparse(os.environ['RATCHET_GATEWAY'])\n"
            "    return socket.create_connection((url.hostname, url.port))\n"
            "def read_all(connection):\n"
            "    got = bytearray()\n"
            "    while part := connection.recv(65536):\n"
            "        got += part\n"
            "    return bytes(got)\n" +
                script);
        ConfinedCommand confined = command("python3 client.py");
        confined.gateway = folder.path / "gateway.sock";
        return confined;
    }
    EchoService service{folder.path / "gateway.sock"};
};

TEST_F(GatewayRelay, PassesBytesOnAndBackUntilBothEndsHaveEnded) {
    const RunResult result =
        run(python("c = connect()\n"
                   "c.sendall(b'hello')\n"
                   "print(c.recv(5))\n"
                   "c.sendall(b' again')\n"
                   "c.shutdown(socket.SHUT_WR)\n"
                   "print(read_all(c))\n"));
    EXPECT_EQ(result.output.text(), "b'hello'\nb' again'\n") << describe(result);
}

TEST_F(GatewayRelay, HoldsManyConnectionsAtOnce) {
    const RunResult result =
        run(python("all = [connect() for _ in range(500)]\n"
                   "for i, c in enumerate(all): c.sendall(b'%d' % i)\n"
                   "for c in all: c.shutdown(socket.SHUT_WR)\n"
                   "print(all and [read_all(c) for c in all] == [b'%d' % i for i in range(500)])\n"));
    EXPECT_EQ(result.output.text(), "True\n") << describe(result);
}

TEST_F(GatewayRelay, ServesWhoComesAfterAThousandIdleOnes) {
    const RunResult result =
        run(python("all = [connect() for _ in range(1100)]\n"
                   "late = connect()\n"
                   "for c in all: c.close()\n"
                   "late.sendall(b'here')\n"
                   "print(late.recv(4))\n"));
    EXPECT_EQ(result.output.text(), "b'here'\n") << describe(result);
}

TEST_F(GatewayRelay, PassesMuchOnWithoutHoldingIt) {
    // Nobody reads before all is sent: what does not fit on the way waits with the sender.
    const RunResult result =
        run(python("c = connect()\n"
                   "data = os.urandom(50 << 20)\n"
                   "threading.Thread(target=lambda: (c.sendall(data), c.shutdown(socket.SHUT_WR))).start()\n"
                   "print(read_all(c) == data)\n"));
    EXPECT_EQ(result.output.text(), "True\n") << describe(result);
    EXPECT_LT(result.figures.peak_memory_bytes, std::int64_t{400} << 20);
}

TEST_F(GatewayRelay, IsTheOnlyThingOnTheLoopback) {
    const RunResult result = run(python("print(open('/proc/net/tcp').read().count(' 0A '))\n"));
    EXPECT_EQ(result.output.text(), "1\n") << describe(result);
}

TEST_F(GatewayRelay, IsNotThereWithoutAGateway) {
    ConfinedCommand confined =
        python("print('RATCHET_GATEWAY' in os.environ, open('/proc/net/tcp').read().count(' 0A '))\n");
    confined.gateway.clear();
    EXPECT_EQ(run(confined).output.text(), "False 0\n");
}

TEST_F(GatewayRelay, EndsWithTheCommandAndLeavesNothing) {
    const std::string name = marker();
    ConfinedCommand confined = python("c = connect(); c.sendall(b'x'); c.recv(1)\n");
    confined.shell_command += " # " + name;
    const RunResult result = run(confined);
    EXPECT_TRUE(result.succeeded()) << describe(result);
    EXPECT_TRUE(processes_with(name).empty());
    EXPECT_TRUE(eventually([&] { return service.ended == 1; })) << "its connections end with it";
}

TEST_F(GatewayRelay, EndsWhenTheCommandIsKilledForItsTime) {
    const std::string name = marker();
    ConfinedCommand confined = python("c = connect(); c.sendall(b'x'); c.recv(1); c.recv(1)\n");
    confined.shell_command += " # " + name;
    confined.timeout = std::chrono::seconds(2);
    EXPECT_EQ(run(confined).ending, Ending::timed_out);
    EXPECT_TRUE(processes_with(name).empty());
    EXPECT_TRUE(eventually([&] { return service.ended == 1; }));
}

TEST_F(GatewayRelay, KilledByTheCommandItHarmsNobodyElse) {
    const RunResult result = run(python(
        "import signal\n"
        "for name in os.listdir('/proc'):\n"
        "    if name.isdigit() and int(name) not in (1, os.getpid(), os.getppid()): os.kill(int(name), 9)\n"
        "try:\n"
        "    for _ in range(100): connect().recv(1)\n"
        "except OSError: print('gone')\n"));
    EXPECT_EQ(result.output.text(), "gone\n") << describe(result);
    EXPECT_TRUE(result.succeeded());
}

TEST_F(GatewayRelay, IsNoneOfTheCommandsProcesses) {
    ConfinedCommand confined = python("c = connect(); c.sendall(b'x'); print(c.recv(1))\n");
    const RunResult with = run(confined);
    confined.shell_command = "true";
    const std::optional<std::int64_t> processes = run(confined).figures.processes;
    confined.gateway.clear();
    EXPECT_EQ(processes, run(confined).figures.processes);
    EXPECT_TRUE(with.succeeded());
}

TEST_F(GatewayRelay, CannotBeReadOrTakenOverByTheCommand) {
    const RunResult result =
        run(python("for name in os.listdir('/proc'):\n"
                   "    if not name.isdigit() or int(name) in (os.getpid(), os.getppid()): continue\n"
                   "    for file in ('mem', 'fd/0', 'environ'):\n"
                   "        try: open(f'/proc/{name}/{file}', 'rb').read(1); print('read', name, file)\n"
                   "        except OSError: pass\n"
                   "print('tried')\n"));
    EXPECT_EQ(result.output.text(), "tried\n") << describe(result);
}

TEST_F(GatewayRelay, WorksForProposersThatMakeSandboxesOfTheirOwn) {
    ConfinedCommand confined = python("c = connect(); c.sendall(b'x'); print(c.recv(1))\n");
    confined.nested_sandboxes = true;
    EXPECT_EQ(run(confined).output.text(), "b'x'\n");
}

TEST_F(GatewayRelay, SaysWhyTheRunDoesNotStartWhereItsSocketIsMissing) {
    ConfinedCommand confined = python("");
    confined.gateway = folder.path / "missing.sock";
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::not_started);
    EXPECT_THAT(result.diagnosis, HasSubstr("missing.sock"));
}

}  // namespace
}  // namespace ratchet
