// OpenAI's Responses. A stream's last event (response.completed, .incomplete or .failed) holds the answer.

#include <nlohmann/json.hpp>

#include "orchestrator/gateway/protocols/openai.hpp"
#include "orchestrator/gateway/protocols/protocol.hpp"

namespace ratchet {
namespace {

void read_answer(const nlohmann::json& answer, ReportedUsage& usage) {
    if (std::string model = text_at(answer, {"model"}); !model.empty()) usage.model = std::move(model);
    if (const auto count = count_at(answer, {"usage", "input_tokens"})) usage.input_tokens = count;
    if (const auto count = count_at(answer, {"usage", "output_tokens"})) usage.output_tokens = count;
    if (const auto count = count_at(answer, {"usage", "input_tokens_details", "cached_tokens"}))
        usage.cached_tokens = count;
}

class OpenAiResponses final : public Protocol {
  public:
    [[nodiscard]] std::string_view name() const override { return "openai-responses"; }

    [[nodiscard]] std::optional<Route> route(std::string_view path,
                                             std::string_view base_path) const override {
        // A long conversation is shortened by its provider: an answer like others.
        for (const char* rest : {"/responses", "/responses/compact"}) {
            if (const auto below = below_base(path, "/v1", rest, !base_path.empty()))
                return Route{Asked::answer, *below, {}, false};
        }
        return std::nullopt;
    }

    [[nodiscard]] std::pair<std::string, std::string> key_header(const std::string& key) const override {
        return openai_key_header(key);
    }

    void read(const nlohmann::json& document, ReportedUsage& usage) const override {
        if (!document.is_object()) return;
        const auto inner = document.find("response");
        read_answer(inner != document.end() ? *inner : document, usage);
    }

    [[nodiscard]] std::string error_body(int status, const std::string& message) const override {
        return openai_error_body(status, message);
    }

    [[nodiscard]] std::string objection(const RequestBody& body) const override {
        if (!body.background) return {};
        return "\"background\": true is not let through: its cost could not be counted";
    }
};

}  // namespace

std::unique_ptr<Protocol> openai_responses_protocol() {
    return std::make_unique<OpenAiResponses>();
}

}  // namespace ratchet
