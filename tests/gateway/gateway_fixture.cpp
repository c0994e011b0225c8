#include "tests/gateway/gateway_fixture.hpp"

#include <cstdlib>

namespace ratchet::test {

const std::vector<Format>& formats() {
    static const std::vector<Format> all = {
        {"openai-chat",
         "/v1/chat/completions",
         "/v1/chat/completions",
         R"({"model":"m","messages":[]})",
         R"({"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}})",
         R"({"model":"m-1","choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":800}}})",
         {R"({"model":"m-1","choices":[{"delta":{"content":"a"}}]})",
          R"({"model":"m-1","choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":800}}})",
          "[DONE]"},
         "authorization",
         std::string("Bearer ") + key},
        {"openai-responses",
         "/v1/responses",
         "/v1/responses",
         R"({"model":"m","input":[]})",
         R"({"model":"m","input":[],"stream":true})",
         R"({"model":"m-1","usage":{"input_tokens":1000,"output_tokens":50,"input_tokens_details":{"cached_tokens":800}}})",
         {R"({"type":"response.output_text.delta","delta":"a"})",
          R"({"type":"response.completed","response":{"model":"m-1","usage":{"input_tokens":1000,"output_tokens":50,"input_tokens_details":{"cached_tokens":800}}}})"},
         "authorization",
         std::string("Bearer ") + key},
        {"anthropic",
         "/v1/messages",
         "/v1/messages",
         R"({"model":"m","messages":[]})",
         R"({"model":"m","messages":[],"stream":true})",
         R"({"model":"m-1","usage":{"input_tokens":150,"cache_creation_input_tokens":50,"cache_read_input_tokens":800,"output_tokens":50}})",
         {R"({"type":"message_start","message":{"model":"m-1","usage":{"input_tokens":150,"cache_creation_input_tokens":50,"cache_read_input_tokens":800,"output_tokens":1}}})",
          R"({"type":"content_block_delta","delta":{"text":"a"}})",
          R"({"type":"message_delta","usage":{"output_tokens":50}})"},
         "x-api-key",
         key},
        {"gemini",
         "/v1beta/models/m:generateContent",
         "/v1beta/models/m:streamGenerateContent?alt=sse",
         R"({"contents":[]})",
         R"({"contents":[]})",
         R"({"modelVersion":"m-1","usageMetadata":{"promptTokenCount":1000,"cachedContentTokenCount":800,"candidatesTokenCount":20,"thoughtsTokenCount":30}})",
         {R"({"modelVersion":"m-1","usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":1}})",
          R"({"modelVersion":"m-1","usageMetadata":{"promptTokenCount":1000,"cachedContentTokenCount":800,"candidatesTokenCount":20,"thoughtsTokenCount":30}})"},
         "x-goog-api-key",
         key},
    };
    return all;
}

GatewayTest::GatewayTest() {
    std::string name = "/tmp/ratchet-gateway-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder");
    folder = name;
    socket = folder / "gateway.sock";
    settings.socket = socket;
    settings.key = key;
}

GatewayTest::~GatewayTest() {
    gateway.reset();
    server.reset();
    std::filesystem::remove_all(folder);
}

void GatewayTest::open(CannedServer::Handler handler) {
    gateway.reset();
    server = std::make_unique<CannedServer>(std::move(handler));
    settings.endpoint = server->url();
    gateway = std::make_unique<Gateway>(settings);
}

void stream(const HttpExchange& exchange, const std::vector<std::string>& events) {
    exchange.begin_stream();
    for (const std::string& event : events)
        exchange.event(event);
    exchange.end_stream();
}

}  // namespace ratchet::test
