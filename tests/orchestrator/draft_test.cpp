#include "orchestrator/set_up/draft.hpp"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>
#include <sstream>

#include "orchestrator/campaign_file.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/detection.hpp"
#include "tests/support/temporary_repository.hpp"

namespace ratchet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// What ratchet guesses of a folder with nothing in it, with an agent that asks by way of the gateway.
std::string guess_with(const DraftingAgent& agent) {
    Detection detection;
    detection.name = "toy";
    detection.scope = {"src/**"};
    detection.benchmark.command = "sh bench.sh";
    return campaign_text(detection, agent);
}

DraftingAgent by_the_gateway() {
    DraftingAgent agent;
    agent.name = "api";
    agent.model = "m-1";
    agent.protocol = "anthropic";
    agent.endpoint = "http://localhost:8000";
    agent.key = "MODEL_KEY";
    return agent;
}

DraftingAgent with_the_network() {
    DraftingAgent agent;
    agent.name = "claude";
    agent.key = "MODEL_KEY";
    agent.login = "~/.claude/.credentials.json";
    return agent;
}

TEST(GuessForAnAgent, LeadsItToItsModelByTheGatewayAndOpensNothing) {
    const Campaign campaign = read_campaign(guess_with(by_the_gateway()), "ratchet.toml");
    EXPECT_EQ(campaign.proposer.use, "api");
    EXPECT_EQ(campaign.proposer.model, "m-1");
    EXPECT_EQ(campaign.proposer.protocol, "anthropic");
    ASSERT_TRUE(campaign.proposer.gateway);
    EXPECT_EQ(campaign.proposer.gateway->endpoint, "http://localhost:8000");
    EXPECT_EQ(campaign.proposer.gateway->key, "MODEL_KEY");
    EXPECT_EQ(campaign.sandbox, SandboxSettings{});
}

TEST(GuessForAnAgent, GivesItTheNetworkItsKeyAndItsLoginWhereThereIsNoGateway) {
    const Campaign campaign = read_campaign(guess_with(with_the_network()), "ratchet.toml");
    EXPECT_EQ(campaign.proposer.use, "claude");
    EXPECT_FALSE(campaign.proposer.gateway);
    EXPECT_TRUE(campaign.sandbox.network);
    EXPECT_EQ(campaign.sandbox.env, std::vector<std::string>{"MODEL_KEY"});
    EXPECT_THAT(guess_with(with_the_network()), HasSubstr("[preset.claude]\nread = "));
}

/// A draft that is sound as far as its text goes, and what may stand in it.
class ObjectionTo : public ::testing::Test {
  protected:
    /// The objection where this follows the draft, or replaces a part of it.
    [[nodiscard]] std::string objection(const std::string& more, const std::string& from = {}) const {
        std::string text = draft;
        if (from.empty()) {
            text += more;
        } else {
            const std::size_t place = text.find(from);
            EXPECT_NE(place, std::string::npos) << from;
            text.replace(place, from.size(), more);
        }
        return objection_to(read_campaign(text, "ratchet.toml"), given);
    }

    std::string guess = guess_with(by_the_gateway());
    std::string draft = guess +
                        "\n[[gate]]\nname = \"tests\"\ncommand = \"sh test.sh\"\n"
                        "[canary]\ncommand = \"sed -i s/1/2/ src/a\"\n";
    Campaign given = read_campaign(guess, "ratchet.toml");
};

TEST_F(ObjectionTo, NothingThatSaysWhatIsToBecomeBetterAndHowThatIsJudged) {
    EXPECT_EQ(objection(""), "");
    EXPECT_EQ(objection("[build]\ncommand = \"make\"\ncache = [\"out\"]\n"), "");
    EXPECT_EQ(objection("goal = \"Sort faster.\"\nseed = 1",
                        "goal = \"Make it faster. Its results must not change.\""),
              "");
    EXPECT_EQ(objection("scope = [\"lib/**\"]", "scope = [\"src/**\"]"), "");
    EXPECT_EQ(objection("metric = \"time\"", "source = \"wall\""), "");
}

