// Whoever is in the sandbox may send anything.

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tests/gateway/gateway_fixture.hpp"
#include "tests/support/eventually.hpp"

namespace ratchet::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class HostileClient : public GatewayTest {
  protected:
    HostileClient() {
        open([](const HttpExchange& exchange) { exchange.answer(200, formats()[2].answer); });
    }
    /// What comes back for these bytes, to the connection's end.
    std::string send_raw(const std::string& bytes) {
        RawClient client(socket);
        client.send(bytes);
        client.end_sending();
        client.read_until([](const std::string&) { return false; });
        return client.got;
    }
    /// The gateway serves others as before.
    void expect_unharmed() {
        const std::size_t before = server->heads().size();
        EXPECT_EQ(ask(formats()[2]).status, 200);
        EXPECT_EQ(server->heads().size(), before + 1);
    }
    void expect_nothing_sent() { EXPECT_EQ(server->heads().size(), 0U); }
};

TEST_F(HostileClient, ReachesNoOtherPath) {
    for (const char* path :
         {"/", "/v1/models", "/v1/files", "/v1/messages/", "/v1/messages/batches", "//v1/messages",
          "/v1//messages", "/v1/../v1/messages", "/v1/messages/../files", "/v1/%6dessages", "/v1/messages;x",
          "/V1/messages", "/v1/messages%00", "/v1beta/models/m:generateContent/x",
          "/v1beta/models/../../x:generateContent", "*", "http://127.0.0.1:1/v1/messages",
          "https://api.anthropic.com/v1/messages", "v1/messages"})
        EXPECT_THAT(send_raw(post(path, "{}")), HasSubstr("HTTP/1.1 404")) << path;
    expect_nothing_sent();
    expect_unharmed();
}

TEST_F(HostileClient, UsesNoOtherMethod) {
    for (const char* method : {"GET", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "HEAD"}) {
        EXPECT_THAT(send_raw(std::string(method) + " /v1/messages HTTP/1.1\r\nHost: m\r\n\r\n"),
                    HasSubstr("HTTP/1.1 405"))
            << method;
    }
    EXPECT_THAT(send_raw("CONNECT example.com:443 HTTP/1.1\r\nHost: m\r\n\r\n"), Not(HasSubstr(" 200 ")));
    expect_nothing_sent();
}

TEST_F(HostileClient, CannotNameTheHost) {
    RawClient client(socket);
    client.send(
        "POST /v1/messages HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n"
        "Content-Length: 2\r\n\r\n{}");
    EXPECT_EQ(client.answer().status, 200);
    EXPECT_THAT(server->heads().at(0), Not(HasSubstr("evil")));
    EXPECT_THAT(server->heads().at(0), HasSubstr("Host: 127.0.0.1:"));
}

