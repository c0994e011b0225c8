// The small parts of the gateway, each by itself.

#include <gtest/gtest.h>

#include "orchestrator/gateway/endpoint.hpp"
#include "orchestrator/gateway/http_text.hpp"
#include "orchestrator/gateway/request_body.hpp"
#include "orchestrator/gateway/spending.hpp"

namespace ratchet {
namespace {

TEST(RequestBody, ModelStreamAndOptionsAreRead) {
    const auto body = read_request_body(
        R"( {"messages":[{"model":"no","stream":false}],"model":"m-1","stream":true,)"
        R"("stream_options":{"include_usage":true},"background":true,"tools":[{"stream_options":{}}]} )");
    ASSERT_TRUE(body);
    EXPECT_EQ(body->model, "m-1");
    EXPECT_TRUE(body->streamed);
    EXPECT_TRUE(body->stream_options);
    EXPECT_TRUE(body->usage_in_stream);
    EXPECT_TRUE(body->background);
}

TEST(RequestBody, WhatStandsDeeperIsNotMeant) {
    const auto body = read_request_body(
        R"({"metadata":{"stream":true,"model":"no","include_usage":true,"background":true},)"
        R"("stream":[true],"a":{"stream_options":{"include_usage":true}}})");
    ASSERT_TRUE(body);
    EXPECT_EQ(body->model, "");
    EXPECT_FALSE(body->streamed);
    EXPECT_FALSE(body->usage_in_stream);
    EXPECT_FALSE(body->background);
}

TEST(RequestBody, WhatTwoReadersCouldUnderstandInTwoWaysIsRefused) {
    EXPECT_FALSE(read_request_body(R"({"stream":false,"stream":true})"));
    EXPECT_FALSE(read_request_body(R"({"background":false,"backgroun\u0064":true})"));
    EXPECT_FALSE(read_request_body(R"({"model":"cheap","model":"dear"})"));
    EXPECT_FALSE(read_request_body(R"({"stream_options":{"include_usage":true,"include_usage":false}})"));
}

TEST(RequestBody, WhatIsNoObjectIsRefused) {
    for (const char* text : {"", "[]", "7", "{", "{}x", "null", "not json", "{\"a\":\xff}"})
        EXPECT_FALSE(read_request_body(text)) << text;
    EXPECT_FALSE(read_request_body(std::string(100'000, '[')));
    EXPECT_FALSE(read_request_body("{\"a\":" + std::string(100'000, '[')));
}

TEST(RequestBody, UsageIsAskedForInTheSameRequest) {
    const auto body = read_request_body(asking_for_usage(R"( {"stream":true,"model":"m"})"));
    ASSERT_TRUE(body);
    EXPECT_TRUE(body->usage_in_stream);
    EXPECT_TRUE(body->streamed);
    EXPECT_EQ(body->model, "m");
}

TEST(Endpoint, OriginAndPathAreReadFromABaseUrl) {
    EXPECT_EQ(parse_endpoint("https://api.example.com"), (Endpoint{"https://api.example.com", ""}));
    EXPECT_EQ(parse_endpoint("https://api.example.com/"), (Endpoint{"https://api.example.com", ""}));
    EXPECT_EQ(parse_endpoint("http://127.0.0.1:8000/v1/"), (Endpoint{"http://127.0.0.1:8000", "/v1"}));
    EXPECT_EQ(parse_endpoint("https://a.b/api/v1"), (Endpoint{"https://a.b", "/api/v1"}));
}

TEST(Endpoint, EverythingElseIsNone) {
    for (const char* url : {"", "api.example.com", "ftp://a", "https://", "https:///v1",
                            "https://user:word@a", "https://a/?x=1", "https://a/#x", "https://a b",
                            "file:///etc/passwd", "https://a\r\nX: y", "https://:80/"})
        EXPECT_FALSE(parse_endpoint(url)) << url;
}

TEST(HttpText, OnlyHeadersThatDoNoHarmGoToTheEndpoint) {
    const Headers passed = headers_for_endpoint({{"host", "evil"},
                                                 {"authorization", "Bearer dummy"},
                                                 {"x-api-key", "dummy"},
                                                 {"x-http-method-override", "DELETE"},
                                                 {"transfer-encoding", "chunked"},
                                                 {"accept-encoding", "gzip"},
                                                 {"anthropic-version", "2023-06-01"},
                                                 {"anthropic-beta", "a"},
                                                 {"anthropic-beta", "b"},
                                                 {"user-agent", ""}});
    EXPECT_EQ(passed, (Headers{{"content-type", "application/json"},
                               {"accept-encoding", "identity"},
                               {"anthropic-version", "2023-06-01"},
                               {"anthropic-beta", "a, b"}}));
}

TEST(HttpText, OnlyPartsOfAQueryThatDoNoHarmGoToTheEndpoint) {
    EXPECT_EQ(query_for_endpoint("alt=sse&key=dummy"), "?alt=sse");
    EXPECT_EQ(query_for_endpoint("key=dummy&beta=true&alt=sse"), "?beta=true&alt=sse");
    EXPECT_EQ(query_for_endpoint("$alt=media&alt=s%73e&alt=a b&prettyPrint"), "");
    EXPECT_EQ(query_for_endpoint(""), "");
    EXPECT_EQ(query_for_endpoint("&&&"), "");
}

TEST(HttpText, AKeyIsStarredWhereverItStands) {
    EXPECT_EQ(without_key("bad key sk-abcdef, sk-abcdefsk-abcdef", "sk-abcdef"),
              "bad key *********, ******************");
    EXPECT_EQ(without_key("a e", "e"), "a e");
    EXPECT_EQ(without_key("any", ""), "any");
}

ModelRequest request_of(std::int64_t input, std::int64_t output) {
    ModelRequest request;
    request.input_tokens = input;
    request.output_tokens = output;
    return request;
}

TEST(Spending, RequestsAreRefusedOnceTheirNumberIsReached) {
    Spending spending({2, {}, {}, {}}, nullptr);
    EXPECT_EQ(spending.refusal(), "");
    spending.begin({});
    EXPECT_EQ(spending.refusal(), "");
    spending.begin({});
    EXPECT_EQ(spending.refusal(), "the budget for this proposal is used up: 2 of 2 requests");
}

TEST(Spending, TokensCountOnceTheyAreKnown) {
    Spending spending({{}, 100, 50, {}}, nullptr);
    spending.end(spending.begin(request_of(10, 0)), request_of(99, 49));
    EXPECT_EQ(spending.refusal(), "");
    spending.end(spending.begin({}), request_of(1, 0));
    EXPECT_EQ(spending.refusal(), "the budget for this proposal is used up: 100 of 100 input tokens");
    Spending other({{}, {}, 50, {}}, nullptr);
    other.end(other.begin({}), request_of(1, 50));
    EXPECT_EQ(other.refusal(), "the budget for this proposal is used up: 50 of 50 output tokens");
}

TEST(Spending, WhatIsUnderWayCountsByWhatWentIn) {
    Spending spending({{}, 100, {}, {}}, nullptr);
    const std::size_t first = spending.begin(request_of(60, 0));
    EXPECT_EQ(spending.refusal(), "");
    spending.begin(request_of(60, 0));
    EXPECT_NE(spending.refusal(), "") << "two of them together may be more than is left";
    spending.end(first, request_of(5, 0));
    EXPECT_EQ(spending.refusal(), "");
}

TEST(Spending, MoneyIsCountedByThePriceOfEachRequest) {
    Spending spending({{}, {}, {}, 1.0}, [](const ModelRequest& request) -> std::optional<double> {
        if (request.model == "unknown") return std::nullopt;
        return static_cast<double>(request.output_tokens) * 0.25;
    });
    spending.end(spending.begin({}), request_of(0, 3));
    ModelRequest unknown = request_of(0, 100);
    unknown.model = "unknown";
    spending.end(spending.begin({}), unknown);
    EXPECT_EQ(spending.refusal(), "");
    EXPECT_EQ(spending.usage().cost, 0.75);
    spending.end(spending.begin({}), request_of(0, 1));
    EXPECT_EQ(spending.refusal(), "the budget for this proposal is used up: 1.0000 of 1.0000 US dollars");
}

}  // namespace
}  // namespace ratchet
