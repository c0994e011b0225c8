#include "orchestrator/commands/drafting_flags.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>

#include "orchestrator/api/chat_protocol.hpp"
#include "orchestrator/campaign_file/sections.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/gateway/endpoint.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/proposers/presets.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {

namespace {

const AgentPreset& preset_of(const DraftingAgent& agent) {
    if (const AgentPreset* preset = find_preset(built_in_presets(), agent.name)) return *preset;
    std::vector<std::string_view> names;
    for (const AgentPreset& preset : built_in_presets())
        names.emplace_back(preset.name);
    const auto near = nearest_name(agent.name, names);
    throw UsageError(fmt::format("--with: there is no agent {}", in_quotes(agent.name)),
                     near ? fmt::format("did you mean {}?", *near)
                          : fmt::format("there are {}; any other can be written into the file that `ratchet "
                                        "init` alone writes",
                                        fmt::join(names, ", ")));
}

/// What the agent needs to be told, and what it cannot be told.
void require_fitting(const DraftingAgent& agent, const AgentPreset& preset) {
    if (agent.model.empty() && needs_model(preset))
        throw UsageError(fmt::format("--with {} needs --model: it is not started without one", agent.name),
                         "name the model as the endpoint calls it");
    if (agent.endpoint.empty() && needs_gateway(preset))
        throw UsageError(
            fmt::format("--with {} needs --endpoint: it reaches its model by way of ratchet", agent.name),
            "give the model's base URL, such as http://localhost:11434/v1");
    if (agent.protocol.empty()) return;
    if (!takes_protocol(preset))
        throw UsageError(fmt::format("--protocol is for api: {} has its own", agent.name), "leave it out");
    if (std::find(spoken_protocols.begin(), spoken_protocols.end(), agent.protocol) == spoken_protocols.end())
        throw UsageError(fmt::format("--protocol {}: nobody speaks that", in_quotes(agent.protocol)),
                         fmt::format("there are {}", fmt::join(spoken_protocols, ", ")));
}

void require_reachable(const DraftingAgent& agent) {
    if (!agent.endpoint.empty() && !parse_endpoint(agent.endpoint))
        throw UsageError(fmt::format("--endpoint {} is no base URL", in_quotes(agent.endpoint)),
                         "write it like https://api.anthropic.com, https://api.openai.com/v1 or "
                         "http://127.0.0.1:8000/v1");
    if (!agent.endpoint.empty() && !agent.login.empty())
        throw UsageError("--login does not go with --endpoint: there the agent has no network to log in by",
                         "leave one of them out");
    // What was given is not shown: it may be the key itself.
    if (!agent.key.empty() && !is_variable_name(agent.key))
        throw UsageError(
            "--key is no name of a variable",
            "name the variable of the environment that holds the key, such as ANTHROPIC_API_KEY");
}

}  // namespace

void add_drafting_flags(CLI::App& verb, DraftingAgent& agent) {
    auto* with = verb.add_option("--with", agent.name,
                                 "Let this agent (claude, codex, api, …) draft the file; this runs it, and "
                                 "costs what it costs")
                     ->type_name("AGENT")
                     ->check([](const std::string& name) {
                         return name.empty() ? std::string("it names no agent") : std::string();
                     });
    verb.add_option("--model", agent.model, "The model, as the endpoint calls it")
        ->type_name("NAME")
        ->needs(with);
    verb.add_option("--protocol", agent.protocol, "Of api: openai-chat, openai-responses or anthropic")
        ->type_name("NAME")
        ->needs(with);
    verb.add_option("--endpoint", agent.endpoint,
                    "The model's base URL: the agent asks by way of ratchet, and has no network. Without it, "
                    "it has the network")
        ->type_name("URL")
        ->needs(with);
    verb.add_option("--key", agent.key, "The variable of the environment that holds the key")
        ->type_name("VARIABLE")
        ->needs(with);
    verb.add_option("--login", agent.login,
                    "A file with the agent's login, shown to it (with the network only)")
        ->type_name("FILE")
        ->needs(with);
}

void require_possible(const DraftingAgent& agent, const std::vector<std::string>& environment) {
    require_fitting(agent, preset_of(agent));
    require_reachable(agent);
    const auto is_key = [&](const std::string& variable) { return variable.starts_with(agent.key + "="); };
    if (!agent.key.empty() && std::none_of(environment.begin(), environment.end(), is_key))
        throw UserError(fmt::format("the variable {} is not set, which --key names", agent.key),
                        fmt::format("export {}=… where `ratchet init` is started", agent.key));
    if (!agent.login.empty() && !agent.login.starts_with("~/") && !std::filesystem::exists(agent.login))
        throw UserError(fmt::format("there is no {}, which --login names", shown_path(agent.login)),
                        "docs/agents.md says where an agent keeps its login");
}

}  // namespace ratchet