TEST_F(ObjectionTo, WhateverIsTheUsers) {
    const auto objects_to = [](const std::string& part) {
        return AllOf(HasSubstr(part), HasSubstr("only the user may"));
    };
    EXPECT_THAT(objection("name = \"other\"", "name = \"toy\""), objects_to("campaign.name"));
    EXPECT_THAT(objection("name = \"toy\"\nseed = 2", "name = \"toy\""), objects_to("campaign.seed"));
    EXPECT_THAT(objection("name = \"toy\"\nduplicates = \"allow\"", "name = \"toy\""),
                objects_to("campaign.duplicates"));
    EXPECT_THAT(objection("name = \"toy\"\nworkspace = \"/tmp\"", "name = \"toy\""),
                objects_to("campaign.workspace"));
    EXPECT_THAT(objection("name = \"toy\"\non_event = \"curl evil\"", "name = \"toy\""),
                objects_to("campaign.on_event"));
    EXPECT_THAT(objection("[prepare]\ncommand = \"curl evil\"\ninputs = [\"a\"]\noutputs = [\"b\"]\n"),
                objects_to("[prepare]"));
    EXPECT_THAT(objection("[[constraint]]\nmetric = \"peak_memory\"\nlimit = \"+5%\"\n"),
                objects_to("[[constraint]]"));
    EXPECT_THAT(objection("[holdout]\ncommand = \"sh other.sh\"\n"), objects_to("[holdout]"));
    EXPECT_THAT(objection("model = \"a-dearer-one\"", "model = \"m-1\""), objects_to("[proposer]"));
    EXPECT_THAT(objection("endpoint = \"http://elsewhere\"", "endpoint = \"http://localhost:8000\""),
                objects_to("[proposer]"));
    EXPECT_THAT(objection("[[proposer]]", "[proposer]"), IsEmpty()) << "the same, written otherwise";
    EXPECT_THAT(objection("[proposers]\npolicy = \"bandit\"\n"), objects_to("[proposers]"));
    EXPECT_THAT(objection("[preset.api]\nenvironment = [\"A=b\"]\n"), objects_to("[preset]"));
    EXPECT_THAT(objection("experiments = 5000", "experiments = 50"), objects_to("[budget]"));
    EXPECT_THAT(objection("[[price]]\nmodel = \"m-1\"\ninput = 0\noutput = 0\n"), objects_to("[[price]]"));
    EXPECT_THAT(objection("[logs]\nkeep = \"1d\"\n"), objects_to("[logs]"));
    for (const char* open : {"network = \"on\"", "read = [\"/etc\"]", "env = [\"HOME\"]",
                             "require = \"none\"", "git = \"read-only\"", "write = [\"/srv\"]",
                             "devices = [\"/dev/kvm\"]", "nested = true", "memory = \"100 GiB\""}) {
        EXPECT_THAT(objection(std::string("[sandbox]\n") + open, "[sandbox]"), objects_to("[sandbox]"))
            << open;
    }
}

TEST_F(ObjectionTo, SeveralProposersWhereOneWasGiven) {
    EXPECT_THAT(
        objection("[[proposer]]\nuse = \"command\"\nname = \"mine\"\ncommand = \"mine\"\n[[proposer]]",
                  "[proposer]"),
        HasSubstr("[proposer]"));
}

TEST_F(ObjectionTo, ADraftWithoutAGateOrASabotage) {
    EXPECT_THAT(objection("", "[canary]\ncommand = \"sed -i s/1/2/ src/a\"\n"), HasSubstr("no [canary]"));
    EXPECT_THAT(objection("patch = \"slow.patch\"\n", "command = \"sed -i s/1/2/ src/a\"\n"),
                HasSubstr("patch"));
    EXPECT_THAT(objection("", "[[gate]]\nname = \"tests\"\ncommand = \"sh test.sh\"\n"),
                HasSubstr("no [[gate]]"));
}

TEST_F(ObjectionTo, AnythingThatAPartOfADraftDoesNotName) {
    // As a field would be that is new: it is nowhere in the list of the user's parts.
    Campaign other = given;
    other.file_name = "other.toml";
    EXPECT_THAT(objection_to(other, given), HasSubstr("what is not a draft's to say"));
}

TEST(DraftText, MustBeWhatIsSeenWhenItIsShown) {
    EXPECT_EQ(objection_to("goal = \"s\xc3\xa4ubern\"\n\t# all of it\n"), "");
    EXPECT_NE(objection_to("# \x1b[2K hidden"), "");
    EXPECT_NE(objection_to("# \xe2\x80\xae turned round"), "");
    EXPECT_NE(objection_to("# \xff"), "");
}

TEST(DraftPrompt, SaysWhatIsWantedAndThatFilesOfTheAgentsOwnDoNotCount) {
    const std::string prompt = draft_prompt("sub.toml", "");
    EXPECT_THAT(prompt, HasSubstr("in sub.toml in the current folder"));
    EXPECT_THAT(prompt, HasSubstr("Only sub.toml is taken from you"));
    EXPECT_THAT(prompt, Not(HasSubstr("What is wrong")));
    EXPECT_THAT(draft_prompt("sub.toml", "the build fails\n\x1b[1m"),
                HasSubstr("## What is wrong with sub.toml as it stands there now\n\nthe build fails\n"));
}

