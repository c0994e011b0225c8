#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ratchet {

/// What an answer says of its own cost. Later words count more than earlier ones: streams repeat and correct
/// themselves.
struct ReportedUsage {
    std::string model;
    std::optional<std::int64_t> input_tokens;   ///< those from the provider's cache included
    std::optional<std::int64_t> cached_tokens;  ///< those from it
    std::optional<std::int64_t> output_tokens;  ///< reasoning included
    bool operator==(const ReportedUsage&) const = default;
};

/// What a path asks for.
enum class Asked {
    answer,  ///< of a model; costs tokens
    count,   ///< how many tokens a request would be; costs none
};

/// A path that belongs to a protocol.
struct Route {
    Asked asked = Asked::answer;
    std::string path;   ///< below the endpoint's base URL
    std::string model;  ///< where the path names it; else empty
    bool streamed = false;
};

/// What the body of a request says, as far as a gateway has to know it.
struct RequestBody {
    std::string model;
    bool streamed = false;
    bool background = false;       ///< to be answered later, elsewhere
    bool stream_options = false;   ///< there are some
    bool usage_in_stream = false;  ///< they have include_usage
};

/// One wire format: which paths are its own, how its answers say what they cost, how it says no.
class Protocol {
  public:
    virtual ~Protocol() = default;
    /// As ModelRequest::protocol has it.
    [[nodiscard]] virtual std::string_view name() const = 0;
    /// Where a path (without its query) leads; none: it is not of this protocol. `base_path` is the path of
    /// the endpoint's base URL: it may hold the version already that the path begins with.
    [[nodiscard]] virtual std::optional<Route> route(std::string_view path,
                                                     std::string_view base_path) const = 0;
    /// The header that carries the key.
    [[nodiscard]] virtual std::pair<std::string, std::string> key_header(const std::string& key) const = 0;
    /// Reads what a whole answer or one event of a stream says; anything may stand there.
    virtual void read(const nlohmann::json& document, ReportedUsage& usage) const = 0;
    /// The body of an error as this protocol has it.
    [[nodiscard]] virtual std::string error_body(int status, const std::string& message) const = 0;
    /// Why a request cannot be let through, whose cost could not be counted; empty: it can.
    [[nodiscard]] virtual std::string objection(const RequestBody&) const { return {}; }
    /// Whether a stream says what it cost only when it is asked to.
    [[nodiscard]] virtual bool must_ask_for_usage() const { return false; }
    /// Whether an event is there only because that was asked for.
    [[nodiscard]] virtual bool is_usage_only(const nlohmann::json&) const { return false; }
};

std::unique_ptr<Protocol> openai_chat_protocol();
std::unique_ptr<Protocol> openai_responses_protocol();
std::unique_ptr<Protocol> anthropic_protocol();
std::unique_ptr<Protocol> gemini_protocol();

// What the four have in common.

/// A count of tokens from a document, by the names of its members; none where there is none. What is negative
/// or beyond all sense (10^12) is brought back to that.
std::optional<std::int64_t> count_at(const nlohmann::json& document,
                                     std::initializer_list<const char*> names);
/// A text, the same way; empty where there is none.
std::string text_at(const nlohmann::json& document, std::initializer_list<const char*> names);
/// Where `path` is `version` + `rest` or `rest` alone, its place below an endpoint that has a `base_path`:
/// with the version, unless that stands there already.
std::optional<std::string> below_base(std::string_view path, std::string_view version, std::string_view rest,
                                      bool base_has_version);
/// Whether a path ends in a folder such as /v1 or /v1beta.
bool ends_in_version(std::string_view base_path);

}  // namespace ratchet
