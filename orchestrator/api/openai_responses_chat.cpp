// OpenAI's Responses. Nothing is stored on the other side: what the model thought comes back encrypted, and
// is sent again with the rest, word for word.

#include <nlohmann/json.hpp>

#include "orchestrator/api/chat_protocol.hpp"

namespace ratchet {
namespace {

using Json = nlohmann::ordered_json;

class ResponsesReader final : public ReplyReader {
  public:
    void event(const Json& document) override {
        const std::string type = text_member(document, "type");
        if (type == "response.output_item.done") {
            items_.push_back(member(document, "item"));
        } else if (type == "response.completed" || type == "response.incomplete") {
            end(member(document, "response"));
        } else if (type == "response.failed") {
            failure_ = error_text(member(document, "response"));
        } else if (type == "error") {
            failure_ = error_text(document);
        }
    }

    void whole(const Json& document) override {
        if (!member(document, "output").is_array()) {
            failure_ = error_text(document);
            return;
        }
        end(document);
    }

    Reply finish() override {
        Reply reply;
        reply.turn.speaker = ChatTurn::Speaker::model;
        for (const Json& item : items_) {
            const std::string type = text_member(item, "type");
            if (type == "function_call") {
                reply.turn.calls.push_back({text_member(item, "call_id"), text_member(item, "name"),
                                            text_member(item, "arguments")});
            } else if (type == "message") {
                for (const Json& part : member(item, "content"))
                    reply.turn.text += text_member(part, "text");
            }
        }
        if (!items_.empty())
            reply.turn.verbatim = items_.dump(-1, ' ', false, Json::error_handler_t::replace);
        reply.cut_off = cut_off_;
        reply.failure = failure_;
        if (reply.failure.empty() && !complete_) reply.failure = "the stream was cut";
        return reply;
    }

  private:
    void end(const Json& response) {
        // Some servers leave the items out at the end, some leave them out before.
        if (items_.empty() && member(response, "output").is_array()) items_ = response["output"];
        cut_off_ = text_member(member(response, "incomplete_details"), "reason") == "max_output_tokens";
        if (text_member(response, "status") == "failed") failure_ = error_text(response);
        complete_ = true;
    }

    Json items_ = Json::array();
    bool cut_off_ = false;
    bool complete_ = false;
    std::string failure_;
};

void add_items(Json& input, const ChatTurn& turn) {
    for (const ToolResult& result : turn.results) {
        input.push_back(
            {{"type", "function_call_output"}, {"call_id", result.call_id}, {"output", result.text}});
    }
    if (turn.speaker == ChatTurn::Speaker::user) {
        if (!turn.text.empty()) {
            const Json part = {{"type", "input_text"}, {"text", turn.text}};
            input.push_back({{"type", "message"}, {"role", "user"}, {"content", Json::array({part})}});
        }
        return;
    }
    const Json verbatim = Json::parse(turn.verbatim, nullptr, false);
    for (std::size_t i = 0; verbatim.is_array() && i < verbatim.size(); ++i)
        input.push_back(verbatim[i]);
}

class ResponsesChat final : public ChatProtocol {
  public:
    [[nodiscard]] std::string path() const override { return "/v1/responses"; }

    [[nodiscard]] std::string request(const Conversation& conversation) const override {
        Json input = Json::array();
        for (const ChatTurn& turn : conversation.turns)
            add_items(input, turn);
        Json tools = Json::array();
        for (const ToolDeclaration& tool : conversation.tools) {
            tools.push_back({{"type", "function"},
                             {"name", tool.name},
                             {"description", tool.description},
                             {"parameters", Json::parse(tool.schema)},
                             {"strict", false}});
        }
        const Json body = {{"model", conversation.model},
                           {"instructions", conversation.instructions},
                           {"input", input},
                           {"tools", tools},
                           {"store", false},
                           {"include", Json::array({"reasoning.encrypted_content"})},
                           {"stream", true}};
        return body.dump(-1, ' ', false, Json::error_handler_t::replace);
    }

    [[nodiscard]] std::unique_ptr<ReplyReader> reader() const override {
        return std::make_unique<ResponsesReader>();
    }
};

}  // namespace

std::unique_ptr<ChatProtocol> openai_responses_chat() {
    return std::make_unique<ResponsesChat>();
}

}  // namespace ratchet
