#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace ratchet::test {

/// One request at a canned server.
class HttpExchange {
  public:
    HttpExchange(int socket, std::string request_head, std::string request_body)
        : head(std::move(request_head)), body(std::move(request_body)), socket_(socket) {}
    /// As it is. False: the client has gone.
    bool send(std::string_view bytes) const;
    /// A whole answer.
    void answer(int status, const std::string& json, const std::string& more_headers = {}) const;
    /// The head of a stream of events, in chunks.
    void begin_stream() const;
    /// One event of it.
    bool event(const std::string& data) const;
    void end_stream() const;
    /// Closes the connection.
    void hang_up() const;
    /// Until the client closes its end.
    void wait_for_hang_up() const;
    /// The value of a header, by its name in lower case.
    [[nodiscard]] std::string header(const std::string& name) const;

    std::string head;  ///< request line and headers
    std::string body;

  private:
    int socket_;
};

/// An HTTP server on loopback, a thread a connection, which does with each request what the test says.
class CannedServer {
  public:
    using Handler = std::function<void(const HttpExchange&)>;
    /// The handler is called in many threads.
    explicit CannedServer(Handler handler);
    ~CannedServer();
    CannedServer(const CannedServer&) = delete;
    CannedServer& operator=(const CannedServer&) = delete;

    [[nodiscard]] std::string url() const;
    /// The requests so far, each its head.
    [[nodiscard]] std::vector<std::string> heads() const;

  private:
    void accept_all();
    void serve(int socket);

    Handler handler_;
    int listener_ = -1;
    int port_ = 0;
    mutable std::mutex mutex_;
    std::vector<std::string> heads_;
    std::vector<int> sockets_;
    std::vector<std::thread> threads_;
    std::thread accepting_;
};

}  // namespace ratchet::test
