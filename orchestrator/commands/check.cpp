#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "benchmarks_adapter/simulation/noise.hpp"
#include "experiment_store/errors.hpp"
#include "orchestrator/commands/check_agent.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/commands/observation.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/workbench.hpp"
#include "sandbox/machine/processors.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {
namespace {

std::vector<Observation> look_at_repository(const OpenCampaign& opened) {
    const CommitId head = opened.repository.head();
    std::vector<Observation> findings{
        {"repository", true, fmt::format("{} at {}", opened.repository.root().string(), head.abbreviated())}};
    if (opened.repository.has_local_changes()) {
        findings.push_back(
            {"repository", true, "uncommitted changes are not part of the campaign: HEAD counts"});
    }
    for (const auto& missing : opened.repository.missing_objects(head)) {
        findings.push_back({"repository", false, "not here: " + missing});
    }
    return findings;
}

std::vector<Observation> look_at_sandbox(const Confinement& confinement) {
    std::vector<Observation> findings;
    for (const Protection& protection : confinement.protections()) {
        std::string text = protection.name + ": " + protection.mechanism;
        if (!protection.present && !protection.remedy.empty()) text += "; " + protection.remedy;
        // A sandbox that is weaker than the campaign requires was refused before this point.
        findings.push_back({"sandbox", true, text, !protection.present});
    }
    return findings;
}

Observation look_at_noise(const Calibration& noise, const Campaign& campaign, const Rules& rules) {
    const std::string value = format_value(noise.champion_value, campaign.benchmark.unit);
    if (noise.deterministic) {
        return {"benchmark", true,
                fmt::format("{} = {}, the same in every run: one sample decides", campaign.benchmark.metric,
                            value)};
    }
    const int fewest = fewest_search_pairs();
    if (campaign.benchmark.max_pairs < fewest) {
        return {"benchmark", false,
                fmt::format(
                    "with benchmark.max_pairs = {} nothing can ever be kept: {} pairs are the fewest that "
                    "can show a gain",
                    campaign.benchmark.max_pairs, fewest)};
    }
    const double visible = smallest_visible_effect(noise, rules);
    std::string text =
        fmt::format("{} = {}; {} a run; the smallest gain that {} pairs can see is about {}",
                    campaign.benchmark.metric, value, format_duration(Seconds(noise.run_seconds)),
                    campaign.benchmark.max_pairs, format_effect(visible, campaign.benchmark.scale));
    const bool hidden = visible > campaign.benchmark.min_effect * 1.5;
    if (hidden)
        text +=
            fmt::format(": the noise hides min_effect ({})", format_effect(campaign.benchmark.min_effect));
    return {"benchmark", true, text};
}

Observation look_at_minutes(const Calibration& noise, const Campaign& campaign) {
    constexpr int typical_pairs = 12;
    const double pairs = noise.deterministic ? 1 : typical_pairs;
    const Seconds estimate{pairs * 2 * noise.run_seconds};
    std::string text = fmt::format("about {} of benchmark", format_duration(estimate));
    if (!campaign.build.command.empty()) text += ", and the build, the gates and the proposer";
    return {"an experiment", true, text};
}

std::vector<Observation> look_at_machine(const Confinement& confinement, const Campaign& campaign) {
    std::vector<Observation> findings;
    const std::string missing = confinement.missing_counter();
    findings.push_back({"counters", true,
                        missing.empty() ? "instructions are counted" : "no instruction counts: " + missing,
                        !missing.empty()});
    const int wanted = campaign.benchmark.cores;
    if (wanted > 0) {
        const std::vector<int> chosen = choose_processors(allowed_processors(), wanted);
        const bool fewer = static_cast<int>(chosen.size()) < wanted;
        findings.push_back(
            {"processors", true,
             fmt::format("the benchmark runs on {}{}", list_text(chosen),
                         fewer ? fmt::format(": benchmark.cores = {} is more than there are", wanted) : ""),
             fewer});
    }
    return findings;
}

std::optional<Observation> look_at_canary(ExperimentSteps& steps, Scale scale) {
    const std::optional<CanaryRecord> record = steps.canary();
    if (!record) return std::nullopt;
    return Observation{
        "canary", record->seen,
        fmt::format("the sabotaged code measures {}{}", format_interval(record->effect, scale),
                    record->seen ? "" : ": does the benchmark measure the code in the worktree?")};
}

/// Stops at the first step that fails on the base: the later ones would only repeat it.
std::vector<Observation> look(Workbench& bench) {
    std::vector<Observation> findings = look_at_repository(bench.opened);
    for (auto& finding : look_at_sandbox(*bench.confinement))
        findings.push_back(std::move(finding));
    const Campaign& campaign = bench.opened.campaign;
    for (auto& finding : look_at_machine(*bench.confinement, campaign))
        findings.push_back(std::move(finding));
    try {
        bench.steps.require_sound();
        findings.push_back({"build, gates", true,
                            fmt::format("pass on the champion ({} gate{})", campaign.gates.size(),
                                        campaign.gates.size() == 1 ? "" : "s")});
        const auto noise = bench.steps.calibration();
        if (!noise) return findings;
        findings.push_back(look_at_noise(*noise, campaign, rules_of(campaign)));
        if (auto canary = look_at_canary(bench.steps, campaign.benchmark.scale))
            findings.push_back(std::move(*canary));
        findings.push_back(look_at_minutes(*noise, campaign));
    } catch (const UserError& error) {
        findings.push_back({"the champion", false, std::string(error.what()) + "; " + error.hint()});
    }
    return findings;
}

struct Options {
    bool agent = false;
    std::string trace;  ///< where the noise is recorded; empty: it is not
    int runs = 1000;
};

/// Runs the champion again and again, for `ratchet simulate --noise FILE`. Written at the end and at once, so
/// that no half of a trace is left; what a stop leaves is recorded too.
Observation record_noise(Workbench& bench, const Options& options) {
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

int check(const CommandLine& line, const Options& options) {
    Workbench bench(line);
    std::vector<Observation> findings = look(bench);
    for (auto& finding : look_at_agent(bench, options.agent))
        findings.push_back(std::move(finding));
    if (!options.trace.empty()) findings.push_back(record_noise(bench, options));
    bench.steps.release();
    const bool well = std::all_of(findings.begin(), findings.end(),
                                  [](const Observation& finding) { return finding.well; });
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        auto list = nlohmann::ordered_json::array();
        for (const Observation& finding : findings) {
            list.push_back({{"subject", finding.subject},
                            {"well", finding.well},
                            {"less", finding.less},
                            {"text", finding.text}});
        }
        out << text_of({{"well", well}, {"findings", list}}, false) << '\n';
    } else {
        for (const Observation& finding : findings) {
            out << fmt::format("{:4} {:14} {}\n", finding.well ? (finding.less ? "less" : "ok") : "NO",
                               finding.subject, one_line(finding.text));
        }
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
    auto options = std::make_shared<Options>();
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
