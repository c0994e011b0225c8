#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "benchmarks_adapter/simulation/noise.hpp"
#include "experiment_store/errors.hpp"
#include "orchestrator/commands/check_agent.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/commands/look_over.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/workbench.hpp"

namespace ratchet {
namespace {

struct CheckOptions {
    bool agent = false;
    std::string trace;  ///< where the noise is recorded; empty: it is not
    int runs = 1000;
};

/// Runs the champion again and again, for `ratchet simulate --noise FILE`. Written at the end and at once, so
/// that no half of a trace is left; what a stop leaves is recorded too.
Observation record_noise(Workbench& bench, const CheckOptions& options) {
    std::ofstream file(options.trace, std::ios::binary | std::ios::app);
    if (!file) {
        throw UserError(fmt::format("{} cannot be written", options.trace),
                        "give --record-noise another path");
    }
    file.close();
    const std::vector<Pair> pairs = bench.steps.record_noise((options.runs + 1) / 2);
    file.open(options.trace, std::ios::binary | std::ios::trunc);
    file << trace_text(pairs);
    file.close();
    const bool written = static_cast<bool>(file);
    return {
        "noise", written,
        fmt::format("{} runs are {}recorded in {}", 2 * pairs.size(), written ? "" : "NOT ", options.trace)};
}

int check(const CommandLine& line, const CheckOptions& options) {
    Workbench bench(line);
    std::vector<Observation> findings = look_at_repository(bench.opened);
    for (auto& finding : look_over(bench))
        findings.push_back(std::move(finding));
    for (auto& finding : look_at_agent(bench, options.agent))
        findings.push_back(std::move(finding));
    if (!options.trace.empty()) findings.push_back(record_noise(bench, options));
    bench.steps.release();
    const bool well = std::all_of(findings.begin(), findings.end(),
                                  [](const Observation& finding) { return finding.well; });
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        out << text_of({{"well", well}, {"findings", json_of(findings)}}, false) << '\n';
    } else {
        for (const Observation& finding : findings)
            out << observation_line(finding);
        out << (well ? "all is in place: `ratchet run`\n" : "something is missing\n");
    }
    if (bench.stop.requested()) return exit_stopped;
    return well ? exit_done : exit_could_not;
}

}  // namespace

void add_check(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("check", "See whether all is in place before the night begins");
    verb->footer(
        "Looks at the repository and the sandbox, then builds, tests and calibrates the champion as a "
        "campaign would.\n"
        "Says how noisy the benchmark is and what it can see.");
    auto options = std::make_shared<CheckOptions>();
    verb->add_flag(
        "--agent", options->agent,
        "Ask the campaign's agent for one small edit too, and look at what comes of it; this costs a "
        "few requests");
    auto* trace = verb->add_option("--record-noise", options->trace,
                                   "Run the champion many times and write the trace of its noise there, for "
                                   "`ratchet simulate --noise FILE`")
                      ->type_name("FILE");
    verb->add_option("--runs", options->runs, "How many (default: 1000)")
        ->type_name("N")
        ->check(CLI::Range(2, 1'000'000))
        ->needs(trace);
    verb->callback([&line, options] { line.chosen = [&line, options] { return check(line, *options); }; });
}

}  // namespace ratchet
