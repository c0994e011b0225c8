// What a request costs by way of ratchet's gateway, over the same request sent directly: a client in the
// sandbox, the relay, the gateway and libcurl, against the client and a server on loopback alone. Figure to
// reach on a quiet machine: 2 ms more. Usage: gateway_cost HELPER [REQUESTS]

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "orchestrator/gateway/gateway.hpp"
#include "sandbox/confinement.hpp"
#include "tests/gateway/canned_server.hpp"

namespace {

using namespace ratchet;
using Clock = std::chrono::steady_clock;

constexpr int events_of_a_stream = 50;
// About what an agent sends first.
constexpr std::size_t request_bytes = 40 << 10;

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

std::string percentiles(std::vector<double> times) {
    std::sort(times.begin(), times.end());
    return fmt::format("{:.3f} {:.3f}", times[times.size() / 2], times[times.size() * 95 / 100]);
}

int connect_to(int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::exit(1);
    return socket;
}

void send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) std::exit(1);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string request(const char* path) {
    const std::string body =
        R"({"model":"m","messages":[],"stream":true,"text":")" + std::string(request_bytes, 'x') + "\"}";
    return fmt::format("POST {} HTTP/1.1\r\nHost: m\r\nContent-Length: {}\r\n\r\n{}", path, body.size(),
                       body);
}

/// Reads to the end of an answer, and hands on what came with each read.
template <typename Take>
void read_answer(int socket, std::string_view end, const Take& take) {
    std::string got;
    std::array<char, 65536> buffer{};
    while (!got.ends_with(end)) {
        const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (count <= 0) std::exit(1);
        take(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
        got.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

/// Milliseconds of each request on one connection.
std::vector<double> whole_answers(int port, int count) {
    const int socket = connect_to(port);
    const std::string text = request("/v1/messages");
    std::vector<double> times;
    for (int i = 0; i < count; ++i) {
        const auto start = Clock::now();
        send_all(socket, text);
        read_answer(socket, "}}", [](std::string_view) {});
        times.push_back(milliseconds_since(start));
    }
    ::close(socket);
    return times;
}

/// Milliseconds from when an event was sent to when it arrived; the clock is the same inside.
std::vector<double> events(int port, int count) {
    const int socket = connect_to(port);
    std::vector<double> times;
    for (int i = 0; i < count / events_of_a_stream + 1; ++i) {
        send_all(socket, request("/v1/responses"));
        read_answer(socket, "0\r\n\r\n", [&](std::string_view text) {
            const std::size_t place = text.find("sent=");
            if (place == std::string_view::npos) return;
            const std::int64_t sent = std::strtoll(text.data() + place + 5, nullptr, 10);
            times.push_back(milliseconds_since(Clock::time_point(std::chrono::nanoseconds(sent))));
        });
    }
    ::close(socket);
    return times;
}

void serve(const test::HttpExchange& exchange) {
    if (exchange.head.find("/v1/messages") != std::string::npos) {
        exchange.answer(200, R"({"model":"m","usage":{"input_tokens":1000,"output_tokens":50}})");
        return;
    }
    exchange.begin_stream();
    for (int i = 0; i < events_of_a_stream; ++i) {
        // A fast model's pace; they are not to come together.
        std::this_thread::sleep_for(std::chrono::milliseconds(3));
        exchange.event(fmt::format("sent={} ", Clock::now().time_since_epoch().count()));
    }
    exchange.end_stream();
}

int client(int port, int count) {
    whole_answers(port, 20);  // warms up
    fmt::print("{} {}\n", percentiles(whole_answers(port, count)), percentiles(events(port, count)));
    return 0;
}

struct Figures {
    double whole = 0;
    double whole_95 = 0;
    double event = 0;
    double event_95 = 0;
};

Figures figures_of(const std::string& line) {
    Figures figures;
    if (std::sscanf(line.c_str(), "%lf %lf %lf %lf", &figures.whole, &figures.whole_95, &figures.event,
                    &figures.event_95) != 4) {
        fmt::print(stderr, "the client failed: {}\n", line);
        std::exit(1);
    }
    return figures;
}

Figures measure(Confinement& confinement, ConfinedCommand command, const std::string& program, int port,
                int count) {
    const NeverStop stop;
    command.shell_command = fmt::format("{} client {} {}", program, port, count);
    const RunResult result = confinement.run(command, stop);
    return figures_of(result.succeeded() ? result.output.text() : result.errors.text() + result.diagnosis);
}

}  // namespace

int main(int count, char** arguments) {
    if (count == 4 && std::strcmp(arguments[1], "client") == 0)
        return client(std::atoi(arguments[2]), std::atoi(arguments[3]));
    if (count < 2) {
        fmt::print(stderr, "usage: gateway_cost HELPER [REQUESTS]\n");
        return 2;
    }
    const int requests = count > 2 ? std::atoi(arguments[2]) : 1000;
    std::string folder = "/tmp/ratchet-gateway-cost-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) return 1;
    const std::filesystem::path tree = folder + "/tree";
    std::filesystem::create_directory(tree);
    const test::CannedServer server(serve);

    ConfinementSettings settings;
    settings.helper = std::filesystem::absolute(arguments[1]);
    settings.bubblewrap = "/usr/bin/bwrap";
    const auto confinement = make_confinement(settings);
    confinement->give(tree);
    ConfinedCommand command;
    command.tree = tree;
    command.timeout = std::chrono::minutes(10);
    command.mounts.push_back({std::filesystem::read_symlink("/proc/self/exe"), "/gateway_cost", false});

    // Both in the sandbox, the direct one with the network, so that nothing else differs.
    ConfinedCommand direct = command;
    direct.network = true;
    const int port = std::atoi(server.url().c_str() + server.url().rfind(':') + 1);
    GatewaySettings gateway_settings;
    gateway_settings.socket = folder + "/gateway.sock";
    gateway_settings.endpoint = server.url();
    gateway_settings.key = "sk-secret-0123456789";
    Gateway gateway(gateway_settings);
    command.gateway = gateway_settings.socket;
    for (int round = 0; round < 3; ++round) {
        const Figures alone = measure(*confinement, direct, "/gateway_cost", port, requests);
        const Figures through = measure(*confinement, command, "/gateway_cost", inner_gateway_port, requests);
        fmt::print(
            "a request of 40 KiB:  direct {:.3f} ms (95 %: {:.3f}), by the gateway {:.3f} ms (95 %: {:.3f}), "
            "more: "
            "{:.3f} ms\n",
            alone.whole, alone.whole_95, through.whole, through.whole_95, through.whole - alone.whole);
        fmt::print(
            "an event of a stream: direct {:.3f} ms (95 %: {:.3f}), by the gateway {:.3f} ms (95 %: {:.3f}), "
            "more: "
            "{:.3f} ms\n",
            alone.event, alone.event_95, through.event, through.event_95, through.event - alone.event);
    }
    gateway.finish();
    std::filesystem::remove_all(folder);
    return 0;
}
