#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/detection.hpp"

namespace ratchet {

namespace {

/// As a basic string of TOML.
std::string toml(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') result += '\\';
        if (byte < 0x20 || byte == 0x7f) {
            result += fmt::format("\\u{:04x}", byte);
        } else {
            result += c;
        }
    }
    return result + "\"";
}

std::string toml(const std::vector<std::string>& texts) {
    std::vector<std::string> quoted;
    for (const std::string& text : texts)
        quoted.push_back(toml(text));
    return fmt::format("[{}]", fmt::join(quoted, ", "));
}

std::string campaign_part(const Detection& detection) {
    return fmt::format(
        "[campaign]\n"
        "name = {}\n"
        "# EDIT: what shall become better, and what must stay as it is. The agent reads this.\n"
        "goal = \"Make it faster. Its results must not change.\"\n"
        "# What a proposal may change, and what it never may (this file never, in any case).\n"
        "scope = {}\n"
        "protect = {}\n",
        toml(detection.name), toml(detection.scope), toml(detection.protect));
}

std::string harness_part(const Detection& detection) {
    std::string text;
    if (detection.prepare) {
        text += fmt::format(
            "\n# Run with the network, once for each state of its inputs; its outputs are shown read-only.\n"
            "[prepare]\ncommand = {}\ninputs = {}\noutputs = {}\n",
            toml(detection.prepare->command), toml(detection.prepare->inputs),
            toml(detection.prepare->outputs));
    }
    if (!detection.build.command.empty()) {
        text += fmt::format("\n[build]\ncommand = {}\n", toml(detection.build.command));
        if (!detection.build.cache.empty()) {
            text += fmt::format("# A candidate's build starts from the champion's.\ncache = {}\n",
                                toml(detection.build.cache));
        }
    }
    for (const Gate& gate : detection.gates) {
        text +=
            fmt::format("\n# Must succeed before anything is measured.\n[[gate]]\nname = {}\ncommand = {}\n",
                        toml(gate.name), toml(gate.command));
    }
    if (detection.gates.empty()) {
        text +=
            "\n# EDIT: a command that fails when the code is wrong.\n"
            "# [[gate]]\n# name = \"unit tests\"\n# command = \"./run-tests\"\n";
    }
    return text;
}

std::string benchmark_part(const Detection& detection) {
    const Benchmark& benchmark = detection.benchmark;
    std::string text = "\n[benchmark]\n";
    if (detection.benchmark_is_a_guess) {
        text += fmt::format(
            "# EDIT: nothing was found that prints a metric, so the time of this command stands in for one. "
            "Better\n"
            "# is a command that prints a line `METRIC time_ms=12.5`: then set metric = \"time_ms\", and no "
            "source.\n"
            "command = {}\nsource = \"wall\"\n",
            toml(benchmark.command));
    } else {
        text += fmt::format("command = {}\nmetric = {}\n", toml(benchmark.command), toml(benchmark.metric));
        if (benchmark.source != MetricSource::metric_lines)
            text += fmt::format("source = {}\n", toml(name_of(benchmark.source)));
    }
    text +=
        "# EDIT: \"lower\" or \"higher\" is better.\ndirection = \"lower\"\n"
        "# Gains below this do not count.\nmin_effect = \"1%\"\n"
        "\n# Other metrics may be limited:\n# [[constraint]]\n# metric = \"peak_memory\"\n# limit = "
        "\"+5%\"\n";
    return text;
}

constexpr const char* unknown_proposer =
    "\n# EDIT: who makes the proposals. Any command line that reads a prompt from standard input and edits\n"
    "# the files it finds; for example\n"
    "#   codex exec --ephemeral --dangerously-bypass-approvals-and-sandbox -\n"
    "#   claude -p --no-session-persistence --dangerously-skip-permissions\n"
    "# `use = \"tune\"` needs no agent: it searches the values of [[knob]]s.\n"
    "[proposer]\nuse = \"command\"\n"
    "command = \"echo 'set proposer.command in ratchet.toml' >&2; exit 1\"\n";

std::string known_proposer(const DraftingAgent& agent) {
    std::string text =
        fmt::format("\n# Who makes the proposals: docs/agents.md\n[proposer]\nuse = {}\n", toml(agent.name));
    if (!agent.model.empty()) text += fmt::format("model = {}\n", toml(agent.model));
    if (!agent.protocol.empty()) text += fmt::format("protocol = {}\n", toml(agent.protocol));
    if (agent.endpoint.empty()) return text;
    text += fmt::format("# It has no network but this, and never the key.\ngateway = \"on\"\nendpoint = {}\n",
                        toml(agent.endpoint));
    if (!agent.key.empty()) text += fmt::format("key = {}\n", toml(agent.key));
    return text;
}

std::string proposer_part(const std::optional<DraftingAgent>& agent) {
    return (agent ? known_proposer(*agent) : unknown_proposer) +
           "timeout = \"20m\"\n"
           "\n[budget]\nexperiments = 50\n# duration = \"8h\"\n# until = \"07:00\"\n# plateau = 20\n";
}

/// What an agent that has no gateway needs opened.
std::string opened_for(const DraftingAgent& agent) {
    std::string text =
        "\n# The agent has the network, and can send what it reads anywhere; an evaluation never has one.\n"
        "[sandbox]\nnetwork = \"on\"\n";
    if (!agent.key.empty()) text += fmt::format("env = [{}]\n", toml(agent.key));
    return text;
}

std::string sandbox_part(const Detection& detection, const std::optional<DraftingAgent>& agent) {
    std::string text =
        "\n# What commands need from outside of the tree is declared here. An agent needs the network and "
        "its\n"
        "# key; an evaluation never has a network.\n[sandbox]\n# network = \"on\"\n# env = [\"API_KEY\"]\n";
    if (agent && agent->endpoint.empty()) {
        text = opened_for(*agent);
    } else if (agent) {
        text = "\n# What commands need from outside of the tree is declared here.\n[sandbox]\n";
    }
    for (const std::string& hint : detection.hints)
        text += "# " + hint + "\n";
    if (agent && !agent->login.empty())
        text += fmt::format("\n# Its login, shown read-only.\n[preset.{}]\nread = [{}]\n", agent->name,
                            toml(agent->login));
    return text;
}

}  // namespace

std::string campaign_text(const Detection& detection, const std::optional<DraftingAgent>& agent) {
    return "# What this campaign improves, and how that is judged. Every key: docs/campaign-file.md\n\n" +
           campaign_part(detection) + harness_part(detection) + benchmark_part(detection) +
           proposer_part(agent) + sandbox_part(detection, agent);
}

}  // namespace ratchet
