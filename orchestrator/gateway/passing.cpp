#include "orchestrator/gateway/passing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "orchestrator/gateway/retry_after.hpp"

namespace ratchet {
namespace {

// No model writes as much; a server that never ends does.
constexpr std::size_t longest_passed_on = std::size_t{256} << 20;
// An error is a sentence or two. More of it is not passed on.
constexpr std::size_t longest_error = std::size_t{1} << 20;

std::optional<std::uint64_t> length_of(const Headers& headers) {
    const std::string_view text = header_of(headers, "content-length");
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return length;
}

bool is_event_stream(const Headers& headers) {
    return header_of(headers, "content-type").starts_with("text/event-stream");
}

}  // namespace

Passing::Passing(Desk& desk, PassedRequest request, std::shared_ptr<ClientSide> client)
    : desk_(desk), request_(std::move(request)), client_(std::move(client)) {
    ModelRequest sent;
    sent.protocol = request_.protocol->name();
    sent.model = request_.model;
    sent.streamed = request_.streamed;
    sent.at = desk_.settings.now();
    if (request_.route.asked == Asked::answer) sent.input_tokens = tokens_of_bytes(request_.bytes);
    number_ = desk_.spending.begin(std::move(sent));
    desk_.under_way.insert(this);
}

Passing::~Passing() {
    desk_.under_way.erase(this);
}

void Passing::begin(int status, const Headers& headers) {
    status_ = status;
    headers_ = headers;
    if (is_error()) return;  // passed on as a whole
    const bool events = is_event_stream(headers);
    const bool hides = request_.hide_usage && events;
    if (request_.route.asked == Asked::answer) reader_.emplace(*request_.protocol, events, hides);
    const auto length = length_of(headers);
    if (status == 204 || status == 304) {
        framing_ = Framing::none;
    } else if (length && !hides) {
        framing_ = Framing::length;
    } else {
        framing_ = request_.understands_chunks ? Framing::chunks : Framing::close;
    }
    const bool keep_alive = request_.keep_alive && framing_ != Framing::close;
    client_->write(answer_head(status, headers, framing_, length, keep_alive));
}

Taking Passing::take(std::string_view bytes) {
    if (is_error()) {
        error_ += bytes.substr(0, longest_error - std::min(longest_error, error_.size()));
        return Taking::taken;
    }
    if (client_->is_full()) return Taking::later;
    bytes_ += bytes.size();
    if (bytes_ > longest_passed_on) return Taking::enough;
    pass_on(reader_ ? reader_->feed(bytes) : bytes);
    return Taking::taken;
}

void Passing::pass_on(std::string_view bytes) {
    if (bytes.empty() || framing_ == Framing::none) return;
    client_->write(framing_ == Framing::chunks ? chunk_of(bytes) : std::string(bytes));
}

void Passing::end(const UpstreamEnd& end) {
    write_down(end.complete ? Ended::complete : Ended::cut);
    if (is_error()) {
        note_failure(fmt::format("was answered with {}: {}", status_,
                                 without_key(error_.substr(0, 300), desk_.settings.key)));
        send_error(without_key(std::move(error_), desk_.settings.key));
        return;
    }
    if (!end.complete) {
        fail(end);
        return;
    }
    if (reader_ && !reader_->is_of_the_protocol()) {
        note_failure(fmt::format("was answered with {}, but not with JSON", status_));
    } else {
        desk_.report.any_answered = desk_.report.any_answered || reader_.has_value();
        desk_.report.retry_after.reset();
    }
    if (framing_ == Framing::chunks) client_->write(last_chunk);
    client_->end_answer(framing_ != Framing::close);
}

/// The endpoint's own status, in a body that is as long as it says.
void Passing::send_error(const std::string& body) {
    client_->write(answer_head(status_, headers_, Framing::length, body.size(), request_.keep_alive));
    client_->write(body);
    client_->end_answer(true);
}

/// There is no answer, or only a part of one.
void Passing::fail(const UpstreamEnd& end) {
    if (status_ == 0) {
        note_failure("was not answered: " + end.error);
        status_ = end.timed_out ? 504 : 502;
        headers_ = {{"content-type", "application/json"}};
        send_error(request_.protocol->error_body(
            status_, "ratchet's gateway got no answer from the endpoint: " + end.error));
        return;
    }
    note_failure("was answered in part: " + end.error);
    client_->end_answer(false);
}

void Passing::abandon() {
    write_down(Ended::abandoned);
    note_failure("had no answer yet, or only a part of one, when the run ended");
}

void Passing::write_down(Ended how) {
    desk_.under_way.erase(this);
    ModelRequest ended = desk_.spending.request(number_);
    ended.status = status_;
    ended.wall_seconds = Seconds(std::chrono::steady_clock::now() - started_).count();
    if (reader_) pass_on(reader_->finish());
    count_tokens(ended, how);
    desk_.spending.end(number_, std::move(ended));
}

/// What nobody says is estimated, once there was an answer or the client did not wait for it: a budget could
/// be got round by hanging up early.
void Passing::count_tokens(ModelRequest& ended, Ended how) {
    const std::int64_t estimated_input = std::exchange(ended.input_tokens, 0);
    if (!reader_) {
        if (status_ == 0 && how == Ended::abandoned) ended.input_tokens = estimated_input;
        return;
    }
    const ReportedUsage& usage = reader_->usage();
    if (!usage.model.empty()) ended.model = usage.model;
    if (how == Ended::complete && !reader_->is_of_the_protocol()) return;
    ended.input_tokens = usage.input_tokens.value_or(estimated_input);
    ended.cached_tokens = usage.cached_tokens.value_or(0);
    ended.output_tokens = usage.output_tokens.value_or(0);
    if (how != Ended::complete || !usage.output_tokens)
        ended.output_tokens = std::max(ended.output_tokens, reader_->least_output());
}

void Passing::note_failure(std::string words) {
    desk_.report.last_failure = std::move(words);
    const std::string_view wait = header_of(headers_, "retry-after");
    desk_.report.retry_after = retry_after_of(fmt::format("retry-after: {}", wait), desk_.settings.now());
}

}  // namespace ratchet
