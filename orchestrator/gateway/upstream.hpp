#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace ratchet {

/// A POST to an endpoint.
struct UpstreamRequest {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

/// How an answer ended.
struct UpstreamEnd {
    bool complete = false;
    bool timed_out = false;
    std::string error;  ///< in words; empty where it is complete
};

using Headers = std::vector<std::pair<std::string, std::string>>;  ///< names in lower case

/// What becomes of bytes that were offered.
enum class Taking {
    taken,
    later,   ///< the same bytes are to come again after Upstream::resume
    enough,  ///< this answer is to end here
};

/// Who takes an answer, as it comes. None of these may throw.
class AnswerTaker {
  public:
    virtual ~AnswerTaker() = default;
    /// First, where there is an answer at all.
    virtual void begin(int status, const Headers& headers) = 0;
    virtual Taking take(std::string_view bytes) = 0;
    /// Last, always, unless the whole Upstream is taken down.
    virtual void end(const UpstreamEnd& end) = 0;
};

struct UpstreamLimits {
    std::chrono::milliseconds connect = std::chrono::seconds(30);
    /// Without a byte in either direction. The clients of the well-known endpoints give up after ten minutes
    /// as well: a model may think for so long before it says anything.
    std::chrono::seconds silence = std::chrono::minutes(10);
    std::string proxy;         ///< a URL; empty: none
    std::string no_proxy;      ///< hosts for which it is not, with commas
    std::string certificates;  ///< a file of certificates to trust; empty: the machine's
};

/// The client side: HTTP and TLS by libcurl, on the caller's own loop. Connections are kept for the requests
/// after. It follows no redirection, since that would take the key elsewhere, and reads no environment.
class Upstream {
  public:
    /// `context` must outlive it; everything happens in the thread that runs it.
    Upstream(boost::asio::io_context& context, const UpstreamLimits& limits);
    /// Ends what is under way, without a word.
    ~Upstream();
    Upstream(const Upstream&) = delete;
    Upstream& operator=(const Upstream&) = delete;

    using Ticket = std::uint64_t;
    /// Sends a request. The taker lives until the answer's end.
    Ticket send(UpstreamRequest request, std::shared_ptr<AnswerTaker> taker);
    /// Goes on with an answer that could not be taken. Nothing where it has ended.
    void resume(Ticket ticket);

  private:
    class Client;
    std::unique_ptr<Client> client_;
};

}  // namespace ratchet
