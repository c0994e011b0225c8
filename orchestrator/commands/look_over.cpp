#include "orchestrator/commands/look_over.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "benchmarks_adapter/judge.hpp"
#include "experiment_store/errors.hpp"
#include "orchestrator/notation.hpp"
#include "sandbox/machine/processors.hpp"

namespace ratchet {

namespace {

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

}  // namespace

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

std::vector<Observation> look_over(Workbench& bench) {
    std::vector<Observation> findings = look_at_sandbox(*bench.confinement);
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

}  // namespace ratchet
