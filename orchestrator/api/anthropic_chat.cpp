// Anthropic's Messages. A reply is a list of blocks; the same blocks are sent back, word for word, because
// some of them (what the model thought) are signed.

#include <map>
#include <nlohmann/json.hpp>

#include "orchestrator/api/chat_protocol.hpp"

namespace ratchet {
namespace {

// The protocol wants a limit. Every model that is offered today can write so much at once.
constexpr int most_output_tokens = 8192;

class AnthropicReader final : public ReplyReader {
  public:
    void event(const nlohmann::json& document) override {
        const std::string type = text_member(document, "type");
        if (type == "content_block_start") {
            blocks_[index_of(document)] = Block{member(document, "content_block"), {}};
        } else if (type == "content_block_delta") {
            take_delta(blocks_[index_of(document)], member(document, "delta"));
        } else if (type == "message_delta") {
            stop_reason_ = text_member(member(document, "delta"), "stop_reason");
        } else if (type == "message_stop") {
            complete_ = true;
        } else if (type == "error") {
            failure_ = error_text(document);
        }
    }

    void whole(const nlohmann::json& document) override {
        if (text_member(document, "type") == "error" || !member(document, "content").is_array()) {
            failure_ = error_text(document);
            return;
        }
        for (const nlohmann::json& block : document["content"])
            blocks_[static_cast<int>(blocks_.size())] = Block{block, {}};
        stop_reason_ = text_member(document, "stop_reason");
        complete_ = true;
    }

    Reply finish() override {
        Reply reply;
        reply.turn.speaker = ChatTurn::Speaker::model;
        nlohmann::json verbatim = nlohmann::json::array();
        for (auto& [index, block] : blocks_) {
            nlohmann::json content = std::move(block.content);
            const std::string type = text_member(content, "type");
            if (type == "tool_use") {
                ToolCall call{text_member(content, "id"), text_member(content, "name"), block.arguments};
                if (call.arguments.empty()) call.arguments = member(content, "input").dump();
                content["input"] = arguments_object(call);
                reply.turn.calls.push_back(std::move(call));
            } else if (type == "text") {
                // The protocol takes no empty text back.
                if (text_member(content, "text").empty()) continue;
                reply.turn.text += content["text"].get<std::string>();
            }
            if (content.is_object()) verbatim.push_back(std::move(content));
        }
        if (!verbatim.empty())
            reply.turn.verbatim = verbatim.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        reply.cut_off = stop_reason_ == "max_tokens";
        reply.failure = failure_;
        if (reply.failure.empty() && !complete_) reply.failure = "the stream was cut";
        return reply;
    }

  private:
    struct Block {
        nlohmann::json content;
        std::string arguments;
    };

    static int index_of(const nlohmann::json& document) {
        const nlohmann::json& index = member(document, "index");
        return index.is_number_integer() ? index.get<int>() : 0;
    }

    static void append(nlohmann::json& content, const char* name, const nlohmann::json& delta) {
        if (content.is_object()) content[name] = text_member(content, name) + text_member(delta, name);
    }

    static void take_delta(Block& block, const nlohmann::json& delta) {
        const std::string type = text_member(delta, "type");
        if (type == "input_json_delta") block.arguments += text_member(delta, "partial_json");
        if (type == "text_delta") append(block.content, "text", delta);
        if (type == "thinking_delta") append(block.content, "thinking", delta);
        if (type == "signature_delta") append(block.content, "signature", delta);
    }

    std::map<int, Block> blocks_;
    std::string stop_reason_;
    std::string failure_;
    bool complete_ = false;
};

nlohmann::json content_of(const ChatTurn& turn) {
    if (!turn.verbatim.empty()) {
        nlohmann::json verbatim = nlohmann::json::parse(turn.verbatim, nullptr, false);
        if (verbatim.is_array() && !verbatim.empty()) return verbatim;
    }
    nlohmann::json content = nlohmann::json::array();
    for (const ToolResult& result : turn.results) {
        content.push_back({{"type", "tool_result"},
                           {"tool_use_id", result.call_id},
                           {"content", result.text},
                           {"is_error", result.failed}});
    }
    if (!turn.text.empty()) content.push_back({{"type", "text"}, {"text", turn.text}});
    for (const ToolCall& call : turn.calls) {
        content.push_back(
            {{"type", "tool_use"}, {"id", call.id}, {"name", call.name}, {"input", arguments_object(call)}});
    }
    return content;
}

class AnthropicChat final : public ChatProtocol {
  public:
    [[nodiscard]] std::string path() const override { return "/v1/messages"; }

    [[nodiscard]] std::vector<std::pair<std::string, std::string>> headers() const override {
        return {{"anthropic-version", "2023-06-01"}};
    }

    [[nodiscard]] std::string request(const Conversation& conversation) const override {
        // What was sent before is not paid for in full again: the provider keeps what stands before a mark.
        // One is behind the tools and the instructions, one at the end of what was said so far.
        const nlohmann::json mark = {{"type", "ephemeral"}};
        nlohmann::json tools = nlohmann::json::array();
        for (const ToolDeclaration& tool : conversation.tools) {
            tools.push_back({{"name", tool.name},
                             {"description", tool.description},
                             {"input_schema", nlohmann::json::parse(tool.schema)}});
        }
        nlohmann::json messages = nlohmann::json::array();
        for (const ChatTurn& turn : conversation.turns) {
            messages.push_back({{"role", turn.speaker == ChatTurn::Speaker::model ? "assistant" : "user"},
                                {"content", content_of(turn)}});
        }
        if (!messages.empty() && !messages.back()["content"].empty())
            messages.back()["content"].back()["cache_control"] = mark;
        const nlohmann::json instructions = {
            {"type", "text"}, {"text", conversation.instructions}, {"cache_control", mark}};
        const nlohmann::json body = {
            {"model", conversation.model},
            {"max_tokens", most_output_tokens},
            {"system", nlohmann::json::array({instructions})},
            {"tools", tools},
            {"messages", messages},
            {"stream", true},
        };
        return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }

    [[nodiscard]] std::unique_ptr<ReplyReader> reader() const override {
        return std::make_unique<AnthropicReader>();
    }
};

}  // namespace

std::unique_ptr<ChatProtocol> anthropic_chat() {
    return std::make_unique<AnthropicChat>();
}

}  // namespace ratchet
