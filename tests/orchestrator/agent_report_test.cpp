// What real agents printed (tests/data/agents/README.md says how it was recorded), read back.

#include "orchestrator/proposers/agent_report.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/bytes_of_file.hpp"

namespace ratchet {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct RecordedAgent {
    AgentReporting reporting;
    std::int64_t requests;  ///< as far as it can be seen
};

const std::vector<RecordedAgent> agents = {{AgentReporting::claude, 3}, {AgentReporting::codex, 0},
                                           {AgentReporting::gemini, 3}, {AgentReporting::opencode, 3},
                                           {AgentReporting::pi, 3},     {AgentReporting::qwen, 3}};

std::filesystem::path recorded(AgentReporting reporting, const std::string& name) {
    return std::filesystem::path(RATCHET_SOURCE) / "tests/data/agents" /
           fmt::format("{}-{}", name_of(reporting), name);
}

AgentReport report_on(AgentReporting reporting, const std::string& name) {
    const auto errors = recorded(reporting, name + ".errors");
    return read_agent_report(reporting, test::bytes_of_file(recorded(reporting, name + ".txt")),
                             std::filesystem::exists(errors) ? test::bytes_of_file(errors) : "");
}

TEST(AgentReport, CountsEveryTokenOfARunThatEndedWell) {
    for (const RecordedAgent& agent : agents) {
        SCOPED_TRACE(name_of(agent.reporting));
        const AgentReport report = report_on(agent.reporting, "edit");
        EXPECT_TRUE(report.understood);
        EXPECT_TRUE(report.finished);
        EXPECT_EQ(report.failure, "");
        EXPECT_EQ(report.usage.input_tokens, 18000);
        EXPECT_EQ(report.usage.output_tokens, 180);
        EXPECT_EQ(report.usage.requests, agent.requests);
    }
}

TEST(AgentReport, HasTheCostWhereTheAgentKnowsIt) {
    EXPECT_NEAR(report_on(AgentReporting::claude, "edit").usage.cost.value_or(0), 0.0243, 1e-9);
    EXPECT_EQ(report_on(AgentReporting::opencode, "edit").usage.cost, std::nullopt) << "0 is not known";
    EXPECT_EQ(report_on(AgentReporting::pi, "edit").usage.cost, std::nullopt);
}

TEST(AgentReport, KnowsAFailureByItsWordsWhateverTheExitStatus) {
    for (const RecordedAgent& agent : agents) {
        SCOPED_TRACE(name_of(agent.reporting));
        const AgentReport report = report_on(agent.reporting, "401");
        EXPECT_THAT(report.failure,
                    AnyOf(HasSubstr("401"), HasSubstr("x-api-key"), HasSubstr("Invalid API key")));
        EXPECT_EQ(report.usage.output_tokens, 0);
        EXPECT_EQ(report.usage.requests, 0);
    }
    for (const AgentReporting reporting :
         {AgentReporting::claude, AgentReporting::codex, AgentReporting::gemini}) {
        EXPECT_THAT(report_on(reporting, "529").failure, HasSubstr("529"));
        EXPECT_THAT(report_on(reporting, "cut").failure,
                    AnyOf(HasSubstr("lost"), HasSubstr("disconnected"), HasSubstr("terminated")));
    }
    EXPECT_THAT(report_on(AgentReporting::claude, "notjson").failure, HasSubstr("HTML"));
}

TEST(AgentReport, KnowsAFailureOfAnAgentThatEndsAsIfAllWereWell) {
    EXPECT_EQ(report_on(AgentReporting::pi, "500").failure, "500 the script says 500");
    EXPECT_EQ(report_on(AgentReporting::pi, "cut").failure, "terminated");
    EXPECT_EQ(report_on(AgentReporting::pi, "notjson").failure, "the model answered nothing");
}

TEST(AgentReport, CountsWhatIsThereOfARunThatWasCutShort) {
    for (const RecordedAgent& agent : agents) {
        SCOPED_TRACE(name_of(agent.reporting));
        const std::string whole = test::bytes_of_file(recorded(agent.reporting, "edit.txt"));
        for (std::size_t length = 0; length < whole.size(); length += 97) {
            const AgentReport report = read_agent_report(agent.reporting, whole.substr(0, length), "");
            EXPECT_LE(report.usage.input_tokens, 18000);
            EXPECT_LE(report.usage.output_tokens, 180);
            EXPECT_LE(report.usage.requests, 3);
        }
    }
}

TEST(AgentReport, TakesTheLastLineOfStandardErrorWhereNothingWasReported) {
    const AgentReport report =
        read_agent_report(AgentReporting::codex, "", "warming up\nerror: unexpected argument '--jsn'\n\n");
    EXPECT_FALSE(report.finished);
    EXPECT_FALSE(report.understood);
    EXPECT_EQ(report.failure, "error: unexpected argument '--jsn'");
}

TEST(AgentReport, PassesOverWhatDoesNotFit) {
    const std::string odd =
        "warning: not "
        "JSON\n[1,2]\n{\"type\":7}\n{\"type\":\"result\",\"usage\":[],\"modelUsage\":{\"m\":3}}\n"
        "{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":-5,\"output_tokens\":1e300}}\n"
        "{\"type\":\"step_finish\",\"part\":{\"tokens\":\"many\",\"cost\":-1}}\n"
        "{\"type\":\"message_end\",\"message\":{\"role\":\"assistant\",\"usage\":null}}\n{\"type\":";
    for (const AgentReporting reporting :
         {AgentReporting::nothing, AgentReporting::claude, AgentReporting::codex, AgentReporting::gemini,
          AgentReporting::opencode, AgentReporting::pi, AgentReporting::qwen}) {
        const AgentReport report = read_agent_report(reporting, odd, "");
        EXPECT_EQ(report.usage.input_tokens, 0);
        EXPECT_EQ(report.usage.output_tokens, 0);
        EXPECT_EQ(report.usage.cost, std::nullopt);
    }
}

TEST(AgentReport, TellsNothingOfAnAgentThatReportsNothing) {
    const AgentReport report = read_agent_report(AgentReporting::nothing, "all done\n", "no warning\n");
    EXPECT_THAT(report.failure, IsEmpty());
    EXPECT_FALSE(report.understood);
}

}  // namespace
}  // namespace ratchet
