// Anthropic's Messages. A stream begins with what went in (message_start) and says at its end what came out,
// so far and in total (message_delta).

#include <nlohmann/json.hpp>

#include "orchestrator/gateway/protocols/protocol.hpp"

namespace ratchet {
namespace {

const char* error_type(int status) {
    switch (status) {
        case 401:
            return "authentication_error";
        case 403:
            return "permission_error";
        case 404:
            return "not_found_error";
        case 413:
            return "request_too_large";
        case 429:
            return "rate_limit_error";
        case 529:
            return "overloaded_error";
        default:
            return status < 500 ? "invalid_request_error" : "api_error";
    }
}

void read_usage(const nlohmann::json& usage, ReportedUsage& reported) {
    const auto fresh = count_at(usage, {"input_tokens"});
    const auto written = count_at(usage, {"cache_creation_input_tokens"});
    const auto cached = count_at(usage, {"cache_read_input_tokens"});
    // What came from the cache, or went to it, is not in input_tokens. An event that has only the output says
    // nothing of them.
    if (fresh) reported.input_tokens = *fresh + written.value_or(0) + cached.value_or(0);
    if (cached) reported.cached_tokens = cached;
    if (const auto count = count_at(usage, {"output_tokens"})) reported.output_tokens = count;
}

class Anthropic final : public Protocol {
  public:
    [[nodiscard]] std::string_view name() const override { return "anthropic"; }

    [[nodiscard]] std::optional<Route> route(std::string_view path,
                                             std::string_view base_path) const override {
        const bool has_version = ends_in_version(base_path);
        if (const auto below = below_base(path, "/v1", "/messages", has_version))
            return Route{Asked::answer, *below, {}, false};
        if (const auto below = below_base(path, "/v1", "/messages/count_tokens", has_version))
            return Route{Asked::count, *below, {}, false};
        return std::nullopt;
    }

    [[nodiscard]] std::pair<std::string, std::string> key_header(const std::string& key) const override {
        return {"x-api-key", key};
    }

    void read(const nlohmann::json& document, ReportedUsage& usage) const override {
        if (!document.is_object()) return;
        const auto inner = document.find("message");
        const nlohmann::json& message = inner != document.end() && inner->is_object() ? *inner : document;
        if (std::string model = text_at(message, {"model"}); !model.empty()) usage.model = std::move(model);
        if (const auto found = message.find("usage"); found != message.end()) read_usage(*found, usage);
    }

    [[nodiscard]] std::string error_body(int status, const std::string& message) const override {
        const nlohmann::ordered_json body = {{"type", "error"},
                                             {"error", {{"type", error_type(status)}, {"message", message}}}};
        return body.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
    }
};

}  // namespace

std::unique_ptr<Protocol> anthropic_protocol() {
    return std::make_unique<Anthropic>();
}

}  // namespace ratchet
