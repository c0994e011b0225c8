#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <nlohmann/json.hpp>

#include "experiment_store/errors.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/open_campaign.hpp"
#include "orchestrator/views/views.hpp"

namespace ratchet {
namespace {

struct Options {
    std::int64_t number = 0;
    bool prompt = false;
    bool diff = false;
};

/// A text as it is for a program that reads it (`git apply`), made safe for a terminal.
void print_text(const CommandLine& line, ExperimentId id, const char* key, const std::string& text) {
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        out << text_of(nlohmann::ordered_json{{"experiment", id.value}, {key, text}}) << '\n';
    } else {
        out << (line.surroundings.terminal ? many_lines(text) : text);
    }
}

int show_experiment(const CommandLine& line, const Options& options) {
    const OpenCampaign opened = open_campaign(line, Ledger::Mode::read_only);
    const ExperimentId id{options.number};
    const auto experiment = opened.ledger.experiment(id);
    if (!experiment) {
        throw UserError(
            fmt::format("there is no experiment #{}", id.value),
            fmt::format("the newest is #{}; `ratchet log` lists them", opened.ledger.experiment_count()));
    }
    if (options.prompt) {
        print_text(line, id, "prompt",
                   opened.ledger.prompt(id) + (experiment->returned ? experiment->returned->told : ""));
    } else if (options.diff) {
        print_text(line, id, "diff", experiment->proposal ? experiment->proposal->diff : std::string());
    } else if (line.json) {
        *line.surroundings.out << text_of(json_of(*experiment)) << '\n';
    } else {
        const Style style{line.surroundings.colour, line.surroundings.columns};
        *line.surroundings.out << show_text(*experiment, opened.campaign, opened.state_folder / "logs",
                                            style);
    }
    return exit_done;
}

}  // namespace

void add_show(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("show", "One experiment: idea, files, runs, pairs, logs");
    auto options = std::make_shared<Options>();
    verb->add_option("number", options->number, "The experiment")->required()->type_name("N");
    auto* prompt = verb->add_flag("--prompt", options->prompt, "Only what its proposer was told");
    verb->add_flag("--diff", options->diff, "Only the change, as a git patch")->excludes(prompt);
    verb->callback(
        [&line, options] { line.chosen = [&line, options] { return show_experiment(line, *options); }; });
}

}  // namespace ratchet
