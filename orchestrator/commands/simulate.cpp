#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "benchmarks_adapter/simulation/nights.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/commands/simulate_memory.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/views/simulation_view.hpp"

namespace ratchet {
namespace {

struct SimulateOptions {
    std::string proposals = "mixed";
    std::vector<std::string> noises = {"normal:2%"};
    std::vector<std::string> rules;
    std::optional<std::string> run_time;
    std::optional<int> nights;
    int max_pairs = Rules{}.max_pairs;
    std::uint64_t seed = 1;
    MemoryTrialOptions memory;
};

/// What is simulated where nothing else is said. A trial of memories takes longer, and its hours are of a
/// benchmark as people have them.
constexpr int nights_of_rules = 100;
constexpr int nights_of_memories = 10;
constexpr const char* run_time_of_rules = "50ms";
constexpr const char* run_time_of_memories = "5s";

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

double run_seconds_of(const SimulateOptions& options) {
    const std::string text =
        options.run_time.value_or(options.memory.asked ? run_time_of_memories : run_time_of_rules);
    const auto run_time = parse_duration(text);
    if (!run_time || run_time->count() <= 0) {
        throw UsageError(fmt::format("--run-time does not understand \"{}\"", text),
                         "say how long one run takes: \"50ms\", \"15s\"");
    }
    return Seconds(*run_time).count();
}

NightsRequest request_of(const SimulateOptions& options) {
    NightsRequest request;
    request.prior = prior_named(options.proposals);
    request.rules.max_pairs = options.max_pairs;
    request.nights = options.nights.value_or(options.memory.asked ? nights_of_memories : nights_of_rules);
    request.seed = options.seed;
    request.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    return request;
}

int try_memories(const CommandLine& line, const SimulateOptions& options) {
    const NightsRequest asked = request_of(options);
    MemoryTrialRequest request;
    request.prior = asked.prior;
    request.rules = asked.rules;
    request.nights = asked.nights;
    request.seed = asked.seed;
    request.threads = asked.threads;
    request.run_seconds = run_seconds_of(options);
    request.noise = noise_named(options.noises.front(), request.run_seconds);
    return simulate_memory(line, options.memory, request);
}

int simulate(const CommandLine& line, const SimulateOptions& options) {
    if (options.memory.asked) return try_memories(line, options);
    NightsRequest request = request_of(options);
    const double run_seconds = run_seconds_of(options);
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
    verb->add_option("--nights", options->nights, "How many (default: 100; with --memory 10)")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000));
    verb->add_option("--max-pairs", options->max_pairs, "benchmark.max_pairs (default: 40)")
        ->type_name("N")
        ->check(CLI::Range(1, 10'000));
    verb->add_option("--run-time", options->run_time,
                     "How long a run takes (default: 50ms; with --memory 5s)")
        ->type_name("TIME");
    verb->add_option("--seed", options->seed, "Of the random numbers (default: 1)")->type_name("N");
    add_memory_options(*verb, options->memory);
    verb->footer(
        "Runs the judge of this program, unchanged, against a model of a night: proposals whose true effects "
        "are known,\n"
        "on a machine whose noise is known. Beside it, on the same random numbers, the rules that people use "
        "instead.\n\n"
        "With --memory it is the prompt that differs: nights of the same ideas, thought of in the same "
        "order, "
        "under each memory;\nsee docs/memory.md.");
    verb->callback([&line, options] { line.chosen = [&line, options] { return simulate(line, *options); }; });
}

}  // namespace ratchet