TEST_F(HostileClient, SmugglesNoSecondRequest) {
    const std::string inner = "POST /v1/files HTTP/1.1\r\nHost: m\r\nContent-Length: 2\r\n\r\n{}";
    const std::string length = std::to_string(inner.size());
    for (const std::string& headers :
         {std::string("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"),
          "Content-Length: 2\r\nContent-Length: " + length + "\r\n",
          std::string("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
          std::string("Transfer-Encoding : chunked\r\nContent-Length: 2\r\n"),
          std::string("Content-Length: +2\r\n"), std::string("Content-Length: 2, 2\r\n"),
          std::string("Content-Length: -1\r\n"), std::string("Content-Length: 99999999999999999999999\r\n"),
          std::string("X: a\rTransfer-Encoding: chunked\r\nContent-Length: 2\r\n")}) {
        send_raw("POST /v1/messages HTTP/1.1\r\nHost: m\r\n" + headers + "\r\n{}" + inner);
    }
    // What was taken for two requests by us, was sent as one each, with a length of its own.
    for (const std::string& head : server->heads()) {
        EXPECT_THAT(head, HasSubstr("POST /v1/messages HTTP/1.1"));
        EXPECT_THAT(head, Not(HasSubstr("ransfer-")));
    }
    expect_unharmed();
}

TEST_F(HostileClient, PutsNoHeaderOfItsOwnIntoARequest) {
    send_raw(
        "POST /v1/messages?beta=true%0d%0aX-Evil:1 HTTP/1.1\r\nHost: m\r\nAnthropic-Beta: a\r\n b\r\n"
        "Cookie: c\r\nContent-Length: 2\r\n\r\n{}");
    for (const std::string& head : server->heads()) {
        EXPECT_THAT(head, Not(HasSubstr("vil")));
        EXPECT_THAT(head, Not(HasSubstr("ookie")));
    }
    expect_unharmed();
}

TEST_F(HostileClient, SendsGarbage) {
    for (const std::string& bytes :
         {std::string("\0\0\0\0", 4), std::string("\x16\x03\x01\x02\x00\x01"), std::string("hello\r\n\r\n"),
          std::string(1 << 20, 'A'), std::string("POST"), std::string("\r\n\r\n\r\n"),
          std::string("POST /v1/messages HTTP/9.9\r\n\r\n"),
          "POST /v1/messages HTTP/1.1\r\n" + std::string(100'000, 'h') + ": x\r\n\r\n",
          std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), post("/v1/messages", "no json"),
          post("/v1/messages", ""), post("/v1/messages", std::string(200'000, '[')),
          std::string("POST /v1/messages HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
          std::string("POST /v1/messages HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")})
        EXPECT_THAT(send_raw(bytes), Not(HasSubstr(" 200 "))) << bytes.substr(0, 50);
    expect_nothing_sent();
    expect_unharmed();
}

TEST_F(HostileClient, LeavesInTheMiddleOfARequest) {
    const std::string whole = post("/v1/messages", R"({"model":"m"})");
    for (std::size_t length = 0; length < whole.size(); ++length) {
        RawClient client(socket);
        client.send(whole.substr(0, length));
    }
    expect_unharmed();
    EXPECT_EQ(gateway->finish().usage.requests, 1);
}

TEST_F(HostileClient, SendsABodyThatIsTooLarge) {
    settings.most_body_bytes = 1 << 20;
    open([](const HttpExchange& exchange) { exchange.answer(200, formats()[2].answer); });
    RawClient announced(socket);
    announced.send("POST /v1/messages HTTP/1.1\r\nHost: m\r\nContent-Length: 1073741824\r\n\r\n");
    EXPECT_EQ(announced.answer().status, 413);
    RawClient unannounced(socket);
    unannounced.send("POST /v1/messages HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string part = "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
    for (int i = 0; i < 17; ++i)
        unannounced.send(part);
    EXPECT_EQ(unannounced.answer().status, 413);
    expect_nothing_sent();
    expect_unharmed();
}

TEST_F(HostileClient, OpensMoreConnectionsThanAreServedAtATime) {
    {
        std::vector<std::unique_ptr<RawClient>> idle;
        for (int i = 0; i < 300; ++i)
            idle.push_back(std::make_unique<RawClient>(socket));
    }
    expect_unharmed();
}

TEST_F(HostileClient, HangsUpInTheMiddleOfAStreamWhoseCostCountsAllTheSame) {
    std::atomic<bool> has_left = false;
    open([&](const HttpExchange& exchange) {
        exchange.begin_stream();
        exchange.event(formats()[2].events[0]);
        EXPECT_TRUE(eventually([&] { return has_left.load(); }));
        for (int i = 0; i < 1000; ++i)
            exchange.event(formats()[2].events[1]);
        exchange.event(formats()[2].events[2]);
        exchange.end_stream();
    });
    {
        RawClient client(socket);
        client.send(post(formats()[2].path, formats()[2].streaming_request));
        EXPECT_TRUE(client.read_until(
            [](const std::string& text) { return text.find("message_start") != std::string::npos; }));
    }
    has_left = true;
    // The next answer comes when the other one has been read: there is one connection at a time to count.
    settings.allowance = {};
    EXPECT_EQ(ask_streaming(formats()[2]).status, 200);
    const GatewayReport report = gateway->finish();
    EXPECT_EQ(report.usage.requests, 2);
    EXPECT_EQ(report.requests[0].input_tokens, 1000);
}

TEST_F(HostileClient, LeavesRequestsBehindWhenTheRunEndsThatCountByWhatWentIn) {
    open([](const HttpExchange& exchange) { exchange.wait_for_hang_up(); });
    RawClient client(socket);
    client.send(post("/v1/messages", R"({"model":"m","text":")" + std::string(4000, 'x') + "\"}"));
    EXPECT_TRUE(eventually([&] { return server->heads().size() == 1; }));
    const GatewayReport report = gateway->finish();
    EXPECT_EQ(report.usage.requests, 1);
    EXPECT_GT(report.usage.input_tokens, 1000);
    EXPECT_EQ(client.answer().status, 0);
}

}  // namespace
}  // namespace ratchet::test
