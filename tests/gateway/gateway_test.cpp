#include "orchestrator/gateway/gateway.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "experiment_store/errors.hpp"
#include "tests/gateway/gateway_fixture.hpp"
#include "tests/support/eventually.hpp"

namespace ratchet::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Passes : public GatewayTest {};

TEST_F(Passes, AWholeAnswerAndItsCost) {
    for (const Format& format : formats()) {
        open([&](const HttpExchange& exchange) { exchange.answer(200, format.answer); });
        const Answer answer = ask(format);
        EXPECT_EQ(answer.status, 200) << format.protocol;
        EXPECT_EQ(answer.body, format.answer);
        EXPECT_EQ(answer.headers.at("content-type"), "application/json");
        const GatewayReport report = gateway->finish();
        ASSERT_EQ(report.requests.size(), 1U) << format.protocol;
        const ModelRequest& request = report.requests.front();
        EXPECT_EQ(request.protocol, format.protocol);
        EXPECT_EQ(request.model, "m-1");
        EXPECT_EQ(request.status, 200);
        EXPECT_FALSE(request.streamed);
        EXPECT_GT(request.wall_seconds, 0);
        EXPECT_EQ(request.input_tokens, 1000);
        EXPECT_EQ(request.cached_tokens, 800);
        EXPECT_EQ(request.output_tokens, 50);
        EXPECT_EQ(report.usage.requests, 1);
        EXPECT_EQ(report.usage.input_tokens, 1000);
        EXPECT_EQ(report.usage.output_tokens, 50);
        EXPECT_TRUE(report.any_answered);
        EXPECT_EQ(report.last_failure, "");
    }
}

TEST_F(Passes, AStreamAndItsCost) {
    for (const Format& format : formats()) {
        open([&](const HttpExchange& exchange) { stream(exchange, format.events); });
        const Answer answer = ask_streaming(format);
        EXPECT_TRUE(answer.whole) << format.protocol;
        std::string expected;
        for (const std::string& event : format.events)
            expected += "data: " + event + "\n\n";
        EXPECT_EQ(answer.body, expected) << format.protocol;
        EXPECT_EQ(answer.headers.at("content-type"), "text/event-stream");
        const GatewayReport report = gateway->finish();
        ASSERT_EQ(report.requests.size(), 1U);
        EXPECT_TRUE(report.requests.front().streamed) << format.protocol;
        EXPECT_EQ(report.requests.front().input_tokens, 1000) << format.protocol;
        EXPECT_EQ(report.requests.front().cached_tokens, 800) << format.protocol;
        EXPECT_EQ(report.requests.front().output_tokens, 50) << format.protocol;
    }
}

TEST_F(Passes, TheKeyToTheEndpointAlone) {
    for (const Format& format : formats()) {
        std::string sent;
        std::string head;
        open([&](const HttpExchange& exchange) {
            sent = exchange.header(format.key_header);
            head = exchange.head;
            exchange.answer(200, format.answer);
        });
        RawClient client(socket);
        client.send(post(format.path + "?key=dummy", format.request,
                         "Authorization: Bearer dummy\r\nx-api-key: dummy\r\nx-goog-api-key: dummy\r\n"));
        const Answer answer = client.answer();
        EXPECT_EQ(sent, format.key_value) << format.protocol;
        EXPECT_EQ(head.find("dummy"), std::string::npos) << head;
        for (const auto& [name, value] : answer.headers)
            EXPECT_EQ(value.find(key), std::string::npos);
        gateway->finish();
    }
}

TEST_F(Passes, EachPartOfAStreamBeforeTheNextIsSent) {
    const Format& format = formats()[2];
    std::promise<void> first_arrived;
    open([&](const HttpExchange& exchange) {
        exchange.begin_stream();
        exchange.event(format.events[0]);
        // The rest is not sent before the client has the first.
        first_arrived.get_future().wait();
        exchange.event(format.events[1]);
        exchange.event(format.events[2]);
        exchange.end_stream();
    });
    RawClient client(socket);
    client.send(post(format.streaming_path, format.streaming_request));
    EXPECT_TRUE(client.read_until(
        [&](const std::string& text) { return text.find(format.events[0]) != std::string::npos; }));
    first_arrived.set_value();
    EXPECT_TRUE(client.answer().whole);
}

TEST_F(Passes, SeveralRequestsOnOneConnectionEachAfterTheOther) {
    open([&](const HttpExchange& exchange) { exchange.answer(200, formats()[0].answer); });
    RawClient client(socket);
    // Both at once, as a client may.
    client.send(post(formats()[0].path, formats()[0].request) +
                post(formats()[0].path, formats()[0].request));
    EXPECT_EQ(client.answer().status, 200);
    EXPECT_EQ(client.answer().status, 200);
    EXPECT_EQ(gateway->finish().usage.requests, 2);
}

TEST_F(Passes, AHundredRequestsAtTheSameTime) {
    constexpr int count = 100;
    std::atomic<int> waiting = 0;
    open([&](const HttpExchange& exchange) {
        // None is answered before all are there.
        ++waiting;
        EXPECT_TRUE(eventually([&] { return waiting == count; }));
        exchange.answer(200, formats()[1].answer);
    });
    std::vector<std::thread> clients;
    std::atomic<int> answered = 0;
    for (int i = 0; i < count; ++i)
        clients.emplace_back([&] { answered += ask(formats()[1]).status == 200 ? 1 : 0; });
    for (std::thread& client : clients)
        client.join();
    EXPECT_EQ(answered, count);
    const GatewayReport report = gateway->finish();
    EXPECT_EQ(report.usage.requests, count);
    EXPECT_EQ(report.usage.input_tokens, 1000 * count);
}

