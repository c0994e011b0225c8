// `ratchet init --with`: the real program, ratchet's own agent in the sandbox, a model server that does what
// a script says, and a repository that nobody wrote a campaign file for.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

#include "orchestrator/campaign_file.hpp"
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"
#include "tests/support/model_server.hpp"
#include "tests/support/temporary_repository.hpp"

namespace ratchet::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// What a model does, each a shell command in the folder of the campaign file.
constexpr const char* sets_the_benchmark =
    R"(sed -i -e 's/^source = "wall"/metric = "cost"/' -e "s/^command = \"echo 'set bench.*/command = \"sh src\/bench.sh\"/" ratchet.toml; )";
constexpr const char* adds_gate_and_canary =
    R"(printf '\n[[gate]]\nname = "rules"\ncommand = "grep -q fair guarded/rules.txt"\n[canary]\ncommand = "echo 5000 > src/cost.txt"\n' >> ratchet.toml; )";
constexpr const char* adds_a_build =
    R"(printf '[build]\ncommand = "test \\"$(cat src/build.txt)\\" = ok"\n' >> ratchet.toml; )";
constexpr const char* adds_a_build_that_fails =
    R"(printf '[build]\ncommand = "echo cannot be built >&2; exit 3"\n' >> ratchet.toml; )";
constexpr const char* mends_the_build =
    R"(sed -i 's/^command = "echo cannot.*/command = "true"/' ratchet.toml; )";
constexpr const char* opens_the_sandbox =
    R"(sed -i 's/^\[sandbox\]/[sandbox]\nnetwork = "on"/' ratchet.toml; )";
constexpr const char* closes_the_sandbox = R"(sed -i '/^network = /d' ratchet.toml; )";

/// A conversation in which the model runs this, and says that it is done; where `when` stands in the prompt.
json conversation(const std::string& when, const std::string& command) {
    json call;
    call["role"] = "shell";
    call["command"] = command;
    json turn;
    turn["calls"] = json::array({std::move(call)});
    json end;
    end["text"] = "Done.";
    json all;
    all["when"] = when;
    all["turns"] = json::array({std::move(turn), std::move(end)});
    return all;
}

class InitWithAnAgent : public ::testing::Test {
  protected:
    InitWithAnAgent() {
        shell(toy.root(), "git rm -q ratchet.toml && git commit -qm 'No campaign file'");
        before = test::snapshot(toy.root());
    }

