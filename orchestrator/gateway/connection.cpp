// The only source that includes Boost.Beast, which takes long to compile. It reads requests; what goes back
// is written as it is made.

#include "orchestrator/gateway/connection.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/verb.hpp>
#include <optional>
#include <utility>

#include "orchestrator/gateway/http_text.hpp"
#include "orchestrator/gateway/passing.hpp"
#include "orchestrator/gateway/request_body.hpp"

namespace ratchet {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

// The longest of the agents' is some 3 KiB.
constexpr std::uint32_t most_header_bytes = 64 << 10;
// All bodies that are read at the same time.
constexpr std::size_t most_bodies_bytes = std::size_t{192} << 20;
// What may wait for a client that reads slowly.
constexpr std::size_t most_waiting_bytes = std::size_t{1} << 20;
// A client that stops in the middle of a request is given up.
constexpr auto request_silence = std::chrono::seconds(60);

/// Clients tell such an error from one that is worth another try by its status. 400 is never tried again by
/// the kits of OpenAI, Anthropic and Google, nor by the agents on top of them; 429 and 5xx are, for minutes,
/// and at 401 and 403 some ask for another key first.
constexpr int refused_status = 400;

std::string lower_case(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

}  // namespace

class Connection final : public ClientSide, public std::enable_shared_from_this<Connection> {
  public:
    Connection(asio::io_context& context, int socket, Desk& desk, std::function<void()> closed)
        : stream_(asio::local::stream_protocol::socket(context, asio::local::stream_protocol(), socket)),
          desk_(desk),
          closed_(std::move(closed)) {
        desk_.connections.insert(this);
    }
    ~Connection() override {
        release_body();
        if (desk_.connections.erase(this) > 0) closed_();
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void read_request();
    void close();

    void write(std::string_view bytes) override;
    [[nodiscard]] bool is_full() const override { return waiting_.size() >= most_waiting_bytes; }
    void end_answer(bool intact) override;

  private:
    using Parser = http::request_parser<http::string_body>;

    void on_header(beast::error_code error);
    void read_body();
    void on_request_error(beast::error_code error);
    void on_request();
    void pass_on(const Desk::Destination& destination, std::string_view query, const RequestBody& said);
    void refuse(int status, const std::string& message);
    void flush_soon();
    void flush();
    void on_written(beast::error_code error);
    void hold_body();
    void release_body();
    [[nodiscard]] Headers headers() const;

    beast::basic_stream<asio::local::stream_protocol> stream_;
    Desk& desk_;
    std::function<void()> closed_;
    beast::flat_buffer buffer_{most_header_bytes};
    std::optional<Parser> parser_;
    std::size_t held_bytes_ = 0;  ///< of Desk::body_bytes
    const Protocol* protocol_ = nullptr;
    bool keep_alive_ = false;
    bool understands_chunks_ = true;

    std::string waiting_;
    std::string being_written_;
    bool is_writing_ = false;
    bool flush_is_due_ = false;
    bool is_gone_ = false;    ///< the client
    bool has_ended_ = false;  ///< the answer at work
    Upstream::Ticket ticket_ = 0;
};

void Connection::read_request() {
    parser_.emplace();
    parser_->header_limit(most_header_bytes);
    parser_->body_limit(desk_.settings.most_body_bytes);
    protocol_ = nullptr;
    has_ended_ = false;
    ticket_ = 0;
    stream_.expires_never();
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_header(error); });
}

void Connection::on_header(beast::error_code error) {
    if (error) return on_request_error(error);
    const auto& request = parser_->get();
    understands_chunks_ = request.version() >= 11;
    keep_alive_ = understands_chunks_ && request.keep_alive();
    const std::string_view target(request.target().data(), request.target().size());
    const auto destination = desk_.destination(target.substr(0, target.find('?')));
    if (destination) protocol_ = destination->protocol;
    if (!destination || request.method() != http::verb::post) {
        keep_alive_ = false;  // its body is not read
        return refuse(destination ? 405 : 404,
                      "ratchet's gateway has no such path: it passes on POST to /v1/chat/completions, "
                      "/v1/responses, /v1/messages and /v1beta/models/MODEL:generateContent");
    }
    if (request.find(http::field::content_encoding) != request.end()) {
        keep_alive_ = false;
        return refuse(415, "ratchet's gateway reads requests that are not compressed");
    }
    if (beast::iequals(request[http::field::expect], "100-continue")) {
        write("HTTP/1.1 100 Continue\r\n\r\n");
    }
    read_body();
}

void Connection::read_body() {
    hold_body();
    if (parser_->is_done()) return on_request();
    if (desk_.body_bytes > most_bodies_bytes) {
        keep_alive_ = false;
        return refuse(503, "too many large requests at the same time");
    }
    stream_.expires_after(request_silence);
    http::async_read_some(stream_, buffer_, *parser_,
                          [self = shared_from_this()](beast::error_code error, std::size_t) {
                              if (error) return self->on_request_error(error);
                              self->read_body();
                          });
}

