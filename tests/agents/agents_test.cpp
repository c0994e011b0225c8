// The real coding agents (scripts/lib/agents.sh installs them), each in a whole small campaign: through the
// sandbox, through the gateway, against a model server that does what a script says.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"
#include "tests/support/model_server.hpp"

namespace ratchet::test {
namespace {

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* key = "the-true-key-of-this-test";
constexpr const char* key_variable = "RATCHET_TEST_KEY";

/// A turn in which the model runs this in a shell.
json runs(const std::string& command) {
    json call;
    call["role"] = "shell";
    call["command"] = command;
    json turn;
    turn["calls"] = json::array({std::move(call)});
    turn["usage"] = json::parse(R"({"input": 5000, "cached": 1000, "output": 40, "reasoning": 10})");
    return turn;
}

/// The last one.
json ends(const std::string& words) {
    json turn;
    turn["text"] = words;
    turn["usage"] = json::parse(R"({"input": 7000, "cached": 6000, "output": 80})");
    return turn;
}

json turns(std::vector<json> all) {
    json script;
    script["turns"] = std::move(all);
    return script;
}

class RealAgent : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        programs = std::getenv("RATCHET_TEST_AGENTS") == nullptr ? "" : std::getenv("RATCHET_TEST_AGENTS");
        if (programs.empty() && name() != "api")
            GTEST_SKIP() << "SKIPPED: scripts/test installs the agents from npm";
    }

    /// "api/anthropic" is `api` with this protocol.
    [[nodiscard]] static std::string name() {
        return std::string(GetParam()).substr(0, std::string(GetParam()).find('/'));
    }

    /// How the campaign file names the agent, and leads it to the server.
    [[nodiscard]] std::string proposer() const {
        const std::size_t slash = std::string(GetParam()).find('/');
        const std::string protocol =
            slash == std::string::npos ? "" : fmt::format("protocol = \"{}\"\n", GetParam() + slash + 1);
        return fmt::format(
            "use = \"{}\"\nmodel = \"scripted-1\"\ngateway = \"on\"\nendpoint = \"{}\"\nkey = \"{}\"\n{}",
            name(), server->url(), key_variable, protocol);
    }

    /// One run of a campaign of so many experiments against a server with this script.
    Ended campaign(const json& script, int experiments, const std::string& settings = {}) {
        server = std::make_unique<ModelServer>(toy.root() / "proposals/server", script);
        toy.configure("use = \"replay\"\npatches = \"proposals\"",
                      proposer() + "backoff = \"1ms\"\n" + settings);
        toy.configure("experiments = 100", fmt::format("experiments = {}", experiments));
        return ratchet(toy.folder(), {"run", "--no-verify"}, environment());
    }

    [[nodiscard]] std::vector<std::string> environment() const {
        return {"PATH=" + programs + ":/usr/local/bin:/usr/bin:/bin", std::string(key_variable) + "=" + key};
    }

    [[nodiscard]] std::vector<Experiment> experiments() const {
        const StillClock clock;
        const Ledger ledger(toy.ledger(), clock, Ledger::Mode::read_only);
        std::vector<Experiment> all;
        for (std::int64_t number = 1; number <= ledger.experiment_count(); ++number)
            all.push_back(*ledger.experiment({number}));
        return all;
    }

    std::string programs;
    ToyCampaign toy;
    std::unique_ptr<ModelServer> server;
};

TEST_P(RealAgent, lands_its_edits_in_a_campaign_and_is_counted_to_the_token) {
    // Each experiment finds its HOME empty, and nothing of the key.
    // (The key stands in two parts: this text itself is in the agent's own files.)
    const json script =
        turns({runs("test -e ~/.left && echo leaked >> src/build.txt; touch ~/.left; grep -rqs "
                    "'the-true''-key-of-this-test' /proc/*/environ /home /tmp /run . && "
                    "echo key >> src/build.txt; true"),
               runs("awk '{print $1 - 100}' src/cost.txt > /tmp/cost && cp /tmp/cost src/cost.txt"),
               ends("Cheaper.")});
    const Ended run = campaign(script, 2);
    EXPECT_EQ(run.status, 0) << run.errors << run.output;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAre("kept", "kept")) << run.output;

    const auto served = server->requests();
    std::int64_t input = 0;
    std::int64_t output = 0;
    for (const ServedRequest& request : served) {
        EXPECT_EQ(request.answer, "turn");
        EXPECT_EQ(request.model, "scripted-1");
        EXPECT_THAT(request.key, AnyOf(key, std::string("Bearer ") + key));
        input += request.input_tokens;
        output += request.output_tokens;
    }
    Usage usage;
    for (const Experiment& experiment : experiments()) {
        EXPECT_EQ(experiment.proposal->failure, "");
        usage.requests += experiment.proposal->usage.requests;
        usage.input_tokens += experiment.proposal->usage.input_tokens;
        usage.output_tokens += experiment.proposal->usage.output_tokens;
    }
    EXPECT_EQ(usage.requests, static_cast<std::int64_t>(served.size()));
    EXPECT_EQ(usage.input_tokens, input);
    EXPECT_EQ(usage.output_tokens, output);
    EXPECT_EQ(served.size(), 6U);
}

