// What an endpoint does instead of answering, and what becomes of a client that is refused.

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/gateway/gateway_fixture.hpp"
#include "tests/support/eventually.hpp"

namespace ratchet::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string message_of(const Answer& answer) {
    return nlohmann::json::parse(answer.body)["error"]["message"].get<std::string>();
}

class Errors : public GatewayTest {};

TEST_F(Errors, StatusBodyAndTimeToWaitComeFromTheEndpoint) {
    const std::string body = R"({"error":{"message":"slow down"}})";
    for (const int status : {400, 401, 403, 404, 429, 500, 503, 529}) {
        open([&](const HttpExchange& exchange) { exchange.answer(status, body, "Retry-After: 7\r\n"); });
        const Answer answer = ask_streaming(formats()[2]);
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(answer.body, body);
        EXPECT_EQ(answer.headers.at("retry-after"), "7");
        const GatewayReport report = gateway->finish();
        ASSERT_EQ(report.requests.size(), 1U);
        EXPECT_EQ(report.requests[0].status, status);
        EXPECT_EQ(report.requests[0].input_tokens, 0) << "nothing was answered";
        EXPECT_EQ(report.usage.requests, 1);
        EXPECT_FALSE(report.any_answered);
        EXPECT_EQ(report.retry_after, Seconds(7));
        EXPECT_THAT(report.last_failure, StartsWith("was answered with " + std::to_string(status)));
    }
}

TEST_F(Errors, ATimeToWaitMayBeADate) {
    open([](const HttpExchange& exchange) {
        exchange.answer(429, "{}", "Retry-After: Fri, 31 Dec 2999 23:59:59 GMT\r\n");
    });
    ask(formats()[0]);
    EXPECT_GT(gateway->finish().retry_after, Seconds(1e9));
}

TEST_F(Errors, WithoutATimeToWaitThereIsNone) {
    open([](const HttpExchange& exchange) { exchange.answer(429, "{}"); });
    EXPECT_FALSE(ask(formats()[0]).headers.contains("retry-after"));
    EXPECT_EQ(gateway->finish().retry_after, std::nullopt);
}

TEST_F(Errors, TheKeyIsStarredWhereAnErrorRepeatsIt) {
    open([](const HttpExchange& exchange) {
        exchange.answer(401, std::string(R"({"error":"Incorrect API key provided: )") + key + "\"}");
    });
    const Answer answer = ask(formats()[0]);
    EXPECT_THAT(answer.body, HasSubstr("provided: ********************"));
    EXPECT_THAT(answer.body, Not(HasSubstr(key)));
    EXPECT_THAT(gateway->finish().last_failure, Not(HasSubstr(key)));
}

TEST_F(Errors, ABodyThatIsNoJsonIsPassedOnAndCostsNothing) {
    open([](const HttpExchange& exchange) { exchange.answer(200, "<html>Maintenance</html>"); });
    EXPECT_EQ(ask(formats()[1]).body, "<html>Maintenance</html>");
    const GatewayReport report = gateway->finish();
    EXPECT_EQ(report.usage.input_tokens, 0);
    EXPECT_EQ(report.usage.output_tokens, 0);
    EXPECT_THAT(report.last_failure, HasSubstr("not with JSON"));
    EXPECT_FALSE(report.any_answered);
}

TEST_F(Errors, AStreamThatIsCutIsCutForTheClientToo) {
    open([](const HttpExchange& exchange) {
        exchange.begin_stream();
        exchange.event(formats()[2].events[0]);
        for (int i = 0; i < 20; ++i)
            exchange.event(formats()[2].events[1]);
        exchange.hang_up();
    });
    const Answer answer = ask_streaming(formats()[2]);
    EXPECT_EQ(answer.status, 200);
    EXPECT_FALSE(answer.whole);
    EXPECT_THAT(answer.body, HasSubstr(formats()[2].events[1]));
    const GatewayReport report = gateway->finish();
    EXPECT_EQ(report.requests[0].status, 200);
    EXPECT_EQ(report.requests[0].input_tokens, 1000) << "as the endpoint said";
    EXPECT_EQ(report.requests[0].output_tokens, 21) << "each event is a token or more";
    EXPECT_THAT(report.last_failure, StartsWith("was answered in part"));
    EXPECT_FALSE(report.any_answered);
}

