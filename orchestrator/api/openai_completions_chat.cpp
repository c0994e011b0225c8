// OpenAI's Chat Completions, as many others speak it too: Ollama, vLLM, llama.cpp, OpenRouter.

#include <map>
#include <nlohmann/json.hpp>

#include "orchestrator/api/chat_protocol.hpp"

namespace ratchet {
namespace {

class CompletionsReader final : public ReplyReader {
  public:
    void event(const nlohmann::json& document) override { take(document, "delta"); }

    void whole(const nlohmann::json& document) override {
        take(document, "message");
        if (failure_.empty() && finish_reason_.empty()) failure_ = error_text(document);
    }

    Reply finish() override {
        Reply reply;
        reply.turn.speaker = ChatTurn::Speaker::model;
        reply.turn.text = text_;
        for (auto& [index, call] : calls_) {
            if (call.id.empty()) call.id = "call_" + std::to_string(index);  // some servers give none
            reply.turn.calls.push_back(std::move(call));
        }
        reply.cut_off = finish_reason_ == "length";
        reply.failure = failure_;
        if (reply.failure.empty() && finish_reason_.empty()) reply.failure = "the stream was cut";
        return reply;
    }

  private:
    void take(const nlohmann::json& document, const char* part) {
        if (!member(document, "error").is_null()) failure_ = error_text(document);
        const nlohmann::json& choices = member(document, "choices");
        if (!choices.is_array() || choices.empty()) return;
        const nlohmann::json& said = member(choices[0], part);
        text_ += text_member(said, "content");
        const nlohmann::json& calls = member(said, "tool_calls");
        for (std::size_t i = 0; calls.is_array() && i < calls.size(); ++i)
            take_call(calls[i], static_cast<int>(i));
        if (const std::string reason = text_member(choices[0], "finish_reason"); !reason.empty())
            finish_reason_ = reason;
    }

    void take_call(const nlohmann::json& part, int position) {
        const nlohmann::json& index = member(part, "index");
        ToolCall& call = calls_[index.is_number_integer() ? index.get<int>() : position];
        if (const std::string id = text_member(part, "id"); !id.empty()) call.id = id;
        const nlohmann::json& function = member(part, "function");
        call.name += text_member(function, "name");
        const nlohmann::json& arguments = member(function, "arguments");
        // A text by the protocol; some servers send the object itself.
        if (arguments.is_string()) call.arguments += arguments.get<std::string>();
        if (arguments.is_object())
            call.arguments = arguments.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }

    std::string text_;
    std::map<int, ToolCall> calls_;
    std::string finish_reason_;
    std::string failure_;
};

void add_messages(nlohmann::json& messages, const ChatTurn& turn) {
    for (const ToolResult& result : turn.results)
        messages.push_back({{"role", "tool"}, {"tool_call_id", result.call_id}, {"content", result.text}});
    if (turn.speaker == ChatTurn::Speaker::user) {
        if (!turn.text.empty()) messages.push_back({{"role", "user"}, {"content", turn.text}});
        return;
    }
    nlohmann::json message = {{"role", "assistant"}, {"content", turn.text}};
    for (const ToolCall& call : turn.calls) {
        message["tool_calls"].push_back(
            {{"id", call.id},
             {"type", "function"},
             {"function", {{"name", call.name}, {"arguments", arguments_object(call).dump()}}}});
    }
    messages.push_back(std::move(message));
}

class CompletionsChat final : public ChatProtocol {
  public:
    [[nodiscard]] std::string path() const override { return "/v1/chat/completions"; }

    [[nodiscard]] std::string request(const Conversation& conversation) const override {
        nlohmann::json messages = nlohmann::json::array();
        messages.push_back({{"role", "system"}, {"content", conversation.instructions}});
        for (const ChatTurn& turn : conversation.turns)
            add_messages(messages, turn);
        nlohmann::json tools = nlohmann::json::array();
        for (const ToolDeclaration& tool : conversation.tools) {
            tools.push_back({{"type", "function"},
                             {"function",
                              {{"name", tool.name},
                               {"description", tool.description},
                               {"parameters", nlohmann::json::parse(tool.schema)}}}});
        }
        const nlohmann::json body = {{"model", conversation.model},
                                     {"messages", messages},
                                     {"tools", tools},
                                     {"stream", true},
                                     {"stream_options", {{"include_usage", true}}}};
        return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }

    [[nodiscard]] std::unique_ptr<ReplyReader> reader() const override {
        return std::make_unique<CompletionsReader>();
    }
};

}  // namespace

std::unique_ptr<ChatProtocol> openai_completions_chat() {
    return std::make_unique<CompletionsChat>();
}

}  // namespace ratchet