/// A conversation for each experiment in which the server does only this.
json script_of(const json& faults) {
    json script;
    for (std::size_t place = 0; place < faults.size(); ++place) {
        json conversation;
        conversation["when"] = fmt::format("# Experiment #{} of", place + 1);
        conversation["turns"] = json::array({faults[place]});
        conversation["turns"][0]["times"] = 0;
        // Some take half an answer for a turn, and go on from there.
        conversation["turns"][0]["loop"] = true;
        script["conversations"].push_back(std::move(conversation));
    }
    return script;
}

TEST_P(RealAgent, fails_in_time_whatever_the_server_does) {
    const json faults = json::parse(R"([
        {"fault": "status", "status": 429, "retry_after": 1},
        {"fault": "status", "status": 529},
        {"fault": "not-json"},
        {"fault": "cut", "text": "Half of what I wanted to say"},
        {"fault": "stall", "text": "Half of what I wanted to say"},
        {"fault": "closed"},
        {"fault": "silence"}
    ])");
    // Long enough for each to begin and to ask, beside others: opencode takes four seconds of a processor.
    const int limit = name() == "api" ? 3 : name() == "opencode" ? 12 : 8;
    const Ended run =
        campaign(script_of(faults), static_cast<int>(faults.size()), fmt::format("timeout = \"{}s\"", limit));
    EXPECT_EQ(run.status, 0) << run.errors << run.output;
    const auto all = experiments();
    ASSERT_EQ(all.size(), faults.size()) << run.output;
    for (const Experiment& experiment : all) {
        SCOPED_TRACE(faults[static_cast<std::size_t>(experiment.brief.id.value - 1)].dump());
        EXPECT_EQ(word_of(experiment), "no-proposal");
        EXPECT_THAT(experiment.proposal->failure, Not(IsEmpty()));
        EXPECT_LT(experiment.proposal->usage.wall_seconds, 30) << "the limit, and what a slow machine adds";
    }
}

TEST_P(RealAgent, tells_why_the_server_refused) {
    const json faults = json::parse(R"([
        {"fault": "status", "status": 401, "message": "invalid key, says the server"},
        {"fault": "status", "status": 500}
    ])");
    // Whoever tries again is cut off then; and everybody has asked, on however slow a machine.
    const Ended run = campaign(script_of(faults), static_cast<int>(faults.size()), "timeout = \"40s\"");
    EXPECT_EQ(run.status, 0) << run.errors << run.output;
    const auto all = experiments();
    ASSERT_EQ(all.size(), faults.size()) << run.output;
    for (const Experiment& experiment : all)
        EXPECT_EQ(word_of(experiment), "no-proposal");
    EXPECT_THAT(all[0].proposal->failure, HasSubstr("401"));
    EXPECT_THAT(all[1].proposal->failure, HasSubstr("500"));
}

TEST_P(RealAgent, is_cut_at_the_budget_of_a_proposal_where_the_model_calls_tools_for_ever) {
    json again = runs("date >> src/cost.txt");
    again["loop"] = true;
    const json script = turns({std::move(again)});
    const Ended run = campaign(script, 1, "max_requests = 4\ntimeout = \"60s\"");
    EXPECT_EQ(run.status, 0) << run.errors << run.output;
    EXPECT_EQ(server->requests().size(), 4U);
    ASSERT_EQ(experiments().size(), 1U);
    EXPECT_EQ(experiments()[0].proposal->usage.requests, 4);
}

TEST_P(RealAgent, passes_the_trial_of_ratchet_check) {
    const json script = turns({runs("echo ratchet > ratchet_trial.txt"), ends("Done.")});
    server = std::make_unique<ModelServer>(toy.root() / "proposals/server", script);
    toy.configure("use = \"replay\"\npatches = \"proposals\"", proposer());
    const Ended check = ratchet(toy.folder(), {"check", "--agent"}, environment());
    EXPECT_EQ(check.status, 0) << check.output << check.errors;
    EXPECT_THAT(check.output,
                HasSubstr(fmt::format("ok   agent          {} made the edit that it was asked for", name())));
    EXPECT_THAT(check.output, HasSubstr("it used 2 requests, 12000 input and 120 output tokens"));
}

INSTANTIATE_TEST_SUITE_P(OwnAgent, RealAgent,
                         ::testing::Values("api", "api/openai-responses", "api/anthropic"),
                         [](const auto& agent) {
                             std::string words = agent.param;
                             std::replace_if(
                                 words.begin(), words.end(), [](char c) { return c == '/' || c == '-'; },
                                 '_');
                             return words;
                         });
INSTANTIATE_TEST_SUITE_P(Agents, RealAgent,
                         ::testing::Values("opencode", "qwen", "gemini", "pi", "claude", "codex"),
                         [](const auto& agent) { return std::string(agent.param); });

}  // namespace
}  // namespace ratchet::test
