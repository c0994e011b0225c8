#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <nlohmann/json.hpp>

#include "experiment_store/errors.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/lookup/lookup.hpp"
#include "orchestrator/views/lookup_views.hpp"
#include "orchestrator/views/views.hpp"

namespace ratchet {
namespace {

struct ShowOptions {
    std::int64_t number = 0;
    bool prompt = false;
    bool diff = false;
    bool family = false;
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

int show_family(const CommandLine& line, const Lookup& lookup, ExperimentId id) {
    const auto family = family_of(lookup.ledger, id);
    if (!family) throw no_such_experiment(lookup.ledger, id);
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        out << text_of(family_json(*family)) << '\n';
    } else {
        out << family_text(*family, lookup.campaign.benchmark.scale,
                           {line.surroundings.colour, line.surroundings.columns});
    }
    return exit_done;
}

int show_experiment(const CommandLine& line, const ShowOptions& options) {
    const Lookup opened = open_lookup(line);
    const ExperimentId id{options.number};
    if (options.family) return show_family(line, opened, id);
    const auto experiment = opened.ledger.experiment(id);
    if (!experiment) throw no_such_experiment(opened.ledger, id);
    if (options.prompt && !line.surroundings.lookup.empty())
        throw UserError("this copy of the ledger has no prompts", "`ratchet show N` shows the rest");
    if (options.prompt) {
        print_text(line, id, "prompt",
                   opened.ledger.prompt(id) + (experiment->returned ? experiment->returned->told : ""));
    } else if (options.diff) {
        print_text(line, id, "diff", experiment->proposal ? experiment->proposal->diff : std::string());
    } else if (line.json) {
        *line.surroundings.out << text_of(json_of(*experiment)) << '\n';
    } else {
        const Style style{line.surroundings.colour, line.surroundings.columns};
        *line.surroundings.out << show_text(*experiment, opened.campaign, opened.logs, style);
    }
    return exit_done;
}

}  // namespace

void add_show(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("show", "One experiment: idea, files, runs, pairs, logs");
    auto options = std::make_shared<ShowOptions>();
    verb->add_option("number", options->number, "The experiment")->required()->type_name("N");
    auto* prompt = verb->add_flag("--prompt", options->prompt, "Only what its proposer was told");
    auto* diff = verb->add_flag("--diff", options->diff, "Only the change, as a git patch")->excludes(prompt);
    verb->add_flag("--family", options->family,
                   "Instead, what it stands on, what stands on it, its duplicates, changes like it, replays")
        ->excludes(prompt)
        ->excludes(diff);
    verb->callback(
        [&line, options] { line.chosen = [&line, options] { return show_experiment(line, *options); }; });
}

}  // namespace ratchet
