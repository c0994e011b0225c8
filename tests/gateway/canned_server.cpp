#include "tests/gateway/canned_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

namespace ratchet::test {
namespace {

std::string in_lower_case(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

}  // namespace

bool HttpExchange::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void HttpExchange::answer(int status, const std::string& json, const std::string& more_headers) const {
    send(fmt::format("HTTP/1.1 {} Canned\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{}\r\n{}",
                     status, json.size(), more_headers, json));
}

void HttpExchange::begin_stream() const {
    send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
}

bool HttpExchange::event(const std::string& data) const {
    const std::string text = "data: " + data + "\n\n";
    return send(fmt::format("{:x}\r\n{}\r\n", text.size(), text));
}

void HttpExchange::end_stream() const {
    send("0\r\n\r\n");
}

void HttpExchange::hang_up() const {
    ::shutdown(socket_, SHUT_RDWR);
}

void HttpExchange::wait_for_hang_up() const {
    std::array<char, 1024> buffer{};
    while (::recv(socket_, buffer.data(), buffer.size(), 0) > 0) {
    }
}

std::string HttpExchange::header(const std::string& name) const {
    const std::string key = "\r\n" + name + ": ";
    const std::size_t place = in_lower_case(head).find(key);
    if (place == std::string::npos) return {};
    const std::size_t begin = place + key.size();
    return head.substr(begin, head.find("\r\n", begin) - begin);
}

CannedServer::CannedServer(Handler handler)
    : handler_(std::move(handler)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, SOMAXCONN) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("cannot listen");
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { accept_all(); });
}

CannedServer::~CannedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    ::close(listener_);
    {
        const std::scoped_lock lock(mutex_);
        for (const int socket : sockets_)
            ::shutdown(socket, SHUT_RDWR);
    }
    for (std::thread& thread : threads_)
        thread.join();
    for (const int socket : sockets_)
        ::close(socket);
}

std::string CannedServer::url() const {
    return fmt::format("http://127.0.0.1:{}", port_);
}

std::vector<std::string> CannedServer::heads() const {
    const std::scoped_lock lock(mutex_);
    return heads_;
}

void CannedServer::accept_all() {
    for (;;) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return;
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const std::scoped_lock lock(mutex_);
        sockets_.push_back(socket);
        threads_.emplace_back([this, socket] { serve(socket); });
    }
}

void CannedServer::serve(int socket) {
    std::string got;
    std::array<char, 65536> buffer{};
    for (;;) {
        const std::size_t end = got.find("\r\n\r\n");
        constexpr std::string_view length_header = "\r\ncontent-length: ";
        const std::size_t place = in_lower_case(got.substr(0, end)).find(length_header);
        std::size_t length = 0;
        if (place != std::string::npos)
            length = std::strtoul(got.c_str() + place + length_header.size(), nullptr, 10);
        if (end == std::string::npos || got.size() < end + 4 + length) {
            const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), 0);
            if (count <= 0) return;
            got.append(buffer.data(), static_cast<std::size_t>(count));
            continue;
        }
        const HttpExchange exchange(socket, got.substr(0, end + 2), got.substr(end + 4, length));
        got.erase(0, end + 4 + length);
        {
            const std::scoped_lock lock(mutex_);
            heads_.push_back(exchange.head);
        }
        handler_(exchange);
    }
}

}  // namespace ratchet::test
