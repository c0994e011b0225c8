#include "orchestrator/gateway/protocols/protocol.hpp"

#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "orchestrator/gateway/answer_reader.hpp"

namespace ratchet {
namespace {

struct Example {
    std::string name;
    std::unique_ptr<Protocol> protocol;
    std::string whole;
    std::string stream;
    ReportedUsage usage;
};

std::string events(const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& data : all)
        text += "event: x\ndata: " + data + "\n\n";
    return text;
}

/// The same answer in each format, whole and streamed.
std::vector<Example> examples() {
    std::vector<Example> all;
    all.push_back(
        {"chat",
         openai_chat_protocol(),
         R"({"model":"m-1","choices":[{"message":{"content":"\"usage\""}}],"usage":{"prompt_tokens":1200,)"
         R"("completion_tokens":34,"prompt_tokens_details":{"cached_tokens":1000}}})",
         events({R"({"model":"m-1","choices":[{"delta":{"content":"a"}}],"usage":null})",
                 R"({"model":"m-1","choices":[],"usage":{"prompt_tokens":1200,"completion_tokens":34,)"
                 R"("prompt_tokens_details":{"cached_tokens":1000}}})",
                 "[DONE]"}),
         {"m-1", 1200, 1000, 34}});
    all.push_back(
        {"responses",
         openai_responses_protocol(),
         R"({"model":"m-1","output":[],"usage":{"input_tokens":1200,"output_tokens":34,)"
         R"("input_tokens_details":{"cached_tokens":1000},"output_tokens_details":{"reasoning_tokens":30}}})",
         events({R"({"type":"response.created","response":{"model":"m-1","usage":null}})",
                 R"({"type":"response.output_text.delta","delta":"\"usage\": {"})",
                 R"({"type":"response.completed","response":{"model":"m-1","usage":{"input_tokens":1200,)"
                 R"("output_tokens":34,"input_tokens_details":{"cached_tokens":1000}}}})"}),
         {"m-1", 1200, 1000, 34}});
    all.push_back(
        {"anthropic",
         anthropic_protocol(),
         R"({"model":"m-1","content":[],"usage":{"input_tokens":120,"cache_creation_input_tokens":80,)"
         R"("cache_read_input_tokens":1000,"output_tokens":34}})",
         events(
             {R"({"type":"message_start","message":{"model":"m-1","usage":{"input_tokens":120,)"
              R"("cache_creation_input_tokens":80,"cache_read_input_tokens":1000,"output_tokens":1}}})",
              R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"a"}})",
              R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":34}})",
              R"({"type":"message_stop"})"}),
         {"m-1", 1200, 1000, 34}});
    all.push_back(
        {"gemini",
         gemini_protocol(),
         R"({"modelVersion":"m-1","candidates":[],"usageMetadata":{"promptTokenCount":1190,)"
         R"("toolUsePromptTokenCount":10,"cachedContentTokenCount":1000,"candidatesTokenCount":4,)"
         R"("thoughtsTokenCount":30,"totalTokenCount":1234}})",
         events({R"({"modelVersion":"m-1","candidates":[],"usageMetadata":{"promptTokenCount":1190}})",
                 R"({"modelVersion":"m-1","candidates":[],"usageMetadata":{"promptTokenCount":1190,)"
                 R"("toolUsePromptTokenCount":10,"cachedContentTokenCount":1000,"candidatesTokenCount":4,)"
                 R"("thoughtsTokenCount":30}})"}),
         {"m-1", 1200, 1000, 34}});
    return all;
}

TEST(Protocols, UsageIsReadFromAWholeAnswer) {
    for (const Example& example : examples()) {
        AnswerReader reader(*example.protocol, false, false);
        EXPECT_EQ(reader.feed(example.whole), example.whole) << example.name;
        reader.finish();
        EXPECT_EQ(reader.usage(), example.usage) << example.name;
    }
}

TEST(Protocols, UsageIsReadFromAStreamWhereverItIsCut) {
    for (const Example& example : examples()) {
        for (std::size_t cut = 0; cut <= example.stream.size(); ++cut) {
            AnswerReader reader(*example.protocol, true, false);
            reader.feed(std::string_view(example.stream).substr(0, cut));
            reader.feed(std::string_view(example.stream).substr(cut));
            reader.finish();
            ASSERT_EQ(reader.usage(), example.usage) << example.name << ", cut at " << cut;
        }
    }
}

TEST(Protocols, UsageOfGeminisStreamWithoutEventsIsReadFromItsArray) {
    const auto protocol = gemini_protocol();
    AnswerReader reader(*protocol, false, false);
    reader.feed(R"([{"usageMetadata":{"promptTokenCount":5}},)");
    reader.feed(R"({"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":7}}])");
    reader.finish();
    EXPECT_EQ(reader.usage().input_tokens, 5);
    EXPECT_EQ(reader.usage().output_tokens, 7);
}

TEST(Protocols, AnythingMayStandWhereUsageIsExpected) {
    const std::array<std::string, 9> answers = {
        "null",
        "7",
        "[]",
        "[7]",
        R"({"usage":7,"usageMetadata":[],"message":3,"response":[]})",
        R"({"usage":{"input_tokens":"many","prompt_tokens":null,"output_tokens":{}},"model":9})",
        R"({"message":{"usage":[]},"response":{"usage":"x"}})",
        R"({"usage":{"prompt_tokens":[1]}})",
        R"({"choices":{},"usage":{}})"};
    for (const Example& example : examples()) {
        for (const std::string& answer : answers) {
            for (const bool as_events : {false, true}) {
                AnswerReader reader(*example.protocol, as_events, as_events);
                reader.feed(as_events ? "data: " + answer + "\n\n" : answer);
                reader.finish();
                EXPECT_EQ(reader.usage(), ReportedUsage()) << example.name << ' ' << answer;
            }
        }
    }
}

