#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "orchestrator/gateway/event_stream.hpp"
#include "orchestrator/gateway/protocols/protocol.hpp"

namespace ratchet {

/// Reads what an answer says of its cost while it goes by, whole or as a stream of events.
class AnswerReader {
  public:
    /// `protocol` must outlive it. `hide_usage`: events that are there for the gateway only are not passed
    /// on.
    AnswerReader(const Protocol& protocol, bool events, bool hide_usage);
    AnswerReader(const AnswerReader&) = delete;
    AnswerReader& operator=(const AnswerReader&) = delete;

    /// Takes what came and returns what is to be passed on of it, valid until the next call.
    std::string_view feed(std::string_view bytes);
    /// Nothing more comes. Returns what is still to be passed on.
    std::string_view finish();
    [[nodiscard]] const ReportedUsage& usage() const { return usage_; }
    /// False where a whole answer turned out to be something else than JSON.
    [[nodiscard]] bool is_of_the_protocol() const { return events_ || is_json_; }
    /// What was produced at least, where it does not say: an event of a stream carries a token or more, and
    /// of other text a token is some four bytes.
    [[nodiscard]] std::int64_t least_output() const;

  private:
    void take(std::string_view text, std::string_view data);

    const Protocol& protocol_;
    bool events_;
    bool hide_usage_;
    EventStream stream_;
    std::string whole_;
    std::string passed_on_;
    std::int64_t event_count_ = 0;
    std::int64_t bytes_ = 0;
    bool is_json_ = false;
    ReportedUsage usage_;
};

}  // namespace ratchet
