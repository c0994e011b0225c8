#include "orchestrator/gateway/answer_reader.hpp"

#include <nlohmann/json.hpp>

#include "orchestrator/gateway/spending.hpp"

namespace ratchet {
namespace {

// Far beyond every answer that a model writes; an image or two in it included.
constexpr std::size_t longest_read = std::size_t{64} << 20;

}  // namespace

AnswerReader::AnswerReader(const Protocol& protocol, bool events, bool hide_usage)
    : protocol_(protocol),
      events_(events),
      hide_usage_(hide_usage),
      stream_([this](std::string_view text, std::string_view data) { take(text, data); }) {}

std::string_view AnswerReader::feed(std::string_view bytes) {
    bytes_ += static_cast<std::int64_t>(bytes.size());
    if (!events_) {
        if (whole_.size() + bytes.size() <= longest_read) whole_ += bytes;
        return bytes;
    }
    passed_on_.clear();
    stream_.feed(bytes);
    return hide_usage_ ? std::string_view(passed_on_) : bytes;
}

std::string_view AnswerReader::finish() {
    passed_on_.clear();
    if (events_) {
        stream_.finish();
        return hide_usage_ ? std::string_view(passed_on_) : std::string_view();
    }
    const auto document = nlohmann::json::parse(whole_, nullptr, false);
    is_json_ = document.is_object() || document.is_array();
    if (is_json_) protocol_.read(document, usage_);
    whole_.clear();
    return {};
}

void AnswerReader::take(std::string_view text, std::string_view data) {
    if (!data.empty()) ++event_count_;
    bool hidden = false;
    // Most events are words, and of no interest.
    if (data.find("\"usage") != std::string_view::npos) {
        const auto document = nlohmann::json::parse(data, nullptr, false);
        if (document.is_object()) {
            protocol_.read(document, usage_);
            hidden = hide_usage_ && protocol_.is_usage_only(document);
        }
    }
    if (hide_usage_ && !hidden) passed_on_ += text;
}

std::int64_t AnswerReader::least_output() const {
    return events_ ? event_count_ : tokens_of_bytes(bytes_);
}

}  // namespace ratchet
