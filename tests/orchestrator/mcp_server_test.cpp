#include "orchestrator/mcp/server.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

namespace ratchet {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// One tool that says what it was asked, and does what a test wants to see.
class OneTool final : public McpTools {
  public:
    [[nodiscard]] std::vector<McpTool> list() const override {
        return {{"look", "Look", "Looks.", R"({"type": "object"})", R"({"type": "object"})"}};
    }
    [[nodiscard]] ToolAnswer call(const std::string&, const std::string& arguments) const override {
        const Json json = Json::parse(arguments);
        if (json.contains("throw")) throw std::runtime_error("no\nroom");
        if (json.contains("wrong")) return {ToolAnswer::Kind::wrong_arguments, "wrong is wrong", {}};
        return {ToolAnswer::Kind::done, "seen", R"({"seen": true})"};
    }
};

class McpServing : public ::testing::Test {
  protected:
    Json ask(const Json& message) { return Json::parse(server.answer(message.dump())); }

    static Json request(const char* method, const Json& params = Json::object(), const Json& id = 1) {
        return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}};
    }

    Json initialize(const std::string& version) {
        return ask(request("initialize", {{"protocolVersion", version},
                                          {"capabilities", Json::object()},
                                          {"clientInfo", {{"name", "test"}, {"version", "1"}}}}));
    }

    static Json without_handshake(Json params, const char* version = "2026-07-28") {
        params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", version},
                           {"io.modelcontextprotocol/clientCapabilities", Json::object()}};
        return params;
    }

    static int code(const Json& answer) { return answer.at("error").at("code").get<int>(); }

    OneTool tool;
    McpServer server{tool, "1.2.3"};
};

TEST_F(McpServing, agrees_on_a_version_that_it_knows) {
    for (const char* version : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
        McpServer fresh(tool, "1.2.3");
        const Json answer =
            Json::parse(fresh.answer(request("initialize", {{"protocolVersion", version}}).dump()));
        EXPECT_EQ(answer["result"]["protocolVersion"], version);
        EXPECT_EQ(answer["result"]["serverInfo"]["name"], "ratchet");
        EXPECT_EQ(answer["result"]["serverInfo"]["version"], "1.2.3");
        EXPECT_TRUE(answer["result"]["capabilities"].contains("tools"));
    }
}

TEST_F(McpServing, offers_its_newest_version_where_it_does_not_know_the_one_asked_for) {
    EXPECT_EQ(initialize("2099-01-01")["result"]["protocolVersion"], "2025-11-25");
}

TEST_F(McpServing, wants_to_be_initialized_first_and_once) {
    EXPECT_EQ(code(ask(request("tools/list"))), -32600);
    EXPECT_EQ(code(ask(request("initialize"))), -32602) << "without a version";
    EXPECT_FALSE(initialize("2025-11-25").contains("error"));
    EXPECT_EQ(code(initialize("2025-11-25")), -32600);
}

TEST_F(McpServing, answers_a_ping_at_any_time) {
    EXPECT_EQ(ask(request("ping", Json::object(), "a"))["result"], Json::object());
    EXPECT_EQ(ask(request("ping", Json::object(), "a"))["id"], "a");
}

TEST_F(McpServing, lists_its_tools_as_each_version_has_them) {
    initialize("2024-11-05");
    const Json old = ask(request("tools/list"))["result"]["tools"][0];
    EXPECT_EQ(old["name"], "look");
    EXPECT_EQ(old["inputSchema"]["type"], "object");
    EXPECT_FALSE(old.contains("outputSchema") || old.contains("annotations"));
    McpServer newer(tool, "1");
    (void)newer.answer(request("initialize", {{"protocolVersion", "2025-06-18"}}).dump());
    const Json fresh = Json::parse(newer.answer(request("tools/list").dump()))["result"]["tools"][0];
    EXPECT_EQ(fresh["annotations"]["readOnlyHint"], true);
    EXPECT_TRUE(fresh.contains("outputSchema"));
}

