// `ratchet mcp`, the real program through pipes and, where they are installed, with the official clients.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

namespace ratchet::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class McpProgram : public ::testing::Test {
  protected:
    McpProgram() {
        toy.propose({{"better", toy.cost_patch(1000, 900), "kept"},
                     {"worse", toy.cost_patch(900, 950), "regressed"}});
        const Ended run = ratchet(toy.folder(), {"run", "--no-verify"});
        EXPECT_EQ(run.status, 0) << run.errors;
    }

    /// What the program answers to these lines, on a pipe, until its input ends.
    std::vector<json> answers_to(const std::string& lines) {
        toy.write("proposals/messages", lines);
        std::istringstream output(shell(toy.folder(), "cat proposals/messages | " RATCHET_PROGRAM " mcp"));
        std::vector<json> answers;
        for (std::string line; std::getline(output, line);)
            answers.push_back(json::parse(line));
        return answers;
    }

    ToyCampaign toy;
};

TEST_F(McpProgram, answers_on_its_output_and_ends_with_its_input) {
    const auto answers = answers_to(
        R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}})"
        "\n"
        R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
        "\n"
        R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"search_experiments","arguments":{"query":"better"}}})"
        "\nnonsense\n"
        R"({"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"map"}})");
    ASSERT_EQ(answers.size(), 4U);
    EXPECT_EQ(answers[0]["result"]["protocolVersion"], "2025-06-18");
    EXPECT_EQ(answers[1]["result"]["structuredContent"]["experiments"][0]["verdict"], "kept");
    EXPECT_EQ(answers[2]["error"]["code"], -32700);
    EXPECT_THAT(answers[3]["result"]["structuredContent"]["untouched"].dump(), HasSubstr("src/gate.txt"));
}

TEST_F(McpProgram, ends_at_once_where_its_input_is_empty) {
    EXPECT_THAT(answers_to(""), IsEmpty());
}

TEST_F(McpProgram, serves_the_official_clients) {
    const char* modules = std::getenv("RATCHET_MCP_CLIENT");
    if (modules == nullptr) GTEST_SKIP() << "SKIPPED: scripts/test installs the clients from npm";
    std::istringstream output(
        shell(toy.folder(), fmt::format("RATCHET_MCP_CLIENT='{}' node " RATCHET_SOURCE
                                        "/tests/end_to_end/mcp_client/client.mjs " RATCHET_PROGRAM " . 2>&1",
                                        modules)));
    int clients = 0;
    for (std::string line; std::getline(output, line); ++clients) {
        SCOPED_TRACE(line);
        const json seen = json::parse(line);
        EXPECT_EQ(seen["server"], "ratchet");
        EXPECT_EQ(seen["tools"], json({"search_experiments", "show_experiment", "best_so_far", "map"}));
        EXPECT_EQ(seen["found"], 2);
        EXPECT_EQ(seen["shown"], 1);
        EXPECT_EQ(seen["champion"], 1);
        EXPECT_EQ(seen["files"], 1);
        EXPECT_EQ(seen["unknown"], -32602);
        EXPECT_EQ(seen["wrong"], true) << "the model is told";
    }
    EXPECT_GE(clients, 1);
}

}  // namespace
}  // namespace ratchet::test