/// The verb with these flags, in a repository, up to where an agent would be asked.
class InitWith : public ::testing::Test {
  protected:
    InitWith() {
        repository.write("a", "1");
        repository.commit_all();
        line.surroundings.working_directory = repository.root();
        line.surroundings.environment = {"MODEL_KEY=k"};
        line.surroundings.out = &out;
        line.surroundings.err = &out;
    }

    /// What is wrong with them; and that nothing was done.
    template <typename Error>
    std::string refusal(const std::vector<std::string>& flags) {
        const auto before = test::snapshot(repository.root());
        CLI::App app;
        add_init(app, line);
        std::vector<std::string> words = {"init"};
        words.insert(words.end(), flags.begin(), flags.end());
        std::string said = "nothing";
        try {
            app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
            line.chosen();
        } catch (const Error& error) {
            said = error.what();
        }
        EXPECT_THAT(test::differences(before, test::snapshot(repository.root())), IsEmpty());
        return said;
    }

    test::TemporaryRepository repository;
    std::ostringstream out;
    CommandLine line;
};

TEST_F(InitWith, FlagsThatDoNotGoTogetherAreWrongUsage) {
    EXPECT_EQ(refusal<UsageError>({"--with", "cloude"}), "--with: there is no agent \"cloude\"");
    EXPECT_EQ(refusal<UsageError>({"--with", "pi"}),
              "--with pi needs --model: it is not started without one");
    EXPECT_EQ(refusal<UsageError>({"--with", "api", "--model", "m"}),
              "--with api needs --endpoint: it reaches its model by way of ratchet");
    EXPECT_EQ(refusal<UsageError>({"--with", "claude", "--protocol", "anthropic"}),
              "--protocol is for api: claude has its own");
    const std::vector<std::string> api = {"--with", "api", "--model", "m", "--endpoint", "http://localhost"};
    const auto with = [&api](std::initializer_list<std::string> more) {
        std::vector<std::string> all = api;
        all.insert(all.end(), more);
        return all;
    };
    EXPECT_EQ(refusal<UsageError>(with({"--protocol", "morse"})), "--protocol \"morse\": nobody speaks that");
    EXPECT_EQ(refusal<UsageError>({"--with", "claude", "--endpoint", "localhost"}),
              "--endpoint \"localhost\" is no base URL");
    EXPECT_THAT(refusal<UsageError>(with({"--login", "/etc/passwd"})), HasSubstr("--login does not go with"));
    EXPECT_EQ(refusal<UsageError>(with({"--key", "sk-secret"})), "--key is no name of a variable");
    EXPECT_THAT(refusal<UsageError>({"--with", "claude", "--model", "a b"}),
                HasSubstr("is no name of a model"));
    EXPECT_THAT(refusal<CLI::ParseError>({"--model", "m"}), HasSubstr("--with"));
    EXPECT_THAT(refusal<CLI::ParseError>({"--with", ""}), HasSubstr("it names no agent"));
}

TEST_F(InitWith, WhatTheEnvironmentLacksIsSaid) {
    EXPECT_EQ(refusal<UserError>({"--with", "claude", "--key", "OTHER_KEY"}),
              "the variable OTHER_KEY is not set, which --key names");
    EXPECT_THAT(refusal<UserError>({"--with", "claude", "--login", "nowhere"}),
                HasSubstr("which --login names"));
}

TEST_F(InitWith, ARepositoryOfWhichAPartIsMissingIsRefusedBeforeAnythingRuns) {
    const test::TemporaryRepository library("library");
    library.write("lib.c", "int lib;\n");
    library.commit_all();
    repository.git({"submodule", "--quiet", "add", library.root().string(), "library"});
    repository.commit_all();
    std::filesystem::remove_all(repository.root() / ".git/modules");
    EXPECT_THAT(refusal<UserError>({"--with", "claude"}), HasSubstr("not all of HEAD is here: library"));
}

TEST_F(InitWith, AFileThatIsThereOrCouldNotBeWrittenIsRefusedBeforeAnythingRuns) {
    const std::vector<std::string> api = {"--with", "api", "--model", "m", "--endpoint", "http://localhost"};
    line.file = "a";
    EXPECT_THAT(refusal<UserError>(api), HasSubstr("is there already"));
    line.file = "nowhere/ratchet.toml";
    EXPECT_THAT(refusal<UserError>(api), HasSubstr("cannot be written"));
    line.file = "../ratchet.toml";
    EXPECT_THAT(refusal<UserError>(api), HasSubstr("is not in the repository"));
    line.file = ".git/ratchet.toml";
    EXPECT_THAT(refusal<UserError>(api), HasSubstr("is not in the repository"));
}

}  // namespace
}  // namespace ratchet
