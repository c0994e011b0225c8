#include "tests/gateway/raw_client.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace ratchet::test {
namespace {

constexpr int half_a_minute = 30'000;

/// The parts of a body in chunks, and whether its end has come.
std::pair<std::string, bool> joined(std::string_view chunks) {
    std::string body;
    for (;;) {
        const std::size_t end = chunks.find("\r\n");
        if (end == std::string_view::npos) return {body, false};
        const std::size_t size = std::strtoul(std::string(chunks.substr(0, end)).c_str(), nullptr, 16);
        chunks.remove_prefix(end + 2);
        if (size == 0) return {body, chunks.starts_with("\r\n")};
        if (chunks.size() < size + 2) return {body + std::string(chunks), false};
        body += chunks.substr(0, size);
        chunks.remove_prefix(size + 2);
    }
}

}  // namespace

RawClient::RawClient(const std::filesystem::path& socket) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot connect to " + socket.string());
}

RawClient::~RawClient() {
    ::close(socket_);
}

bool RawClient::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void RawClient::end_sending() const {
    ::shutdown(socket_, SHUT_WR);
}

bool RawClient::read_until(const std::function<bool(const std::string&)>& enough) {
    std::array<char, 65536> buffer{};
    while (!enough(got)) {
        pollfd wait{socket_, POLLIN, 0};
        if (::poll(&wait, 1, half_a_minute) <= 0) return false;
        const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
        if (count <= 0) return false;
        got.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return true;
}

Answer RawClient::answer() {
    Answer answer;
    if (!read_until([](const std::string& text) { return text.find("\r\n\r\n") != std::string::npos; }))
        return answer;
    const std::size_t end = got.find("\r\n\r\n");
    answer.status = std::atoi(got.c_str() + got.find(' '));
    for (std::size_t line = got.find("\r\n") + 2; line < end;) {
        const std::size_t stop = got.find("\r\n", line);
        const std::size_t colon = got.find(": ", line);
        answer.headers[got.substr(line, colon - line)] = got.substr(colon + 2, stop - colon - 2);
        line = stop + 2;
    }
    got.erase(0, end + 4);
    if (answer.status < 200) return answer;
    if (answer.headers.contains("transfer-encoding")) {
        answer.whole = read_until([](const std::string& text) { return joined(text).second; });
        answer.body = joined(got).first;
        got.clear();
    } else if (answer.headers.contains("content-length")) {
        const std::size_t length = std::strtoul(answer.headers["content-length"].c_str(), nullptr, 10);
        answer.whole = read_until([&](const std::string& text) { return text.size() >= length; });
        answer.body = got.substr(0, length);
        got.erase(0, length);
    } else {
        read_until([](const std::string&) { return false; });
        answer.body = std::exchange(got, {});
        answer.whole = true;
    }
    return answer;
}

std::string post(const std::string& path, const std::string& body, const std::string& more_headers) {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: model\r\nContent-Type: application/json\r\n{}Content-Length: {}\r\n\r\n{}",
        path, more_headers, body.size(), body);
}

Answer ask(const std::filesystem::path& socket, const std::string& path, const std::string& body,
           const std::string& more_headers) {
    RawClient client(socket);
    client.send(post(path, body, more_headers));
    return client.answer();
}

}  // namespace ratchet::test
