// OpenAI's Chat Completions, which most other endpoints speak as well.

#include <nlohmann/json.hpp>

#include "orchestrator/gateway/protocols/openai.hpp"
#include "orchestrator/gateway/protocols/protocol.hpp"

namespace ratchet {
namespace {

class OpenAiChat final : public Protocol {
  public:
    [[nodiscard]] std::string_view name() const override { return "openai-chat"; }

    [[nodiscard]] std::optional<Route> route(std::string_view path,
                                             std::string_view base_path) const override {
        const auto below = below_base(path, "/v1", "/chat/completions", !base_path.empty());
        if (!below) return std::nullopt;
        return Route{Asked::answer, *below, {}, false};
    }

    [[nodiscard]] std::pair<std::string, std::string> key_header(const std::string& key) const override {
        return openai_key_header(key);
    }

    void read(const nlohmann::json& document, ReportedUsage& usage) const override {
        if (std::string model = text_at(document, {"model"}); !model.empty()) usage.model = std::move(model);
        if (const auto count = count_at(document, {"usage", "prompt_tokens"})) usage.input_tokens = count;
        if (const auto count = count_at(document, {"usage", "completion_tokens"}))
            usage.output_tokens = count;
        // DeepSeek has a name of its own for it.
        if (const auto count = count_at(document, {"usage", "prompt_cache_hit_tokens"}))
            usage.cached_tokens = count;
        if (const auto count = count_at(document, {"usage", "prompt_tokens_details", "cached_tokens"}))
            usage.cached_tokens = count;
    }

    [[nodiscard]] std::string error_body(int status, const std::string& message) const override {
        return openai_error_body(status, message);
    }

    [[nodiscard]] std::string objection(const RequestBody& body) const override {
        if (!body.streamed || !body.stream_options || body.usage_in_stream) return {};
        return "\"stream_options\" must have \"include_usage\": true, or not be there at all: the cost could "
               "not "
               "be counted";
    }

    [[nodiscard]] bool must_ask_for_usage() const override { return true; }

    [[nodiscard]] bool is_usage_only(const nlohmann::json& event) const override {
        if (!event.is_object() || !event.contains("usage") || !event["usage"].is_object()) return false;
        const auto choices = event.find("choices");
        return choices != event.end() && choices->is_array() && choices->empty();
    }
};

}  // namespace

std::unique_ptr<Protocol> openai_chat_protocol() {
    return std::make_unique<OpenAiChat>();
}

std::pair<std::string, std::string> openai_key_header(const std::string& key) {
    return {"Authorization", "Bearer " + key};
}

std::string openai_error_body(int status, const std::string& message) {
    const char* type = "server_error";
    if (status == 429) {
        type = "rate_limit_error";
    } else if (status < 500) {
        type = "invalid_request_error";
    }
    const nlohmann::ordered_json body = {
        {"error", {{"message", message}, {"type", type}, {"param", nullptr}, {"code", nullptr}}}};
    return body.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace ratchet