TEST_F(Errors, AWholeAnswerThatIsCutIsCutForTheClientToo) {
    open([](const HttpExchange& exchange) {
        exchange.send(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"a\":");
        exchange.hang_up();
    });
    const Answer answer = ask(formats()[0]);
    EXPECT_FALSE(answer.whole);
    EXPECT_EQ(answer.body, "{\"a\":");
    EXPECT_GT(gateway->finish().usage.input_tokens, 0) << "estimated by what went in";
}

TEST_F(Errors, AServerThatNeverAnswersIsGivenUp) {
    settings.upstream.silence = std::chrono::seconds(1);
    open([](const HttpExchange& exchange) { exchange.wait_for_hang_up(); });
    const Answer answer = ask(formats()[3]);
    EXPECT_EQ(answer.status, 504);
    EXPECT_THAT(message_of(answer), HasSubstr("no answer"));
    const GatewayReport report = gateway->finish();
    EXPECT_EQ(report.requests[0].status, 0);
    EXPECT_GE(report.requests[0].wall_seconds, 1);
}

TEST_F(Errors, AServerThatStopsInTheMiddleOfAStreamIsGivenUp) {
    settings.upstream.silence = std::chrono::seconds(1);
    open([](const HttpExchange& exchange) {
        exchange.begin_stream();
        exchange.event(formats()[0].events[0]);
        exchange.wait_for_hang_up();
    });
    const Answer answer = ask_streaming(formats()[0]);
    EXPECT_EQ(answer.status, 200);
    EXPECT_FALSE(answer.whole);
}

TEST_F(Errors, AServerThatIsDownIsSaidToBeInTheFormOfEachProtocol) {
    for (const Format& format : formats()) {
        open([](const HttpExchange&) {});
        server.reset();
        const Answer answer = ask(format);
        EXPECT_EQ(answer.status, 502) << format.protocol;
        EXPECT_THAT(message_of(answer), HasSubstr("no answer")) << format.protocol;
        const GatewayReport report = gateway->finish();
        ASSERT_EQ(report.requests.size(), 1U);
        EXPECT_EQ(report.requests[0].status, 0);
        EXPECT_EQ(report.requests[0].protocol, format.protocol);
        EXPECT_THAT(report.last_failure, StartsWith("was not answered: "));
    }
}

TEST_F(Errors, AServerThatClosesTheConnectionUnansweredGivesNoAnswer) {
    open([](const HttpExchange& exchange) { exchange.hang_up(); });
    EXPECT_EQ(ask(formats()[2]).status, 502);
}

TEST_F(Errors, ARedirectionIsNotFollowedWithTheKey) {
    open([](const HttpExchange& exchange) {
        exchange.answer(307, "{}", "Location: http://127.0.0.1:1/elsewhere\r\n");
    });
    const Answer answer = ask(formats()[2]);
    EXPECT_EQ(answer.status, 307);
    EXPECT_FALSE(answer.headers.contains("location"));
    EXPECT_EQ(server->heads().size(), 1U);
}

TEST_F(Errors, AServerThatNeverEndsDoesNotFillTheMemoryOfWhoeverReadsSlowly) {
    std::atomic<std::size_t> sent = 0;
    std::atomic<bool> ended = false;
    open([&](const HttpExchange& exchange) {
        exchange.begin_stream();
        const std::string event(64 << 10, 'x');
        while (exchange.event(event))
            sent += event.size();
        ended = true;
    });
    RawClient client(socket);
    client.send(post(formats()[2].path, formats()[2].streaming_request));
    EXPECT_TRUE(client.read_until([](const std::string& text) { return text.size() > (1 << 20); }));
    // It is not read any more: soon the server cannot send any more either.
    std::size_t before = 0;
    EXPECT_TRUE(eventually([&] {
        const std::size_t now = sent;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return std::exchange(before, now) == now && now > 0;
    }));
    EXPECT_LT(sent, std::size_t{64} << 20);
    // And goes on when it is read again.
    EXPECT_TRUE(client.read_until([](const std::string& text) { return text.size() > (16 << 20); }));
    const GatewayReport report = gateway->finish();
    EXPECT_GT(report.usage.output_tokens, 0);
    EXPECT_TRUE(eventually([&] { return ended.load(); }))
        << "the end of the gateway is the end of its requests";
}

class Refuses : public GatewayTest {
  protected:
    void expect_refusal(const Answer& answer, const Format& format, const std::string& words) {
        EXPECT_EQ(answer.status, 400) << format.protocol;
        EXPECT_EQ(answer.headers.at("content-type"), "application/json");
        EXPECT_EQ(answer.headers.at("x-should-retry"), "false");
        EXPECT_THAT(message_of(answer), HasSubstr(words)) << format.protocol;
    }
};

