#include <unistd.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "orchestrator/api/api_agent.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/proposers/notes_file.hpp"

namespace ratchet {
namespace {

struct AgentOptions {
    std::string protocol = "openai-chat";
    std::string model;
    std::string endpoint;
    int steps = ApiAgentSettings{}.most_steps;
    std::string context = "512 KiB";
};

std::string variable(const Surroundings& surroundings, const std::string& name) {
    for (const std::string& each : surroundings.environment) {
        if (each.starts_with(name + "=")) return each.substr(name.size() + 1);
    }
    return {};
}

void write_notes(const std::filesystem::path& file, const Notes& notes) {
    const nlohmann::ordered_json json = {{"hypothesis", notes.hypothesis},
                                         {"expected_effect", notes.expected_effect},
                                         {"risk", notes.risk},
                                         {"learned", notes.learned},
                                         {"next_ideas", notes.next_ideas}};
    std::ofstream stream(file);
    stream << text_of(json) << '\n';
    stream.close();
    if (!stream) throw UserError("the notes cannot be written to " + file.string());
}

int agent(const CommandLine& line, const AgentOptions& options) {
    const auto protocol = chat_protocol(options.protocol);
    if (protocol == nullptr)
        throw UsageError("there is no protocol \"" + options.protocol + "\"",
                         "one of openai-chat, openai-responses and anthropic");
    std::string endpoint =
        options.endpoint.empty() ? variable(line.surroundings, "RATCHET_GATEWAY") : options.endpoint;
    if (endpoint.empty())
        throw UsageError("it is not said where the model is asked",
                         "name it with --endpoint, or in RATCHET_GATEWAY");
    while (endpoint.ends_with('/'))
        endpoint.pop_back();
    // The protocols' own paths begin with the version, as most people's base URLs end with it.
    if (endpoint.ends_with("/v1")) endpoint.resize(endpoint.size() - 3);
    const auto context = parse_size(options.context);
    if (!context || *context <= 0)
        throw UsageError("--context is no size: " + options.context, "write it as \"200 KiB\"");

    const std::string prompt{std::istreambuf_iterator<char>(*line.surroundings.in), {}};
    HttpEndpoint http(endpoint);
    PatientEndpoint patient(http, [](Seconds time) { std::this_thread::sleep_for(time); });
    Workshop workshop;
    workshop.folder = line.surroundings.working_directory;
    workshop.environment = line.surroundings.environment;
    const NeverStop never;
    Tools tools(std::move(workshop), never);
    std::ostream& out = *line.surroundings.out;
    const ApiAgentEnd end = work_on(prompt, *protocol, patient, tools,
                                    {options.model, options.steps, static_cast<std::size_t>(*context)},
                                    [&](std::string_view said) {
                                        out << said;
                                        out.flush();
                                    });
    if (end.notes != Notes{}) write_notes(line.surroundings.working_directory / notes_file_name, end.notes);
    if (end.failure.empty()) return exit_done;
    std::string failure = end.failure;
    if (end.retry_after) failure += fmt::format(" (retry-after: {:.0f})", end.retry_after->count());
    throw UserError(failure);
}

}  // namespace

void add_agent(CLI::App& app, CommandLine& line) {
    auto* verb =
        app.add_subcommand("agent", "A small coding agent for who has only an endpoint (proposer \"api\")");
    verb->footer(
        "Reads a task from standard input and works on it in this folder, with tools to run commands and to\n"
        "read, search and edit files. Nothing holds it back but what it is started in: ratchet starts it in\n"
        "its sandbox. The key is not its business either: the gateway adds it.");
    auto options = std::make_shared<AgentOptions>();
    verb->add_option("--model", options->model, "The model's name")->required()->type_name("NAME");
    verb->add_option("--protocol", options->protocol, "openai-chat, openai-responses or anthropic")
        ->type_name("NAME")
        ->capture_default_str();
    verb->add_option("--endpoint", options->endpoint, "The base URL (default: $RATCHET_GATEWAY)")
        ->type_name("URL");
    verb->add_option("--steps", options->steps, "Replies of the model, at most")
        ->check(CLI::PositiveNumber)
        ->type_name("N")
        ->capture_default_str();
    verb->add_option("--context", options->context, "Of what is sent with a request, at most")
        ->type_name("SIZE")
        ->capture_default_str();
    verb->callback([&line, options] { line.chosen = [&line, options] { return agent(line, *options); }; });
}

}  // namespace ratchet
