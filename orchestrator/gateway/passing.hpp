#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/gateway/answer_reader.hpp"
#include "orchestrator/gateway/desk.hpp"
#include "orchestrator/gateway/http_text.hpp"
#include "orchestrator/gateway/upstream.hpp"

namespace ratchet {

/// The client's end, as far as an answer goes there.
class ClientSide {
  public:
    virtual ~ClientSide() = default;
    /// Bytes for the client; they are lost where it has gone.
    virtual void write(std::string_view bytes) = 0;
    /// So much waits to be taken by the client that more of an endless answer would fill the memory.
    [[nodiscard]] virtual bool is_full() const = 0;
    /// The answer ended; not intact: the client must see that it was cut.
    virtual void end_answer(bool intact) = 0;
};

/// What a request is that is passed on.
struct PassedRequest {
    const Protocol* protocol = nullptr;
    Route route;
    std::string model;        ///< as asked for
    bool streamed = false;    ///< as asked for
    bool hide_usage = false;  ///< its stream was asked for usage that the client had not asked for
    std::int64_t bytes = 0;
    bool understands_chunks = true;  ///< the client speaks HTTP/1.1
    bool keep_alive = true;
};

/// Passes one answer on to the client as it comes, reads what it cost, and writes it down. A client that goes
/// away does not end it: what it cost would not be known.
class Passing final : public AnswerTaker {
  public:
    /// Counts the request as sent.
    Passing(Desk& desk, PassedRequest request, std::shared_ptr<ClientSide> client);
    ~Passing() override;
    Passing(const Passing&) = delete;
    Passing& operator=(const Passing&) = delete;

    void begin(int status, const Headers& headers) override;
    Taking take(std::string_view bytes) override;
    void end(const UpstreamEnd& end) override;
    /// The gateway ends before the answer does.
    void abandon();

  private:
    enum class Ended { complete, cut, abandoned };

    void pass_on(std::string_view bytes);
    void fail(const UpstreamEnd& end);
    void send_error(const std::string& body);
    void write_down(Ended how);
    void count_tokens(ModelRequest& ended, Ended how);
    void note_failure(std::string words);
    [[nodiscard]] bool is_error() const { return status_ >= 400; }

    Desk& desk_;
    PassedRequest request_;
    std::shared_ptr<ClientSide> client_;
    std::size_t number_ = 0;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    int status_ = 0;
    Headers headers_;
    Framing framing_ = Framing::none;
    std::optional<AnswerReader> reader_;
    std::string error_;  ///< the body of an answer that is one
    std::size_t bytes_ = 0;
};

}  // namespace ratchet