TEST_F(McpServing, calls_a_tool) {
    initialize("2025-06-18");
    const Json result = ask(request("tools/call", {{"name", "look"}}))["result"];
    EXPECT_EQ(result["content"][0]["type"], "text");
    EXPECT_EQ(result["content"][0]["text"], "seen");
    EXPECT_EQ(result["structuredContent"]["seen"], true);
    EXPECT_EQ(result["isError"], false);
}

TEST_F(McpServing, gives_structured_content_only_where_the_version_has_it) {
    initialize("2025-03-26");
    EXPECT_FALSE(ask(request("tools/call", {{"name", "look"}}))["result"].contains("structuredContent"));
}

TEST_F(McpServing, tells_wrong_arguments_to_the_model_where_the_version_wants_that) {
    const Json wrong = request("tools/call", {{"name", "look"}, {"arguments", {{"wrong", 1}}}});
    initialize("2025-11-25");
    const Json result = ask(wrong)["result"];
    EXPECT_EQ(result["isError"], true);
    EXPECT_EQ(result["content"][0]["text"], "wrong is wrong");
    McpServer older(tool, "1");
    (void)older.answer(request("initialize", {{"protocolVersion", "2025-06-18"}}).dump());
    EXPECT_EQ(code(Json::parse(older.answer(wrong.dump()))), -32602);
}

TEST_F(McpServing, survives_a_tool_that_throws) {
    initialize("2025-11-25");
    const Json result =
        ask(request("tools/call", {{"name", "look"}, {"arguments", {{"throw", 1}}}}))["result"];
    EXPECT_EQ(result["isError"], true);
    EXPECT_EQ(result["content"][0]["text"], "The ledger cannot be read: no room");
}

TEST_F(McpServing, refuses_what_it_does_not_have) {
    initialize("2025-11-25");
    EXPECT_EQ(code(ask(request("resources/list"))), -32601);
    EXPECT_EQ(code(ask(request("tools/call", {{"name", "rm"}}))), -32602);
    EXPECT_EQ(code(ask(request("tools/call"))), -32602);
    EXPECT_EQ(code(ask(request("tools/call", {{"name", "look"}, {"arguments", Json::array({1})}}))), -32602);
    EXPECT_EQ(code(ask(request("tools/list", {{"cursor", "x"}}))), -32602);
}

TEST_F(McpServing, refuses_what_is_no_request_and_names_the_id_where_there_is_one) {
    initialize("2025-11-25");
    const std::vector<std::pair<std::string, int>> broken = {
        {"{", -32700},
        {"\xff", -32700},
        {"nonsense", -32700},
        {"7", -32600},
        {R"({"id": 1, "method": "ping"})", -32600},
        {R"({"jsonrpc": "1.0", "id": 1, "method": "ping"})", -32600},
        {R"({"jsonrpc": "2.0", "id": null, "method": "ping"})", -32600},
        {R"({"jsonrpc": "2.0", "id": 1.5, "method": "ping"})", -32600},
        {R"({"jsonrpc": "2.0", "id": [1], "method": "ping"})", -32600},
        {R"({"jsonrpc": "2.0", "id": 1, "method": 7})", -32600},
        {R"({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": [1]})", -32602}};
    for (const auto& [message, expected] : broken)
        EXPECT_EQ(code(Json::parse(server.answer(message))), expected) << message;
    EXPECT_EQ(Json::parse(server.answer(R"({"jsonrpc": "1.0", "id": 9, "method": "x"})"))["id"], 9);
    EXPECT_TRUE(Json::parse(server.answer("{"))["id"].is_null());
}

TEST_F(McpServing, says_nothing_to_notifications_answers_and_empty_lines) {
    for (const char* message :
         {R"({"jsonrpc": "2.0", "method": "notifications/initialized"})",
          R"({"jsonrpc": "2.0", "method": "nobody/knows", "params": {"a": 1}})",
          R"({"jsonrpc": "2.0", "id": 1, "result": {}})",
          R"({"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": "x"}})", "", " \t\r"}) {
        EXPECT_THAT(server.answer(message), IsEmpty()) << message;
    }
}