TEST_F(Refuses, RequestsPastTheirNumberInTheFormOfEachProtocol) {
    for (const Format& format : formats()) {
        settings.allowance.requests = 2;
        open([&](const HttpExchange& exchange) { exchange.answer(200, format.answer); });
        EXPECT_EQ(ask(format).status, 200);
        EXPECT_EQ(ask(format).status, 200);
        expect_refusal(ask(format), format, "used up: 2 of 2 requests");
        expect_refusal(ask_streaming(format), format, "used up: 2 of 2 requests");
        EXPECT_EQ(server->heads().size(), 2U) << "what is refused is not sent";
        const GatewayReport report = gateway->finish();
        EXPECT_EQ(report.usage.requests, 2);
        EXPECT_EQ(report.refused, 2);
        EXPECT_EQ(report.refusal, "the budget for this proposal is used up: 2 of 2 requests");
    }
}

TEST_F(Refuses, RequestsOnceTokensAreUsedUp) {
    settings.allowance.input_tokens = 1500;
    open([](const HttpExchange& exchange) { stream(exchange, formats()[2].events); });
    EXPECT_EQ(ask_streaming(formats()[2]).status, 200);
    EXPECT_EQ(ask_streaming(formats()[2]).status, 200) << "500 were left";
    expect_refusal(ask(formats()[2]), formats()[2], "used up: 2000 of 1500 input tokens");
}

TEST_F(Refuses, RequestsOnceOutputTokensAreUsedUp) {
    settings.allowance.output_tokens = 50;
    open([](const HttpExchange& exchange) { exchange.answer(200, formats()[3].answer); });
    EXPECT_EQ(ask(formats()[3]).status, 200);
    expect_refusal(ask(formats()[3]), formats()[3], "used up: 50 of 50 output tokens");
}

TEST_F(Refuses, RequestsOnceTheMoneyIsUsedUp) {
    settings.allowance.cost = 0.01;
    settings.cost_of = [](const ModelRequest& request) {
        return static_cast<double>(request.input_tokens) * 1e-5;
    };
    open([](const HttpExchange& exchange) { exchange.answer(200, formats()[1].answer); });
    EXPECT_EQ(ask(formats()[1]).status, 200);
    expect_refusal(ask(formats()[1]), formats()[1], "used up: 0.0100 of 0.0100 US dollars");
    EXPECT_NEAR(*gateway->finish().usage.cost, 0.01, 1e-12);
}

TEST_F(Refuses, NotTheRequestThatIsUnderWay) {
    settings.allowance.requests = 1;
    std::promise<void> go_on;
    open([&](const HttpExchange& exchange) {
        go_on.get_future().wait();
        exchange.answer(200, formats()[0].answer);
    });
    RawClient first(socket);
    first.send(post(formats()[0].path, formats()[0].request));
    EXPECT_TRUE(eventually([&] { return server->heads().size() == 1; }));
    expect_refusal(ask(formats()[0]), formats()[0], "used up: 1 of 1 requests");
    go_on.set_value();
    EXPECT_EQ(first.answer().status, 200);
}

TEST_F(Refuses, AsManyAsArePastTheBudgetOfAHundredAtTheSameTime) {
    settings.allowance.requests = 10;
    open([](const HttpExchange& exchange) { exchange.answer(200, formats()[0].answer); });
    std::vector<std::thread> clients;
    std::atomic<int> passed = 0;
    for (int i = 0; i < 100; ++i)
        clients.emplace_back([&] { passed += ask(formats()[0]).status == 200 ? 1 : 0; });
    for (std::thread& client : clients)
        client.join();
    EXPECT_EQ(passed, 10);
    EXPECT_EQ(server->heads().size(), 10U);
    EXPECT_EQ(gateway->finish().refused, 90);
}

TEST_F(Refuses, WhatCouldNotBeCounted) {
    open([](const HttpExchange& exchange) { exchange.answer(200, "{}"); });
    expect_refusal(ratchet::test::ask(socket, "/v1/responses", R"({"background":true})"), formats()[1],
                   "background");
    expect_refusal(
        ratchet::test::ask(socket, "/v1/chat/completions", R"({"stream":true,"stream_options":{}})"),
        formats()[0], "include_usage");
    EXPECT_EQ(server->heads().size(), 0U);
}

}  // namespace
}  // namespace ratchet::test
