#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace ratchet::test {

/// An answer, taken apart.
struct Answer {
    int status = 0;  ///< 0: there was none
    std::map<std::string, std::string> headers;
    std::string body;
    bool whole = false;  ///< it ended where it said it would
};

/// A client that sends what it is told, on a Unix socket.
class RawClient {
  public:
    explicit RawClient(const std::filesystem::path& socket);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    /// False: the other side has closed.
    bool send(std::string_view bytes) const;
    /// No more will be sent.
    void end_sending() const;
    /// Reads on until this holds of all that came; false: the other side closed, or half a minute went by.
    bool read_until(const std::function<bool(const std::string&)>& enough);
    /// Reads one answer.
    Answer answer();

    std::string got;  ///< so far, and not taken apart

  private:
    int socket_;
};

/// A request of HTTP/1.1 with a body.
std::string post(const std::string& path, const std::string& body, const std::string& more_headers = {});
/// Sends it on a connection of its own and reads the answer.
Answer ask(const std::filesystem::path& socket, const std::string& path, const std::string& body,
           const std::string& more_headers = {});

}  // namespace ratchet::test
