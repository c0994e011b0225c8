// OpenAI's Responses. Nothing is stored on the other side: what the model thought comes back encrypted, and
// is sent again with the rest, word for word.

#include <nlohmann/json.hpp>

#include "orchestrator/api/chat_protocol.hpp"

namespace ratchet {
namespace {

class ResponsesReader final : public ReplyReader {
  public:
    void event(const nlohmann::json& document) override {
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

    void whole(const nlohmann::json& document) override {
        if (!member(document, "output").is_array()) {
            failure_ = error_text(document);
            return;
        }
        end(document);
    }

    Reply finish() override {
        Reply reply;
        reply.turn.speaker = ChatTurn::Speaker::model;
        for (const nlohmann::json& item : items_) {
            const std::string type = text_member(item, "type");
            if (type == "function_call") {
                reply.turn.calls.push_back({text_member(item, "call_id"), text_member(item, "name"),
                                            text_member(item, "arguments")});
            } else if (type == "message") {
                for (const nlohmann::json& part : member(item, "content"))
                    reply.turn.text += text_member(part, "text");
            }
        }
        if (!items_.empty())
            reply.turn.verbatim = items_.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        reply.cut_off = cut_off_;
        reply.failure = failure_;
        if (reply.failure.empty() && !complete_) reply.failure = "the stream was cut";
        return reply;
    }

  private:
    void end(const nlohmann::json& response) {
        // Some servers leave the items out at the end, some leave them out before.
        if (items_.empty() && member(response, "output").is_array()) items_ = response["output"];
        cut_off_ = text_member(member(response, "incomplete_details"), "reason") == "max_output_tokens";
        if (text_member(response, "status") == "failed") failure_ = error_text(response);
        complete_ = true;
    }

    nlohmann::json items_ = nlohmann::json::array();
    bool cut_off_ = false;
    bool complete_ = false;
    std::string failure_;
};

void add_items(nlohmann::json& input, const ChatTurn& turn) {
    for (const ToolResult& result : turn.results) {
        input.push_back(
            {{"type", "function_call_output"}, {"call_id", result.call_id}, {"output", result.text}});
    }
    if (turn.speaker == ChatTurn::Speaker::user) {
        if (!turn.text.empty()) {
            const nlohmann::json part = {{"type", "input_text"}, {"text", turn.text}};
            input.push_back(
                {{"type", "message"}, {"role", "user"}, {"content", nlohmann::json::array({part})}});
        }
        return;
    }
    const nlohmann::json verbatim = nlohmann::json::parse(turn.verbatim, nullptr, false);
    for (std::size_t i = 0; verbatim.is_array() && i < verbatim.size(); ++i)
        input.push_back(verbatim[i]);
}

class ResponsesChat final : public ChatProtocol {
  public:
    [[nodiscard]] std::string path() const override { return "/v1/responses"; }

    [[nodiscard]] std::string request(const Conversation& conversation) const override {
        nlohmann::json input = nlohmann::json::array();
        for (const ChatTurn& turn : conversation.turns)
            add_items(input, turn);
        nlohmann::json tools = nlohmann::json::array();
        for (const ToolDeclaration& tool : conversation.tools) {
            tools.push_back({{"type", "function"},
                             {"name", tool.name},
                             {"description", tool.description},
                             {"parameters", nlohmann::json::parse(tool.schema)},
                             {"strict", false}});
        }
        const nlohmann::json body = {{"model", conversation.model},
                                     {"instructions", conversation.instructions},
                                     {"input", input},
                                     {"tools", tools},
                                     {"store", false},
                                     {"include", nlohmann::json::array({"reasoning.encrypted_content"})},
                                     {"stream", true}};
        return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
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