void Connection::on_request_error(beast::error_code error) {
    keep_alive_ = false;
    // Nobody is there any more, or nobody has said anything.
    if (error.category() != http::make_error_code(http::error::end_of_stream).category() ||
        error == http::error::end_of_stream || error == http::error::partial_message) {
        return close();
    }
    if (error == http::error::body_limit) {
        return refuse(413, "the request is larger than ratchet's gateway passes on");
    }
    refuse(400, "this is no request of HTTP: " + error.message());
}

void Connection::on_request() {
    stream_.expires_never();
    const auto& request = parser_->get();
    const std::string_view target(request.target().data(), request.target().size());
    const std::size_t mark = target.find('?');
    const auto destination = desk_.destination(target.substr(0, mark));
    auto said = read_request_body(request.body());
    if (!said) return refuse(refused_status, "the request is no JSON object, or says a thing twice");
    if (const std::string objection = protocol_->objection(*said); !objection.empty())
        return refuse(refused_status, "ratchet's gateway: " + objection);
    if (const std::string refusal = desk_.spending.refusal(); !refusal.empty()) {
        ++desk_.report.refused;
        if (desk_.report.refusal.empty()) desk_.report.refusal = refusal;
        return refuse(refused_status, refusal);
    }
    const std::string_view query =
        mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    pass_on(*destination, query, *said);
}

void Connection::pass_on(const Desk::Destination& destination, std::string_view query,
                         const RequestBody& said) {
    const Route& route = destination.route;
    PassedRequest passed;
    passed.protocol = protocol_;
    passed.route = route;
    passed.model = route.model.empty() ? said.model : route.model;
    passed.streamed = route.streamed || said.streamed;
    passed.understands_chunks = understands_chunks_;
    passed.keep_alive = keep_alive_;

    UpstreamRequest request;
    request.url = desk_.endpoint.origin + desk_.endpoint.base_path + route.path + query_for_endpoint(query);
    request.headers = headers_for_endpoint(headers());
    if (!desk_.settings.key.empty()) request.headers.push_back(protocol_->key_header(desk_.settings.key));
    request.body = std::move(parser_->get().body());
    passed.hide_usage = protocol_->must_ask_for_usage() && said.streamed && !said.usage_in_stream;
    if (passed.hide_usage) request.body = asking_for_usage(std::move(request.body));
    passed.bytes = static_cast<std::int64_t>(request.body.size());
    auto passing = std::make_shared<Passing>(desk_, std::move(passed), shared_from_this());
    ticket_ = desk_.upstream->send(std::move(request), std::move(passing));
}

Headers Connection::headers() const {
    Headers list;
    for (const auto& field : parser_->get()) {
        const auto name = field.name_string();
        const auto value = field.value();
        list.emplace_back(lower_case({name.data(), name.size()}), std::string(value.data(), value.size()));
    }
    return list;
}

void Connection::refuse(int status, const std::string& message) {
    const Protocol& protocol = protocol_ != nullptr ? *protocol_ : *desk_.protocols.front();
    const std::string body = protocol.error_body(status, message);
    // The last one is heeded by the kits of OpenAI and Anthropic.
    const Headers headers = {{"content-type", "application/json"}, {"x-should-retry", "false"}};
    write(answer_head(status, headers, Framing::length, body.size(), keep_alive_));
    write(body);
    end_answer(true);
}

void Connection::write(std::string_view bytes) {
    if (is_gone_) return;
    waiting_ += bytes;
    flush_soon();
}

/// What comes in one turn of the loop goes out in one piece.
void Connection::flush_soon() {
    if (std::exchange(flush_is_due_, true)) return;
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
        self->flush_is_due_ = false;
        self->flush();
    });
}

void Connection::flush() {
    if (is_writing_) return;
    if (!is_gone_ && !waiting_.empty()) {
        is_writing_ = true;
        being_written_ = std::exchange(waiting_, {});
        asio::async_write(
            stream_, asio::buffer(being_written_),
            [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_written(error); });
        return;
    }
    if (!has_ended_) return;
    if (is_gone_ || !keep_alive_) return close();
    read_request();
}

void Connection::on_written(beast::error_code error) {
    is_writing_ = false;
    if (error) {
        // The answer is read to its end all the same.
        is_gone_ = true;
        waiting_.clear();
    }
    if (ticket_ != 0 && !has_ended_) desk_.upstream->resume(ticket_);
    flush();
}

void Connection::end_answer(bool intact) {
    has_ended_ = true;
    release_body();
    if (!intact) keep_alive_ = false;
    flush_soon();
}

void Connection::hold_body() {
    const std::size_t now = parser_->get().body().size();
    desk_.body_bytes += now - held_bytes_;
    held_bytes_ = now;
}

void Connection::release_body() {
    desk_.body_bytes -= std::exchange(held_bytes_, 0);
}

void Connection::close() {
    is_gone_ = true;
    beast::error_code ignored;
    (void)stream_.socket().shutdown(asio::local::stream_protocol::socket::shutdown_both, ignored);
    stream_.close();
}

void serve_connection(asio::io_context& context, int socket, Desk& desk, std::function<void()> closed) {
    std::make_shared<Connection>(context, socket, desk, std::move(closed))->read_request();
}

void close_connections(Desk& desk) {
    for (Connection* connection : desk.connections)
        connection->close();
}

}  // namespace ratchet
