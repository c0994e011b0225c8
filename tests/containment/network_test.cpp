#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>

#include "tests/containment/sandbox_fixture.hpp"

namespace ratchet {
namespace {

class Network : public SandboxTest {};

/// A listening socket of this process.
class Listener {
  public:
    explicit Listener(int family) : socket_(::socket(family, SOCK_STREAM, 0)) {}
    ~Listener() { ::close(socket_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    int listen_on_loopback() const {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(socket_, 8), 0);
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        return ntohs(address.sin_port);
    }
    void listen_on_path(const std::filesystem::path& path) const {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.string().copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(::chmod(path.c_str(), 0666), 0);
        EXPECT_EQ(::listen(socket_, 8), 0);
    }
    void listen_on_abstract(const std::string& name) const {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
        EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(socket_, 8), 0);
    }

  private:
    int socket_;
};

TEST_F(Network, OnlyALoopbackIsThere) {
    const RunResult result =
        run("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '; wc -l < /proc/net/route");
    EXPECT_EQ(result.output.text(), "lo\n1\n") << describe(result);
}

TEST_F(Network, OwnLoopbackWorks) {
    EXPECT_EQ(run(attacker("talk-to-itself")).output.text(), "done\n");
}

TEST_F(Network, HostsLoopbackIsNotReached) {
    const Listener listener(AF_INET);
    const int port = listener.listen_on_loopback();
    EXPECT_EQ(run(attacker("connect-loopback " + std::to_string(port))).output.text(), "refused\n");
}

TEST_F(Network, HostsLoopbackIsReachedWhereTheNetworkIsGiven) {
    const Listener listener(AF_INET);
    const int port = listener.listen_on_loopback();
    ConfinedCommand confined = command(attacker("connect-loopback " + std::to_string(port)));
    confined.network = true;
    EXPECT_EQ(run(confined).output.text(), "done\n") << "else the test above would prove nothing";
}

TEST_F(Network, HostsSocketsInTheFileSystemAreNotReached) {
    const Listener listener(AF_UNIX);
    const std::filesystem::path socket = folder.path / "agent.sock";
    listener.listen_on_path(socket);
    EXPECT_EQ(run(attacker("connect-path " + socket.string())).output.text(), "refused\n");
}

TEST_F(Network, AGatewayIsTheOnlyWayOut) {
    const Listener gateway(AF_UNIX);
    const std::filesystem::path socket = folder.path / "gateway.sock";
    gateway.listen_on_path(socket);
    const Listener other(AF_INET);
    ConfinedCommand confined =
        command(attacker(std::string("connect-path ") + inner_gateway) + "; " +
                attacker("connect-loopback " + std::to_string(other.listen_on_loopback())) + "; rm -f " +
                inner_gateway + "; ls " + inner_gateway);
    confined.gateway = socket;
    const RunResult result = run(confined);
    EXPECT_EQ(result.output.text(), std::string("done\nrefused\n") + inner_gateway + "\n")
        << describe(result);
}

TEST_F(Network, HostsAbstractSocketsAreNotReached) {
    const Listener listener(AF_UNIX);
    const std::string name = "ratchet-" + marker();
    listener.listen_on_abstract(name);
    EXPECT_EQ(run(attacker("connect-abstract " + name)).output.text(), "refused\n");
}

TEST_F(Network, OtherSocketFamiliesAreRefused) {
    for (const char* family : {"vsock", "packet", "raw", "alg"}) {
        EXPECT_EQ(run(attacker("socket " + std::string(family))).output.text(), "refused\n") << family;
    }
}

TEST_F(Network, NeedForItIsNamedWithTheWayToHaveIt) {
    const RunResult result = run("echo 'curl: (6) Could not resolve host: example.org' >&2; exit 6");
    EXPECT_NE(result.diagnosis.find("example.org"), std::string::npos);
    EXPECT_NE(result.diagnosis.find("[prepare]"), std::string::npos);
}

}  // namespace
}  // namespace ratchet