TEST_F(McpServing, takes_batches_in_the_one_version_that_has_them) {
    initialize("2025-03-26");
    const Json answers = ask({request("ping", Json::object(), 1),
                              {{"jsonrpc", "2.0"}, {"method", "notifications/x"}},
                              request("nothing", Json::object(), 2)});
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(answers[0]["id"], 1);
    EXPECT_EQ(code(answers[1]), -32601);
    EXPECT_EQ(code(ask(Json::array())), -32600);
    EXPECT_EQ(code(ask(Json(std::vector<Json>(51, request("ping"))))), -32600) << "a batch without an end";
    EXPECT_EQ(code(ask(Json::array({request("initialize", {{"protocolVersion", "2025-03-26"}})}))[0]),
              -32600);
    EXPECT_THAT(server.answer(R"([{"jsonrpc": "2.0", "method": "notifications/x"}])"), IsEmpty());
    McpServer newer(tool, "1");
    (void)newer.answer(request("initialize", {{"protocolVersion", "2025-06-18"}}).dump());
    EXPECT_EQ(code(Json::parse(newer.answer(Json::array({request("ping")}).dump()))), -32600);
}

TEST_F(McpServing, serves_requests_that_name_their_version_themselves) {
    const Json found = ask(request("server/discover", without_handshake(Json::object())))["result"];
    EXPECT_EQ(found["supportedVersions"][0], "2026-07-28");
    EXPECT_EQ(found["resultType"], "complete");
    EXPECT_EQ(found["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "ratchet");
    const Json list = ask(request("tools/list", without_handshake(Json::object())))["result"];
    EXPECT_EQ(list["tools"].size(), 1U);
    EXPECT_TRUE(list["ttlMs"].is_number_integer() && list["cacheScope"].is_string());
    const Json called = ask(request("tools/call", without_handshake({{"name", "look"}})))["result"];
    EXPECT_EQ(called["structuredContent"]["seen"], true);
    EXPECT_EQ(called["resultType"], "complete");
}

TEST_F(McpServing, refuses_such_requests_where_they_do_not_say_enough) {
    const Json other = ask(request("tools/list", without_handshake(Json::object(), "1900-01-01")));
    EXPECT_EQ(code(other), -32022);
    EXPECT_EQ(other["error"]["data"]["supported"][0], "2026-07-28");
    EXPECT_EQ(other["error"]["data"]["requested"], "1900-01-01");
    EXPECT_EQ(code(ask(request("server/discover"))), -32602);
    Json half = without_handshake(Json::object());
    half["_meta"].erase("io.modelcontextprotocol/clientCapabilities");
    EXPECT_EQ(code(ask(request("tools/list", half))), -32602);
    EXPECT_EQ(code(ask(request("ping", without_handshake(Json::object())))), -32601) << "it has none";
}

TEST_F(McpServing, bears_messages_that_are_long_or_deep) {
    std::istringstream in(std::string(McpServer::longest_message + 7, 'x') + "\n" +
                          std::string(100'000, '[') + "\n" + request("ping").dump() + "\n");
    std::ostringstream out;
    serve(server, in, out);
    std::istringstream lines(out.str());
    std::vector<Json> answers;
    for (std::string line; std::getline(lines, line);)
        answers.push_back(Json::parse(line));
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(code(answers[0]), -32600);
    EXPECT_EQ(code(answers[1]), -32600);
    EXPECT_EQ(answers[2]["result"], Json::object()) << "it goes on behind them";
}

TEST_F(McpServing, answers_a_last_line_without_its_end_and_then_ends) {
    std::istringstream in(request("ping").dump());
    std::ostringstream out;
    serve(server, in, out);
    EXPECT_THAT(out.str(), HasSubstr("\"result\":{}"));
}

TEST_F(McpServing, keeps_each_answer_on_one_line_of_ASCII) {
    initialize("2025-11-25");
    const std::string answer =
        server.answer(request("tools/call", {{"name", "l\n\u202e"}}, "i\n\u2028").dump());
    EXPECT_EQ(answer.find('\n'), std::string::npos);
    for (const char c : answer)
        EXPECT_LT(static_cast<unsigned char>(c), 0x80);
}

}  // namespace
}  // namespace ratchet
