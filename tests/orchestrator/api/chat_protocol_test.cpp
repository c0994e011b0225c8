#include "orchestrator/api/chat_protocol.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace ratchet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// The same reply, an edit of a file announced by a few words, as each protocol streams it.
struct Streamed {
    const char* protocol;
    std::vector<const char*> events;
    const char* whole;
    const char* error;
};

void PrintTo(const Streamed& streamed, std::ostream* out) {
    *out << streamed.protocol;
}

const ToolCall expected_call{"c1", "edit", R"({"path":"a.c","old_string":"1","new_string":"2"})"};

class Protocols : public ::testing::TestWithParam<Streamed> {
  protected:
    std::unique_ptr<ChatProtocol> protocol_ = chat_protocol(GetParam().protocol);

    Reply reply_of(std::size_t events) {
        const auto reader = protocol_->reader();
        for (std::size_t i = 0; i < events; ++i)
            reader->event(nlohmann::json::parse(GetParam().events[i]));
        return reader->finish();
    }

    static Conversation conversation() {
        ChatTurn task;
        task.text = "make it faster";
        return {"some-model", "be brief", {{"edit", "edits", R"({"type":"object"})"}}, {task}};
    }
};

TEST_P(Protocols, put_a_reply_together_from_its_events) {
    const Reply reply = reply_of(GetParam().events.size());
    EXPECT_THAT(reply.failure, IsEmpty());
    EXPECT_FALSE(reply.cut_off);
    EXPECT_EQ(reply.turn.text, "I edit it.");
    EXPECT_THAT(reply.turn.calls, ElementsAre(expected_call));
}

TEST_P(Protocols, read_a_reply_that_was_not_streamed) {
    const auto reader = protocol_->reader();
    reader->whole(nlohmann::json::parse(GetParam().whole));
    const Reply reply = reader->finish();
    EXPECT_THAT(reply.failure, IsEmpty());
    EXPECT_EQ(reply.turn.text, "I edit it.");
    ASSERT_EQ(reply.turn.calls.size(), 1U);
    EXPECT_EQ(nlohmann::json::parse(reply.turn.calls[0].arguments),
              nlohmann::json::parse(expected_call.arguments));
}

TEST_P(Protocols, tell_a_stream_that_was_cut_wherever_that_was) {
    // The last event of Chat Completions only tells the usage.
    const std::size_t telling =
        GetParam().events.size() - (GetParam().protocol == std::string("openai-chat"));
    for (std::size_t events = 0; events < telling; ++events)
        EXPECT_EQ(reply_of(events).failure, "the stream was cut") << events;
}

TEST_P(Protocols, tell_an_error_in_its_words) {
    for (const bool whole : {false, true}) {
        const auto reader = protocol_->reader();
        const nlohmann::json error = nlohmann::json::parse(GetParam().error);
        whole ? reader->whole(error) : reader->event(error);
        EXPECT_THAT(reader->finish().failure, HasSubstr("overloaded")) << whole;
    }
}

TEST_P(Protocols, survive_whatever_stands_in_an_event) {
    for (const char* odd : {"null", "[]", "3", R"({"type":"content_block_delta"})", R"({"choices":[3]})",
                            R"({"choices":[{"delta":{"tool_calls":[null,{"function":3}]}}]})",
                            R"({"type":"content_block_start","index":"x","content_block":7})",
                            R"({"type":"response.output_item.done","item":4})",
                            R"({"type":"response.completed"})", R"({"content":[1]})", R"({"output":[1]})"}) {
        const auto reader = protocol_->reader();
        reader->event(nlohmann::json::parse(odd));
        reader->whole(nlohmann::json::parse(odd));
        EXPECT_THAT(reader->finish().turn.calls.size(), ::testing::Le(2U)) << odd;
    }
}

TEST_P(Protocols, send_back_what_was_said_with_the_results) {
    Conversation conversation = this->conversation();
    conversation.turns.push_back(reply_of(GetParam().events.size()).turn);
    ChatTurn results;
    results.results = {{"c1", "done", false}};
    conversation.turns.push_back(results);
    const std::string body = protocol_->request(conversation);
    const nlohmann::json json = nlohmann::json::parse(body);
    EXPECT_EQ(json["model"], "some-model");
    EXPECT_EQ(json["stream"], true);
    for (const char* part : {"be brief", "make it faster", "I edit it.", "a.c", "\"c1\"", "done"})
        EXPECT_THAT(body, HasSubstr(part));
}

TEST_P(Protocols, put_bytes_that_are_no_text_into_a_request) {
    Conversation conversation = this->conversation();
    conversation.turns[0].text = "broken \xff bytes";
    EXPECT_TRUE(nlohmann::json::accept(protocol_->request(conversation)));
}

