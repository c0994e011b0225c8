#include "orchestrator/api/chat_protocol.hpp"

#include <nlohmann/json.hpp>

namespace ratchet {

std::unique_ptr<ChatProtocol> chat_protocol(std::string_view name) {
    if (name == "anthropic") return anthropic_chat();
    if (name == "openai-chat") return openai_completions_chat();
    if (name == "openai-responses") return openai_responses_chat();
    return nullptr;
}

const nlohmann::json& member(const nlohmann::json& object, const char* name) {
    static const nlohmann::json none;
    if (!object.is_object()) return none;
    const auto found = object.find(name);
    return found == object.end() ? none : *found;
}

std::string text_member(const nlohmann::json& object, const char* name) {
    const nlohmann::json& found = member(object, name);
    return found.is_string() ? found.get<std::string>() : std::string();
}

nlohmann::json arguments_object(const ToolCall& call) {
    nlohmann::json arguments = nlohmann::json::parse(call.arguments, nullptr, false);
    return arguments.is_object() ? arguments : nlohmann::json::object();
}

std::string error_text(const nlohmann::json& document) {
    const nlohmann::json& error = member(document, "error");
    if (error.is_string()) return error.get<std::string>();
    std::string text = text_member(error, "message");
    if (text.empty()) text = text_member(document, "message");
    return text.empty() ? "an error without a word" : text;
}

}  // namespace ratchet
