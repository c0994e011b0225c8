#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "benchmarks_adapter/simulation/nights.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/views/simulation_view.hpp"

namespace ratchet {
namespace {

struct SimulateOptions {
    std::string proposals = "mixed";
    std::vector<std::string> noises = {"normal:2%"};
    std::vector<std::string> rules;
    std::string run_time = "50ms";
    int nights = 100;
    int max_pairs = Rules{}.max_pairs;
    std::uint64_t seed = 1;
};

std::vector<RuleKind> rules_named(const std::vector<std::string>& names) {
    if (names.empty()) return rule_kinds();
    std::vector<RuleKind> chosen;
    std::vector<std::string_view> known;
    for (const RuleKind& kind : rule_kinds())
        known.push_back(kind.name);
    for (const std::string& name : names) {
        const auto found = std::find(known.begin(), known.end(), name);
        if (found == known.end()) {
            const auto nearest = nearest_name(name, known);
            throw UsageError(fmt::format("there is no rule \"{}\"", name),
                             nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                                     : fmt::format("the rules are {}", fmt::join(known, ", ")));
        }
        chosen.push_back(rule_kinds()[static_cast<std::size_t>(found - known.begin())]);
    }
    return chosen;
}

NightsRequest request_of(const SimulateOptions& options) {
    const auto run_time = parse_duration(options.run_time);
    if (!run_time || run_time->count() <= 0) {
        throw UsageError(fmt::format("--run-time does not understand \"{}\"", options.run_time),
                         "say how long one run takes: \"50ms\", \"15s\"");
    }
    NightsRequest request;
    request.prior = prior_named(options.proposals);
    request.rules.max_pairs = options.max_pairs;
    request.nights = options.nights;
    request.seed = options.seed;
    request.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    return request;
}

int simulate(const CommandLine& line, const SimulateOptions& options) {
    NightsRequest request = request_of(options);
    const double run_seconds = Seconds(*parse_duration(options.run_time)).count();
    const std::vector<RuleKind> rules = rules_named(options.rules);
    std::ostream& out = *line.surroundings.out;
    auto all = nlohmann::ordered_json::array();
    for (const std::string& noise : options.noises) {
        request.noise = noise_named(noise, run_seconds);
        if (!line.json) out << simulation_head(request, noise) << std::flush;
        for (const RuleKind& rule : rules) {
            const NightsFigures figures = simulate_nights(request, rule);
            if (line.json) {
                all.push_back(simulation_json(request, noise, figures));
            } else {
                out << simulation_row(figures) << std::flush;
            }
        }
        if (!line.json) out << '\n';
    }
    if (line.json) out << text_of(all) << '\n';
    return exit_done;
}

}  // namespace

void add_simulate(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("simulate", "What this way to decide would do on such nights");
    auto options = std::make_shared<SimulateOptions>();
    verb->add_option("--proposals", options->proposals,
                     "What the proposals are truly worth: mixed (default), rare, none, or a file with one "
                     "effect a line, in per cent")
        ->type_name("NAME");
    verb->add_option("--noise", options->noises,
                     "normal:2% (default), heavy:2%, drift:2%, bursts:2%, or the file of a recorded trace; "
                     "may be given several times")
        ->type_name("NAME");
    verb->add_option("--rule", options->rules,
                     "Only these: ratchet, one-run, best-of-3, mann-whitney; may be given several times")
        ->type_name("NAME");
    verb->add_option("--nights", options->nights, "How many (default: 100)")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000));
    verb->add_option("--max-pairs", options->max_pairs, "benchmark.max_pairs (default: 40)")
        ->type_name("N")
        ->check(CLI::Range(1, 10'000));
    verb->add_option("--run-time", options->run_time, "How long a run takes (default: 50ms)")
        ->type_name("TIME");
    verb->add_option("--seed", options->seed, "Of the random numbers (default: 1)")->type_name("N");
    verb->footer(
        "Runs the judge of this program, unchanged, against a model of a night: proposals whose true effects "
        "are known,\n"
        "on a machine whose noise is known. Beside it, on the same random numbers, the rules that people use "
        "instead.");
    verb->callback([&line, options] { line.chosen = [&line, options] { return simulate(line, *options); }; });
}

}  // namespace ratchet