TEST(Protocols, CountsBeyondAllSenseAreBroughtBack) {
    const auto protocol = openai_chat_protocol();
    ReportedUsage usage;
    protocol->read(nlohmann::json::parse(R"({"usage":{"prompt_tokens":-5,"completion_tokens":1e300}})"),
                   usage);
    EXPECT_EQ(usage.input_tokens, 0);
    EXPECT_EQ(usage.output_tokens, 1'000'000'000'000);
}

TEST(Protocols, OnlyTheirOwnPathsBelongToThem) {
    const auto leads_to = [](const Protocol& protocol, std::string_view path, std::string_view base = "") {
        const auto route = protocol.route(path, base);
        return route ? route->path : "nowhere";
    };
    const auto chat = openai_chat_protocol();
    EXPECT_EQ(leads_to(*chat, "/v1/chat/completions"), "/v1/chat/completions");
    EXPECT_EQ(leads_to(*chat, "/chat/completions"), "/v1/chat/completions");
    EXPECT_EQ(leads_to(*chat, "/v1/chat/completions", "/v1"), "/chat/completions");
    EXPECT_EQ(leads_to(*chat, "/v1/chat/completions", "/api/paas/v4"), "/chat/completions");
    EXPECT_EQ(leads_to(*chat, "/v1/chat/completions/7"), "nowhere");
    EXPECT_EQ(leads_to(*chat, "/v1/files"), "nowhere");
    const auto responses = openai_responses_protocol();
    EXPECT_EQ(leads_to(*responses, "/v1/responses"), "/v1/responses");
    EXPECT_EQ(leads_to(*responses, "/v1/responses/resp_1"), "nowhere");
    const auto anthropic = anthropic_protocol();
    EXPECT_EQ(leads_to(*anthropic, "/v1/messages"), "/v1/messages");
    EXPECT_EQ(leads_to(*anthropic, "/v1/messages", "/api/anthropic"), "/v1/messages");
    EXPECT_EQ(leads_to(*anthropic, "/v1/messages", "/api/v1"), "/messages");
    EXPECT_EQ(leads_to(*anthropic, "/v1/messages/batches"), "nowhere");
    const auto gemini = gemini_protocol();
    EXPECT_EQ(leads_to(*gemini, "/v1beta/models/g-2.5:generateContent"),
              "/v1beta/models/g-2.5:generateContent");
    EXPECT_EQ(leads_to(*gemini, "/v1/models/g:streamGenerateContent", "/v1beta"),
              "/models/g:streamGenerateContent");
    for (const char* path :
         {"/v1beta/models/../files:generateContent", "/v1beta/models/a/b:generateContent",
          "/v1beta/models/:generateContent", "/v1beta/models/g:batchGenerateContent", "/v1beta/models/g",
          "/v1beta/models/..:generateContent", "/v1beta/models/g%2F:generateContent", "/upload/v1beta/files"})
        EXPECT_EQ(leads_to(*gemini, path), "nowhere") << path;
}

TEST(Protocols, CountingTokensIsNoAnswer) {
    EXPECT_EQ(anthropic_protocol()->route("/v1/messages/count_tokens", "")->asked, Asked::count);
    EXPECT_EQ(gemini_protocol()->route("/v1beta/models/g:countTokens", "")->asked, Asked::count);
}

TEST(Protocols, GeminisPathNamesModelAndStream) {
    const auto route = gemini_protocol()->route("/v1beta/models/g-2:streamGenerateContent", "");
    EXPECT_EQ(route->model, "g-2");
    EXPECT_TRUE(route->streamed);
}

TEST(Protocols, ErrorsHaveTheFormThatClientsRead) {
    using nlohmann::json;
    for (const auto& protocol : {openai_chat_protocol(), openai_responses_protocol()}) {
        const json body = json::parse(protocol->error_body(400, "used up"));
        EXPECT_EQ(body["error"]["message"], "used up");
        EXPECT_EQ(body["error"]["type"], "invalid_request_error");
    }
    const json anthropic = json::parse(anthropic_protocol()->error_body(400, "used up"));
    EXPECT_EQ(anthropic["type"], "error");
    EXPECT_EQ(anthropic["error"]["type"], "invalid_request_error");
    EXPECT_EQ(anthropic["error"]["message"], "used up");
    const json gemini = json::parse(gemini_protocol()->error_body(400, "used up"));
    EXPECT_EQ(gemini["error"]["code"], 400);
    EXPECT_EQ(gemini["error"]["status"], "FAILED_PRECONDITION");
    EXPECT_EQ(gemini["error"]["message"], "used up");
}

TEST(Protocols, AnEventForTheGatewayAloneIsNotPassedOn) {
    const auto protocol = openai_chat_protocol();
    const std::vector<std::string> spoken = {R"({"choices":[{"delta":{"content":"a"}}],"usage":null})",
                                             R"({"choices":[{"delta":{}}]})"};
    const std::string hidden = R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}})";
    const std::string all = events({spoken[0], spoken[1], hidden, "[DONE]"});
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
        AnswerReader reader(*protocol, true, true);
        std::string passed_on;
        passed_on += reader.feed(all.substr(0, cut));
        passed_on += reader.feed(all.substr(cut));
        passed_on += reader.finish();
        ASSERT_EQ(passed_on, events({spoken[0], spoken[1], "[DONE]"})) << cut;
        ASSERT_EQ(reader.usage().output_tokens, 4);
    }
}

}  // namespace
}  // namespace ratchet
