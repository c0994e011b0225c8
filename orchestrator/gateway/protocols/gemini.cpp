// Gemini's generateContent. Each part of a stream says what it cost so far; without `alt=sse` a stream is one
// JSON array that comes piece by piece.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/gateway/protocols/protocol.hpp"

namespace ratchet {
namespace {

const char* status_name(int status) {
    switch (status) {
        case 400:
            return "FAILED_PRECONDITION";
        case 401:
            return "UNAUTHENTICATED";
        case 403:
            return "PERMISSION_DENIED";
        case 404:
            return "NOT_FOUND";
        case 413:
            return "INVALID_ARGUMENT";
        case 429:
            return "RESOURCE_EXHAUSTED";
        case 504:
            return "DEADLINE_EXCEEDED";
        default:
            return status < 500 ? "INVALID_ARGUMENT" : "UNAVAILABLE";
    }
}

bool is_model_name(std::string_view name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-' || c == '_';
    };
    return !name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), allowed);
}

class Gemini final : public Protocol {
  public:
    [[nodiscard]] std::string_view name() const override { return "gemini"; }

    [[nodiscard]] std::optional<Route> route(std::string_view path,
                                             std::string_view base_path) const override {
        std::string_view version = "/v1beta";
        if (path.starts_with("/v1/")) version = "/v1";
        std::string_view rest = path;
        if (rest.starts_with(version)) rest.remove_prefix(version.size());
        constexpr std::string_view models = "/models/";
        if (!rest.starts_with(models)) return std::nullopt;
        const std::string_view call = rest.substr(models.size());
        const std::size_t colon = call.find(':');
        if (colon == std::string_view::npos || !is_model_name(call.substr(0, colon))) return std::nullopt;
        const std::string_view method = call.substr(colon + 1);
        Route route;
        route.path =
            std::string(ends_in_version(base_path) ? std::string_view() : version) + std::string(rest);
        route.model = call.substr(0, colon);
        if (method == "generateContent") return route;
        route.streamed = method == "streamGenerateContent";
        if (route.streamed) return route;
        route.asked = Asked::count;
        if (method == "countTokens") return route;
        return std::nullopt;
    }

    [[nodiscard]] std::pair<std::string, std::string> key_header(const std::string& key) const override {
        return {"x-goog-api-key", key};
    }

    void read(const nlohmann::json& document, ReportedUsage& usage) const override {
        if (document.is_array()) {
            for (const nlohmann::json& part : document) {
                if (part.is_object()) read(part, usage);
            }
            return;
        }
        if (std::string model = text_at(document, {"modelVersion"}); !model.empty())
            usage.model = std::move(model);
        const auto count = [&](const char* member) { return count_at(document, {"usageMetadata", member}); };
        if (const auto prompt = count("promptTokenCount"))
            usage.input_tokens = *prompt + count("toolUsePromptTokenCount").value_or(0);
        if (const auto cached = count("cachedContentTokenCount")) usage.cached_tokens = cached;
        const auto said = count("candidatesTokenCount");
        const auto thought = count("thoughtsTokenCount");
        if (said || thought) usage.output_tokens = said.value_or(0) + thought.value_or(0);
    }

    [[nodiscard]] std::string error_body(int status, const std::string& message) const override {
        const nlohmann::ordered_json body = {
            {"error", {{"code", status}, {"message", message}, {"status", status_name(status)}}}};
        return body.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
    }
};

}  // namespace

std::unique_ptr<Protocol> gemini_protocol() {
    return std::make_unique<Gemini>();
}

}  // namespace ratchet