INSTANTIATE_TEST_SUITE_P(
    All, Protocols,
    ::testing::Values(
        Streamed{
            "anthropic",
            {R"({"type":"message_start","message":{"usage":{"input_tokens":10}}})",
             R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})",
             R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"I edit "}})",
             R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"it."}})",
             R"({"type":"content_block_stop","index":0})",
             R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"c1","name":"edit","input":{}}})",
             R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"path\":\"a.c\",\"old_"}})",
             R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"string\":\"1\",\"new_string\":\"2\"}"}})",
             R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":5}})",
             R"({"type":"message_stop"})"},
            R"({"type":"message","content":[{"type":"text","text":"I edit it."},{"type":"tool_use","id":"c1","name":"edit","input":{"path":"a.c","old_string":"1","new_string":"2"}}],"stop_reason":"tool_use"})",
            R"({"type":"error","error":{"type":"overloaded_error","message":"overloaded"}})"},
        Streamed{
            "openai-chat",
            {R"({"choices":[{"index":0,"delta":{"role":"assistant","content":"I edit "}}]})",
             R"({"choices":[{"index":0,"delta":{"content":"it."}}]})",
             R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"edit","arguments":"{\"path\":\"a.c\",\"old_"}}]}}]})",
             R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"string\":\"1\",\"new_string\":\"2\"}"}}]}}]})",
             R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})",
             R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5}})"},
            R"({"choices":[{"message":{"role":"assistant","content":"I edit it.","tool_calls":[{"id":"c1","type":"function","function":{"name":"edit","arguments":"{\"path\":\"a.c\",\"old_string\":\"1\",\"new_string\":\"2\"}"}}]},"finish_reason":"tool_calls"}]})",
            R"({"error":{"message":"overloaded"}})"},
        Streamed{
            "openai-responses",
            {R"({"type":"response.created","response":{}})",
             R"({"type":"response.output_text.delta","delta":"I edit it."})",
             R"({"type":"response.output_item.done","item":{"type":"reasoning","encrypted_content":"secret"}})",
             R"({"type":"response.output_item.done","item":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"I edit it."}]}})",
             R"({"type":"response.output_item.done","item":{"type":"function_call","call_id":"c1","name":"edit","arguments":"{\"path\":\"a.c\",\"old_string\":\"1\",\"new_string\":\"2\"}"}})",
             R"({"type":"response.completed","response":{"status":"completed","usage":{"input_tokens":10}}})"},
            R"({"status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"I edit it."}]},{"type":"function_call","call_id":"c1","name":"edit","arguments":"{\"path\":\"a.c\",\"old_string\":\"1\",\"new_string\":\"2\"}"}]})",
            R"({"type":"error","message":"overloaded"})"}),
    [](const auto& each) {
        std::string name = each.param.protocol;
        std::replace(name.begin(), name.end(), '-', '_');
        return name;
    });

TEST(AnthropicChat, gives_back_what_the_model_thought_with_its_signature) {
    const auto protocol = anthropic_chat();
    const auto reader = protocol->reader();
    for (
        const char* event :
        {R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"abc"}})",
         R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})", R"({"type":"message_stop"})"})
        reader->event(nlohmann::json::parse(event));
    Conversation conversation;
    conversation.turns = {reader->finish().turn};
    const nlohmann::json body = nlohmann::json::parse(protocol->request(conversation));
    EXPECT_EQ(body["messages"][0]["content"][0]["thinking"], "hm");
    EXPECT_EQ(body["messages"][0]["content"][0]["signature"], "abc");
}

TEST(AnthropicChat, marks_what_the_provider_may_keep) {
    Conversation conversation;
    conversation.instructions = "be brief";
    conversation.turns.resize(1);
    conversation.turns[0].text = "task";
    const nlohmann::json body = nlohmann::json::parse(anthropic_chat()->request(conversation));
    EXPECT_TRUE(body["system"][0].contains("cache_control"));
    EXPECT_TRUE(body["messages"][0]["content"][0].contains("cache_control"));
}

TEST(ResponsesChat, gives_back_what_the_model_thought_and_stores_nothing) {
    const auto protocol = openai_responses_chat();
    const auto reader = protocol->reader();
    reader->event(nlohmann::json::parse(
        R"({"type":"response.output_item.done","item":{"type":"reasoning","encrypted_content":"secret"}})"));
    reader->event(nlohmann::json::parse(R"({"type":"response.completed","response":{}})"));
    Conversation conversation;
    conversation.turns = {reader->finish().turn};
    const nlohmann::json body = nlohmann::json::parse(protocol->request(conversation));
    EXPECT_EQ(body["input"][0]["encrypted_content"], "secret");
    EXPECT_EQ(body["store"], false);
}

TEST(ChatProtocols, are_found_by_name) {
    EXPECT_EQ(chat_protocol("gemini"), nullptr);
    EXPECT_EQ(chat_protocol("anthropic")->path(), "/v1/messages");
}

}  // namespace
}  // namespace ratchet
