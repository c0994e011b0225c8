// An agent without a network or a key asks its model by way of ratchet: the real program, the real sandbox, a
// model server of the test's.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"
#include "tests/gateway/canned_server.hpp"
#include "tests/support/model_server.hpp"

namespace ratchet::test {
namespace {

using test::CannedServer;
using test::Exchange;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* model_key = "sk-ratchets-own-key";
constexpr const char* model_answer =
    R"({"model":"m-1","cost":"900","usage":{"input_tokens":1000,"output_tokens":50}})";

// Asks, writes down what it was told, and then looks for the key wherever it could be.
constexpr const char* asking_agent = R"py(
import json, os, sys, urllib.error, urllib.request

needle = "ratchets-" + "own-key"  # of the key; this file is not to be found

def ask(path="/v1/messages", body=None):
    body = json.dumps(body or {"model": "m", "messages": []}).encode()
    request = urllib.request.Request(os.environ["RATCHET_GATEWAY"] + path, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()

def say(text):
    with open(".ratchet-notes.json", "w") as notes:
        json.dump({"hypothesis": text}, notes)

def everything():
    for folder, _, files in os.walk("/proc"):
        for name in files:
            if name in ("environ", "cmdline", "maps"):
                yield os.path.join(folder, name)
    for top in ("/tree", "/tmp", "/home", "/run", "/etc", "/dev/shm"):
        for folder, _, files in os.walk(top):
            yield from (os.path.join(folder, name) for name in files)

def has_key(path):
    try:
        with open(path, "rb") as file:
            return needle.encode() in file.read(1 << 20)
    except OSError:
        return False
)py";

class GatewayCampaign : public ::testing::Test {
  protected:
    void declare(const std::string& endpoint, const std::string& script) {
        toy.write("guarded/agent.py", asking_agent + script);
        toy.configure(
            "use = \"replay\"\npatches = \"proposals\"",
            fmt::format("use = \"command\"\ncommand = \"python3 guarded/agent.py\"\ngateway = true\n"
                        "endpoint = \"{}\"\nkey = \"MODEL_KEY\"",
                        endpoint));
        toy.configure("experiments = 100", "experiments = 1");
        toy.commit("A campaign");
    }
    [[nodiscard]] Ended run(const std::vector<std::string>& environment = {std::string("MODEL_KEY=") +
                                                                           model_key}) const {
        return ratchet(toy.folder(), {"run", "--no-verify"}, environment);
    }
    [[nodiscard]] Experiment first() const {
        const StillClock clock;
        const Ledger ledger(toy.ledger(), clock, Ledger::Mode::read_only);
        return *ledger.experiment({1});
    }
    ToyCampaign toy;
};

TEST_F(GatewayCampaign, AnAgentsEditLandsAndItsTokensAreCounted) {
    std::string sent_key;
    const CannedServer server([&](const HttpExchange& exchange) {
        sent_key = exchange.header("x-api-key");
        exchange.answer(200, model_answer);
    });
    declare(server.url(),
            "for _ in range(3): told = json.loads(ask())\n"
            "open('src/cost.txt', 'w').write(told['cost'] + '\\n')\n");
    const Ended ended = run();
    EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAre("kept"));
    EXPECT_EQ(sent_key, model_key);
    const Usage usage = first().proposal->usage;
    EXPECT_EQ(usage.requests, 3);
    EXPECT_EQ(usage.input_tokens, 3000);
    EXPECT_EQ(usage.output_tokens, 150);
}

TEST_F(GatewayCampaign, TheKeyIsNowhereInTheSandboxAndNowhereInTheState) {
    const CannedServer server([](const HttpExchange& exchange) {
        exchange.answer(401,
                        std::string(R"({"type":"error","error":{"message":"bad key )") + model_key + "\"}}");
    });
    declare(server.url(),
            "try: ask()\n"
            "except urllib.error.HTTPError as error: body = error.read().decode()\n"
            "found = [path for path in everything() if has_key(path)]\n"
            "say(f'asked: {\"bad key\" in body}, in answer: {needle in body}, found: {found}')\n"
            "open('src/cost.txt', 'w').write('900\\n')\n");
    const Ended ended = run();
    EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
    EXPECT_EQ(first().proposal->notes.hypothesis, "asked: True, in answer: False, found: []");
    EXPECT_EQ(shell(toy.root(), "grep -rlaF ratchets-own-key .git/ratchet || true"), "");
    EXPECT_THAT(ended.output + ended.errors, Not(HasSubstr(model_key)));
}

TEST_F(GatewayCampaign, ThereIsNoOtherWayOutEvenWhereTheNetworkIsOn) {
    const CannedServer server([](const HttpExchange& exchange) { exchange.answer(200, model_answer); });
    declare(server.url(),
            fmt::format("ask()\n"
                        "try: urllib.request.urlopen('{}/v1/messages', b'{{}}', timeout=5); say('reached')\n"
                        "except OSError as error: say('refused')\n"
                        "open('src/cost.txt', 'w').write('900\\n')\n",
                        server.url()));
    toy.configure("[budget]", "[sandbox]\nnetwork = \"on\"\n[budget]");
    EXPECT_EQ(run().status, 0);
    EXPECT_EQ(first().proposal->notes.hypothesis, "refused");
    EXPECT_EQ(server.heads().size(), 1U);
}

TEST_F(GatewayCampaign, WhatTheEndpointSaidIsTheReasonOfAProposalThatDidNotCome) {
    const CannedServer server([](const HttpExchange& exchange) {
        exchange.answer(401, R"({"error":{"message":"invalid x-api-key"}})");
    });
    declare(server.url(),
            "try: ask()\n"
            "except urllib.error.HTTPError: sys.exit(0)\n");
    (void)run();
    EXPECT_THAT(first().proposal->failure,
                HasSubstr("the model gave no whole answer; the last request was answered with 401"));
    EXPECT_THAT(first().proposal->failure, HasSubstr("invalid x-api-key"));
}

TEST_F(GatewayCampaign, AnEndpointThatSpeaksTlsNeedsACertificateThatIsTrusted) {
    const std::filesystem::path folder = toy.root() / "proposals";
    std::filesystem::create_directories(folder);
    shell(folder,
          "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test "
          "-addext subjectAltName=IP:127.0.0.1 -keyout both.pem -out own.pem 2>&1 && cat own.pem >>both.pem");
    const ModelServer server(folder / "server", nlohmann::json::object(), folder / "both.pem");
    declare(server.url(), "ask()\nopen('src/cost.txt', 'w').write('900\\n')\n");
    const std::vector<std::string> environment = {std::string("MODEL_KEY=") + model_key};
    (void)run(environment);
    EXPECT_THAT(first().proposal->failure, HasSubstr("certificate"));
    EXPECT_EQ(server.requests().size(), 0U);

    toy.configure("experiments = 1", "experiments = 2");
    (void)run({environment[0], "SSL_CERT_FILE=" + (folder / "own.pem").string()});
    EXPECT_THAT(words_of(toy.ledger()), ElementsAre("no-proposal", "kept"));
    ASSERT_EQ(server.requests().size(), 1U);
    EXPECT_EQ(server.requests()[0].key, model_key);
}

TEST_F(GatewayCampaign, AnAgentThatNeverEndsIsEndedAndItsRequestsCount) {
    const CannedServer server([](const HttpExchange& exchange) { exchange.answer(200, model_answer); });
    declare(server.url(), "while True: ask()\n");
    toy.configure("gateway = true", "gateway = true\ntimeout = \"3s\"");
    (void)run();
    const Experiment experiment = first();
    EXPECT_THAT(experiment.proposal->failure, HasSubstr("timed out"));
    EXPECT_GT(experiment.proposal->usage.requests, 10);
    // The one that was under way may have been estimated.
    EXPECT_GE(experiment.proposal->usage.output_tokens, 50 * (experiment.proposal->usage.requests - 1));
    EXPECT_EQ(processes_with("guarded/agent.py").size(), 0U);
    EXPECT_EQ(shell(toy.root(), "find .git/ratchet -type s"), "");
}

TEST_F(GatewayCampaign, AMissingKeyIsSaidBeforeAnythingIsAsked) {
    const CannedServer server([](const HttpExchange& exchange) { exchange.answer(200, model_answer); });
    declare(server.url(), "ask()\n");
    const Ended ended = run({});
    EXPECT_EQ(ended.status, 1);
    EXPECT_THAT(ended.errors, HasSubstr("the variable MODEL_KEY is not set, which proposer.key names"));
    EXPECT_THAT(ended.errors, HasSubstr("export MODEL_KEY=…"));
    const Ended check = ratchet(toy.folder(), {"check"});
    EXPECT_EQ(check.status, 1);
    EXPECT_THAT(check.output, HasSubstr("NO   gateway        the variable MODEL_KEY is not set"));
    EXPECT_EQ(server.heads().size(), 0U);
    EXPECT_EQ(ratchet(toy.folder(), {"log"}).status, 0) << "who only looks needs no key";
}

TEST_F(GatewayCampaign, AWeakerSandboxIsRefusedByName) {
    const CannedServer server([](const HttpExchange& exchange) { exchange.answer(200, model_answer); });
    declare(server.url(), "ask()\n");
    toy.configure("[budget]", "[sandbox]\nrequire = \"none\"\n[budget]");
    const Ended ended = run();
    EXPECT_EQ(ended.status, 1);
    EXPECT_THAT(ended.errors, HasSubstr("proposer.gateway needs the strong sandbox"));
}

}  // namespace
}  // namespace ratchet::test
