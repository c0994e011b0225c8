#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "orchestrator/api/model_endpoint.hpp"
#include "orchestrator/gateway/event_stream.hpp"
#include "orchestrator/gateway/retry_after.hpp"
#include "orchestrator/gateway/upstream.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {
namespace {

constexpr int ok = 200;
// Of a body that is no stream. What is longer is no reply of a model.
constexpr std::size_t most_body = std::size_t{16} << 20;
constexpr std::size_t most_words = 500;

/// Puts the parts of one answer together.
class Taker final : public AnswerTaker {
  public:
    Taker(ReplyReader& reader, boost::asio::io_context& context)
        : reader_(reader),
          context_(context),
          events_([this](std::string_view, std::string_view data) { take_event(data); }) {}

    void begin(int status, const Headers& headers) override {
        status_ = status;
        for (const auto& [name, value] : headers) {
            if (name == "retry-after") retry_after_ = "retry-after: " + value;
            if (name == "content-type") streamed_ = status == ok && value.starts_with("text/event-stream");
        }
    }

    Taking take(std::string_view bytes) override {
        if (streamed_) {
            events_.feed(bytes);
        } else if (body_.size() + bytes.size() > most_body) {
            return Taking::enough;
        } else {
            body_ += bytes;
        }
        return Taking::taken;
    }

    void end(const UpstreamEnd& end) override {
        if (streamed_) events_.finish();
        end_ = end;
        context_.stop();  // the connection is kept open and watched, but for nobody
    }

    EndpointAnswer answer() {
        EndpointAnswer answer;
        answer.status = status_;
        const auto now =
            std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
        answer.retry_after = retry_after_of(retry_after_, now);
        const nlohmann::json document =
            streamed_ ? nlohmann::json() : nlohmann::json::parse(body_, nullptr, false);
        if (status_ == 0) {
            answer.failure = "no answer: " + end_.error;
        } else if (status_ != ok) {
            const std::string words = document.is_object() ? error_text(document) : body_;
            answer.failure =
                fmt::format("answered with {}: {}", status_, clipped_to_bytes(one_line(words), most_words));
        } else if (!streamed_ && !document.is_object()) {
            answer.failure = "answered with 200 and something that is no JSON: " +
                             clipped_to_bytes(one_line(body_), most_words);
        } else {
            if (!streamed_) reader_.whole(document);
            answer.reply = reader_.finish();
            answer.failure = answer.reply.failure;
        }
        return answer;
    }

  private:
    void take_event(std::string_view data) {
        // "[DONE]" is how some streams end.
        const nlohmann::json document = nlohmann::json::parse(data, nullptr, false);
        if (document.is_object()) reader_.event(document);
    }

    ReplyReader& reader_;
    boost::asio::io_context& context_;
    EventStream events_;
    int status_ = 0;
    bool streamed_ = false;
    std::string retry_after_;
    std::string body_;
    UpstreamEnd end_;
};

}  // namespace

EndpointAnswer HttpEndpoint::ask(const ChatProtocol& protocol, const Conversation& conversation) {
    UpstreamRequest request;
    request.url = base_url_ + protocol.path();
    request.headers = protocol.headers();
    request.headers.emplace_back("content-type", "application/json");
    request.headers.emplace_back("accept", "text/event-stream");
    request.body = protocol.request(conversation);
    const std::unique_ptr<ReplyReader> reader = protocol.reader();
    boost::asio::io_context context;
    const auto taker = std::make_shared<Taker>(*reader, context);
    Upstream upstream(context, {});
    upstream.send(std::move(request), taker);
    context.run();
    return taker->answer();
}

EndpointAnswer PatientEndpoint::ask(const ChatProtocol& protocol, const Conversation& conversation) {
    constexpr int most_tries = 5;
    // A longer wait is the campaign's business, which spends the time better.
    constexpr Seconds longest_wait(60);
    Seconds rest(1);
    for (int tries = 1;; ++tries) {
        EndpointAnswer answer = endpoint_.ask(protocol, conversation);
        const bool was_cut = answer.status == ok && !answer.failure.empty();
        const bool may_get_better = answer.status == 0 || answer.status == 408 || answer.status == 429 ||
                                    answer.status >= 500 || was_cut;
        const Seconds wait = answer.retry_after.value_or(rest);
        if (answer.failure.empty() || !may_get_better || tries == most_tries || wait > longest_wait)
            return answer;
        wait_(wait);
        rest = std::min(2 * rest, longest_wait);
    }
}

}  // namespace ratchet