    void serve_conversations(const std::vector<json>& conversations) {
        json script;
        script["conversations"] = conversations;
        serve(script);
    }
    void serve(const json& script) {
        server.reset();
        server =
            std::make_unique<ModelServer>(elsewhere.path() / fmt::format("server-{}", ++servers), script);
    }
    [[nodiscard]] std::vector<std::string> arguments(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> all = {"init",       "--with",      "api",   "--model", "m-1",
                                        "--endpoint", server->url(), "--key", "TEST_KEY"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    [[nodiscard]] Ended init(const std::vector<std::string>& more = {}) const {
        return ratchet(toy.folder(), arguments(more), {"TEST_KEY=the-key"});
    }
    /// What is not as it was in the user's repository, .git and all.
    [[nodiscard]] std::vector<std::string> changed() const {
        return test::differences(before, test::snapshot(toy.root()));
    }
    [[nodiscard]] Campaign written() const { return read_campaign(toy.read("ratchet.toml"), "ratchet.toml"); }

    ToyCampaign toy;
    test::TemporaryFolder elsewhere;
    std::map<std::string, std::string> before;
    std::unique_ptr<ModelServer> server;
    int servers = 0;
};

TEST_F(InitWithAnAgent, a_sound_draft_is_shown_and_written_and_nothing_else) {
    serve_conversations({conversation("Draft a campaign file",
                                      std::string(sets_the_benchmark) + adds_gate_and_canary + adds_a_build +
                                          "echo litter > litter; mkdir more; echo 1 > more/file")});
    const Ended run = init();
    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(changed(), ElementsAre("new: ratchet.toml"));
    EXPECT_EQ(written().benchmark.command, "sh src/bench.sh");
    EXPECT_EQ(written().gates.size(), 1U);
    EXPECT_EQ(written().proposer.use, "api");
    EXPECT_FALSE(written().sandbox.network);
    EXPECT_THAT(run.output,
                AllOf(HasSubstr("[canary]"), HasSubstr("ok   build, gates"), HasSubstr("ok   canary"),
                      HasSubstr("the drafts took 2 requests"), HasSubstr("wrote ")));
    EXPECT_THAT(run.output + toy.read("ratchet.toml"), Not(HasSubstr("the-key")));
    EXPECT_THAT(processes_with(toy.root()), IsEmpty());

    // And it is a campaign.
    const Ended check = ratchet(toy.folder(), {"check"}, {"TEST_KEY=the-key"});
    EXPECT_EQ(check.status, 0) << check.output << check.errors;
}

TEST_F(InitWithAnAgent, a_draft_that_opens_the_sandbox_is_not_run_and_given_back) {
    serve_conversations(
        {conversation("which only the user may", closes_the_sandbox),
         conversation("Draft a campaign file",
                      std::string(sets_the_benchmark) + adds_gate_and_canary + opens_the_sandbox)});
    const Ended run = init();
    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(run.output,
                HasSubstr("draft 1 is not sound: the draft changes [sandbox], which only the user may"));
    EXPECT_FALSE(written().sandbox.network);
    EXPECT_THAT(changed(), ElementsAre("new: ratchet.toml"));
    EXPECT_EQ(server->requests().size(), 4U);
}

TEST_F(InitWithAnAgent, a_draft_whose_build_fails_is_given_back_and_the_second_is_taken) {
    serve_conversations(
        {conversation("cannot be built", mends_the_build),
         conversation("Draft a campaign file",
                      std::string(sets_the_benchmark) + adds_gate_and_canary + adds_a_build_that_fails)});
    const Ended run = init({"--json"});
    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_EQ(written().build.command, "true");
    EXPECT_THAT(changed(), ElementsAre("new: ratchet.toml"));
    const std::string last = run.output.substr(run.output.rfind('\n', run.output.size() - 2) + 1);
    const json answer = json::parse(last);
    EXPECT_EQ(answer["file"], (toy.root() / "ratchet.toml").string());
    EXPECT_EQ(answer["draft"], toy.read("ratchet.toml"));
    EXPECT_TRUE(answer["problem"].is_null());
    EXPECT_EQ(answer["usage"]["requests"], 4);
    EXPECT_FALSE(answer["findings"].empty());
}

TEST_F(InitWithAnAgent, a_benchmark_that_is_a_new_file_is_not_there_when_the_draft_is_tried) {
    serve_conversations(
        {conversation("", std::string(sets_the_benchmark) + adds_gate_and_canary +
                              "sed -i 's/src.bench.sh/own.sh/' ratchet.toml; cp src/bench.sh own.sh")});
    const Ended run = init();
    EXPECT_EQ(run.status, 1) << run.output;
    EXPECT_THAT(run.output, HasSubstr("own.sh"));
    EXPECT_THAT(changed(), IsEmpty());
}

TEST_F(InitWithAnAgent, three_drafts_that_are_not_sound_end_with_a_sentence_and_nothing_written) {
    serve_conversations({conversation("", "echo '# still thinking' >> ratchet.toml")});
    const Ended run = init();
    EXPECT_EQ(run.status, 1) << run.output;
    EXPECT_THAT(run.output, AllOf(HasSubstr("draft 1 is not sound"), HasSubstr("draft 3 is not sound"),
                                  HasSubstr("# still thinking\n# still thinking\n# still thinking\n")));
    EXPECT_THAT(run.errors, HasSubstr("none of 3 drafts is sound, and "));
    EXPECT_THAT(run.errors, HasSubstr("ratchet.toml is not written"));
    EXPECT_THAT(changed(), IsEmpty());
    EXPECT_EQ(server->requests().size(), 6U);
}

TEST_F(InitWithAnAgent, a_draft_that_is_no_file_any_more_is_not_followed) {
    serve_conversations(
        {conversation("is no file any more", std::string(sets_the_benchmark) + adds_gate_and_canary),
         conversation("", "rm ratchet.toml; ln -s /etc/passwd ratchet.toml")});
    const Ended run = init();
    EXPECT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(run.output, Not(HasSubstr("root:")));
    EXPECT_THAT(changed(), ElementsAre("new: ratchet.toml"));
}

TEST_F(InitWithAnAgent, an_agent_that_fails_is_the_end_and_its_reason_is_said) {
    json fault = json::parse(R"({"fault": "status", "status": 401, "message": "no such key", "times": 0})");
    json script;
    script["turns"] = json::array({std::move(fault)});
    serve(script);
    const Ended run = init();
    EXPECT_EQ(run.status, 1) << run.output;
    EXPECT_THAT(run.errors, AllOf(HasSubstr("api made no draft"), HasSubstr("401")));
    EXPECT_THAT(changed(), IsEmpty());
}

TEST_F(InitWithAnAgent, an_existing_file_is_refused_before_anybody_is_asked) {
    toy.write("ratchet.toml", "mine\n");
    before = test::snapshot(toy.root());
    serve_conversations({});
    const Ended run = init();
    EXPECT_EQ(run.status, 1);
    EXPECT_THAT(run.errors, HasSubstr("is there already, and is left as it is"));
    EXPECT_THAT(changed(), IsEmpty());
    EXPECT_THAT(server->requests(), IsEmpty());
}

TEST_F(InitWithAnAgent, a_draft_for_a_subfolder_is_made_in_that_folder) {
    serve(
        {conversation("", std::string(sets_the_benchmark) +
                              R"(printf '\n[[gate]]\nname = "there"\ncommand = "test -e bench.sh"\n)"
                              R"([canary]\ncommand = "echo 5000 > cost.txt"\n' >> ratchet.toml; )"
                              R"(sed -i -e 's/sh src.bench.sh/sed s,src.,, bench.sh | sh/' ratchet.toml)")});
    const Ended run = ratchet(toy.root() / "src", arguments(), {"TEST_KEY=the-key"});
    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(changed(), ElementsAre("new: src/ratchet.toml"));
}

TEST_F(InitWithAnAgent, an_agent_without_a_gateway_has_the_network_its_key_and_its_login) {
    const auto login = elsewhere.path() / "login";
    const auto program = elsewhere.path() / "bin/claude";
    test::write_file(login, "open sesame\n");
    test::write_file(program,
                     fmt::format("#!/bin/sh\ncat > /dev/null\n"
                                 "test \"$TEST_KEY\" = the-key || exit 7\n"
                                 "grep -q sesame {} || exit 8\n"
                                 "test \"$(readlink /proc/self/ns/net)\" = '{}' || exit 9\n{}{}\n",
                                 login.string(), std::filesystem::read_symlink("/proc/self/ns/net").string(),
                                 sets_the_benchmark, adds_gate_and_canary));
    std::filesystem::permissions(program, static_cast<std::filesystem::perms>(0755));
    const Ended run =
        ratchet(toy.folder(), {"init", "--with", "claude", "--key", "TEST_KEY", "--login", login.string()},
                {"TEST_KEY=the-key", "PATH=" + program.parent_path().string() + ":/usr/bin:/bin"});
    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(changed(), ElementsAre("new: ratchet.toml"));
    EXPECT_TRUE(written().sandbox.network);
    EXPECT_EQ(written().sandbox.env, std::vector<std::string>{"TEST_KEY"});
}

TEST_F(InitWithAnAgent, who_stops_it_finds_everything_as_it_was) {
    json turn;
    turn["text"] = "Let me think about that for a long time.";
    turn["hold"] = (elsewhere.path() / "never").string();
    json script;
    script["turns"] = json::array({std::move(turn)});
    serve(script);
    Program program(toy.folder(), arguments(), {"TEST_KEY=the-key"});
    ASSERT_TRUE(eventually([&] { return !server->requests().empty(); }, std::chrono::seconds(60)))
        << program.printed();
    EXPECT_TRUE(std::filesystem::exists(toy.root() / ".git/ratchet"));
    program.signal(SIGINT);
    program.signal(SIGTERM);  // a second one stops at once
    const Ended run = program.end();
    EXPECT_EQ(run.status, 130) << run.output << run.errors;
    EXPECT_THAT(changed(), IsEmpty());
    EXPECT_THAT(processes_with(toy.root()), IsEmpty());
    EXPECT_THAT(mounts_with(toy.root()), IsEmpty());
}

TEST_F(InitWithAnAgent, a_draft_that_is_being_tried_can_be_stopped_as_well) {
    const std::string pause = "sleep 98765";
    serve_conversations(
        {conversation("", std::string(sets_the_benchmark) + adds_gate_and_canary +
                              "printf '[build]\\ncommand = \"" + pause + "\"\\n' >> ratchet.toml")});
    Program program(toy.folder(), arguments(), {"TEST_KEY=the-key"});
    const auto is_tried = [&] {
        return !processes_with(std::string("sleep\0"
                                           "98765",
                                           11))
                    .empty();
    };
    ASSERT_TRUE(eventually(is_tried, std::chrono::seconds(60))) << program.printed();
    program.signal(SIGINT);
    program.signal(SIGTERM);
    const Ended run = program.end();
    EXPECT_EQ(run.status, 130) << run.output << run.errors;
    EXPECT_THAT(changed(), IsEmpty());
    EXPECT_FALSE(is_tried());
}

TEST_F(InitWithAnAgent, what_a_kill_left_is_gone_after_the_next_one) {
    json turn;
    turn["text"] = "Let me think about that for a long time.";
    turn["hold"] = (elsewhere.path() / "never").string();
    json script;
    script["turns"] = json::array({std::move(turn)});
    serve(script);
    Program program(toy.folder(), arguments(), {"TEST_KEY=the-key"});
    ASSERT_TRUE(eventually([&] { return !server->requests().empty(); }, std::chrono::seconds(60)))
        << program.printed();
    program.signal(SIGKILL);
    (void)program.end();
    EXPECT_THAT(changed(), Not(IsEmpty()));

    serve_conversations({conversation("", std::string(sets_the_benchmark) + adds_gate_and_canary)});
    const Ended run = init();
    EXPECT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(changed(), ElementsAre("new: ratchet.toml"));
}

}  // namespace
}  // namespace ratchet::test