TEST_F(Passes, ARequestWithoutAKeyWhereNoneIsNeeded) {
    settings.key.clear();
    std::string head;
    open([&](const HttpExchange& exchange) {
        head = exchange.head;
        exchange.answer(200, formats()[0].answer);
    });
    EXPECT_EQ(ask(formats()[0]).status, 200);
    EXPECT_THAT(head, Not(HasSubstr("uthorization")));
}

TEST_F(Passes, AChatsStreamWhoseUsageNobodyAskedFor) {
    const Format& chat = formats()[0];
    std::string body;
    open([&](const HttpExchange& exchange) {
        body = exchange.body;
        stream(exchange, chat.events);
    });
    const Answer answer =
        ratchet::test::ask(socket, chat.path, R"({"model":"m","messages":[],"stream":true})");
    EXPECT_EQ(nlohmann::json::parse(body)["stream_options"]["include_usage"], true);
    EXPECT_EQ(answer.body, "data: " + chat.events[0] + "\n\ndata: [DONE]\n\n")
        << "the client gets what it asked for";
    EXPECT_EQ(gateway->finish().usage.output_tokens, 50);
}

TEST_F(Passes, ALargeRequestAndALargeAnswer) {
    const std::string text(5 << 20, 'x');
    std::size_t arrived = 0;
    open([&](const HttpExchange& exchange) {
        arrived = exchange.body.size();
        exchange.answer(200, R"({"text":")" + text + R"(","usage":{"input_tokens":7,"output_tokens":9}})");
    });
    const Answer answer =
        ratchet::test::ask(socket, "/v1/messages", R"({"model":"m","text":")" + text + "\"}");
    EXPECT_GT(arrived, text.size());
    EXPECT_GT(answer.body.size(), text.size());
    EXPECT_EQ(gateway->finish().usage.output_tokens, 9);
}

TEST_F(Passes, ARequestInChunksAndOneThatWaitsToBeWelcome) {
    std::string body;
    open([&](const HttpExchange& exchange) {
        body = exchange.body;
        exchange.answer(200, formats()[1].answer);
    });
    RawClient chunked(socket);
    chunked.send("POST /v1/responses HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n");
    chunked.send("7\r\n{\"a\":1,\r\n8\r\n\"b\":[2]}\r\n0\r\n\r\n");
    EXPECT_EQ(chunked.answer().status, 200);
    EXPECT_EQ(body, R"({"a":1,"b":[2]})");
    RawClient careful(socket);
    careful.send(
        "POST /v1/responses HTTP/1.1\r\nHost: m\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_TRUE(careful.read_until([](const std::string& text) { return text.starts_with("HTTP/1.1 100"); }));
    careful.send("{}");
    EXPECT_EQ(careful.answer().status, 100);
    EXPECT_EQ(careful.answer().status, 200);
}

TEST_F(Passes, AnAnswerToAnOldClientUntilTheConnectionEnds) {
    open([&](const HttpExchange& exchange) { stream(exchange, formats()[2].events); });
    RawClient client(socket);
    client.send("POST /v1/messages HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}");
    const Answer answer = client.answer();
    EXPECT_FALSE(answer.headers.contains("transfer-encoding"));
    EXPECT_THAT(answer.body, HasSubstr("message_delta\",\"usage\":{\"output_tokens\":50}}\n\n"));
}

TEST_F(Passes, CountsOfTokensThatCostNothingButTheRequest) {
    open([](const HttpExchange& exchange) { exchange.answer(200, R"({"input_tokens":5000})"); });
    EXPECT_EQ(ratchet::test::ask(socket, "/v1/messages/count_tokens", "{}").status, 200);
    const GatewayReport report = gateway->finish();
    EXPECT_EQ(report.usage.requests, 1);
    EXPECT_EQ(report.usage.input_tokens, 0);
}

TEST_F(Passes, NothingWhereTheEndpointIsNoUrl) {
    settings.endpoint = "api.example.com";
    EXPECT_THROW(Gateway{settings}, UserError);
}

TEST_F(Passes, ThroughASocketWhosePathIsLongerThanAnAddress) {
    const std::filesystem::path deep = folder / std::string(120, 'a');
    std::filesystem::create_directory(deep);
    settings.socket = deep / "gateway.sock";
    open([&](const HttpExchange& exchange) { exchange.answer(200, formats()[0].answer); });
    std::filesystem::create_symlink(deep, folder / "short");
    EXPECT_EQ(ratchet::test::ask(folder / "short/gateway.sock", formats()[0].path, "{}").status, 200);
    gateway->finish();
    EXPECT_FALSE(std::filesystem::exists(settings.socket));
}

TEST_F(Passes, ThroughAProxyWhereThereIsOne) {
    server = std::make_unique<CannedServer>(
        [](const HttpExchange& exchange) { exchange.answer(200, formats()[0].answer); });
    settings.endpoint = "http://model.example/v1";
    settings.upstream.proxy = server->url();
    gateway = std::make_unique<Gateway>(settings);
    EXPECT_EQ(ask(formats()[0]).body, formats()[0].answer);
    EXPECT_THAT(server->heads(),
                ElementsAre(StartsWith("POST http://model.example/v1/chat/completions HTTP/1.1")));
}

TEST_F(Passes, ByAProxyWhereTheHostNeedsNone) {
    settings.upstream.proxy = "http://127.0.0.1:1";
    settings.upstream.no_proxy = "127.0.0.1";
    open([](const HttpExchange& exchange) { exchange.answer(200, formats()[0].answer); });
    EXPECT_EQ(ask(formats()[0]).body, formats()[0].answer);
}

}  // namespace
}  // namespace ratchet::test
