#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "orchestrator/gateway/gateway.hpp"
#include "tests/gateway/canned_server.hpp"
#include "tests/gateway/raw_client.hpp"

namespace ratchet::test {

inline constexpr const char* key = "sk-secret-0123456789";

/// A format's request and the answer of a model with 1,000 tokens in (800 of them cached) and 50 out.
struct Format {
    std::string protocol;
    std::string path;
    std::string streaming_path;
    std::string request;
    std::string streaming_request;
    std::string answer;
    std::vector<std::string> events;
    std::string key_header;
    std::string key_value;
};
const std::vector<Format>& formats();

/// A gateway to a canned server.
class GatewayTest : public ::testing::Test {
  protected:
    GatewayTest();
    ~GatewayTest() override;

    /// Before use: opens a gateway to a server that does this.
    void open(CannedServer::Handler handler);
    Answer ask(const Format& format) { return ratchet::test::ask(socket, format.path, format.request); }
    Answer ask_streaming(const Format& format) {
        return ratchet::test::ask(socket, format.streaming_path, format.streaming_request);
    }

    std::filesystem::path folder;
    std::filesystem::path socket;
    GatewaySettings settings;
    std::unique_ptr<CannedServer> server;
    std::unique_ptr<Gateway> gateway;
};

/// A stream of the events.
void stream(const HttpExchange& exchange, const std::vector<std::string>& events);

}  // namespace ratchet::test
