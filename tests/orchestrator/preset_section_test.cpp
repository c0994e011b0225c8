// [preset.NAME] and proposer.use = "an agent".

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "experiment_store/errors.hpp"
#include "orchestrator/campaign_file.hpp"
#include "orchestrator/proposers/presets.hpp"

namespace ratchet {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

Campaign campaign_with(const std::string& proposer) {
    return read_campaign(
        "[campaign]\nname = \"x\"\ngoal = \"Go.\"\n[benchmark]\ncommand = \"b\"\nmetric = \"m\"\n" + proposer,
        "ratchet.toml");
}

std::string refusal_of(const std::string& proposer) {
    try {
        campaign_with(proposer);
    } catch (const UserError& error) {
        return error.what();
    }
    return "accepted";
}

const AgentPreset& preset_of(const Campaign& campaign, const std::string& name) {
    return *find_preset(campaign.presets, name);
}

TEST(PresetSection, NeedsNothingToBeDeclaredForTheWellKnownAgents) {
    for (const char* agent : {"aider", "claude", "codex", "gemini", "opencode", "pi", "qwen"}) {
        const Campaign campaign =
            campaign_with(std::string("[proposer]\nuse = \"") + agent + "\"\nmodel = \"m-1\"\n");
        EXPECT_EQ(campaign.proposer.use, agent);
        EXPECT_EQ(campaign.proposer.model, "m-1");
        EXPECT_EQ(preset_of(campaign, agent), *find_preset(built_in_presets(), agent));
    }
}

TEST(PresetSection, ChangesWhatItNamesAndKeepsTheRest) {
    const Campaign campaign = campaign_with(
        "[proposer]\nuse = \"claude\"\n"
        "[preset.claude]\npath = \"~/bin/claude\"\nenvironment = [\"CLAUDE_CODE_MAX_RETRIES=9\"]\n"
        "read = \"~/.claude/.credentials.json\"\n");
    AgentPreset expected = *find_preset(built_in_presets(), "claude");
    expected.path = "~/bin/claude";
    expected.read = {"~/.claude/.credentials.json"};
    const AgentPreset& changed = preset_of(campaign, "claude");
    EXPECT_EQ(changed.command, expected.command);
    EXPECT_EQ(changed.path, expected.path);
    EXPECT_EQ(changed.read, expected.read);
    EXPECT_THAT(changed.always.environment, Contains("CLAUDE_CODE_MAX_RETRIES=9"));
    EXPECT_THAT(changed.always.environment, Not(Contains("CLAUDE_CODE_MAX_RETRIES=3")));
    EXPECT_THAT(changed.always.environment, Contains("IS_SANDBOX=1"));
}

TEST(PresetSection, AddsAnAgentOfItsOwn) {
    const Campaign campaign = campaign_with(
        "[proposer]\nuse = \"mine\"\nmodel = \"m\"\n"
        "[preset.mine]\nprogram = \"mine\"\ncommand = 'mine --quiet -m \"$RATCHET_MODEL\"'\n"
        "files = { \".mine/settings.json\" = '{\"a\": 1}' }\n"
        "gateway_environment = [\"MINE_URL=$RATCHET_GATEWAY\"]\nreporting = \"claude\"\n"
        "[preset.other]\nlike = \"mine\"\npath = \"/opt/other\"\n");
    const AgentPreset& mine = preset_of(campaign, "mine");
    EXPECT_EQ(mine.program, "mine");
    EXPECT_EQ(mine.always.files, (std::vector<AgentFile>{{".mine/settings.json", "{\"a\": 1}"}}));
    EXPECT_EQ(mine.gateway.environment, std::vector<std::string>{"MINE_URL=$RATCHET_GATEWAY"});
    EXPECT_EQ(mine.reporting, AgentReporting::claude);
    AgentPreset expected = mine;
    expected.name = "other";
    expected.path = "/opt/other";
    EXPECT_EQ(preset_of(campaign, "other"), expected);
}

TEST(PresetSection, RefusesWhatCannotBeMeant) {
    const std::string use = "[proposer]\nuse = \"claude\"\n";
    EXPECT_THAT(refusal_of("[proposer]\nuse = \"clude\"\n"), HasSubstr("claude"));
    EXPECT_EQ(refusal_of("[proposer]\nuse = \"pi\"\n"),
              "ratchet.toml:7: proposer.model: is missing: \"pi\" is not started without one");
    EXPECT_THAT(refusal_of(use + "model = \"a b\"\n"),
                HasSubstr("proposer.model: \"a b\" is no name of a model"));
    EXPECT_THAT(refusal_of(use + "model = \"-rf\"\n"), HasSubstr("proposer.model"));
    EXPECT_THAT(refusal_of(use + "command = \"claude\"\n"), HasSubstr("has a command of its own"));
    EXPECT_THAT(refusal_of(use + "[preset.mine]\nprogram = \"x\"\n"),
                HasSubstr("preset.mine.command: is missing"));
    EXPECT_THAT(refusal_of(use + "[preset.mine]\ncommand = \"x\"\n"),
                HasSubstr("preset.mine.program: is missing"));
    EXPECT_THAT(refusal_of(use + "[preset.tune]\nlike = \"claude\"\n"), HasSubstr("cannot name a preset"));
    EXPECT_THAT(refusal_of(use + "[preset.x]\nlike = \"y\"\n"),
                HasSubstr("preset.x.like: there is no preset \"y\""));
    EXPECT_THAT(refusal_of(use + "[preset.claude]\npath = \"bin/claude\"\n"), HasSubstr("must be absolute"));
    EXPECT_THAT(refusal_of(use + "[preset.claude]\nprogram = \"/bin/claude\"\n"), HasSubstr("is no name"));
    EXPECT_THAT(refusal_of(use + "[preset.claude]\nenvironment = [\"A B=1\"]\n"), HasSubstr("NAME=VALUE"));
    EXPECT_THAT(refusal_of(use + "[preset.claude]\nfiles = { \"../x\" = \"\" }\n"), HasSubstr("\"..\""));
    EXPECT_THAT(refusal_of(use + "[preset.claude]\nread = \"~\"\n"), HasSubstr("preset.claude.read"));
    EXPECT_THAT(refusal_of(use + "[preset.claude]\nreporting = \"prose\"\n"),
                HasSubstr("preset.claude.reporting"));
    EXPECT_THAT(refusal_of(use + "[preset]\nclaude = 3\n"), HasSubstr("is no table"));
}

}  // namespace
}  // namespace ratchet
