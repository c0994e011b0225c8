#include "orchestrator/commands/check_agent.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "experiment_store/errors.hpp"
#include "orchestrator/lookup/provision.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/proposers/agent_program.hpp"
#include "orchestrator/proposers/declared.hpp"
#include "orchestrator/proposers/model_gateway.hpp"
#include "orchestrator/proposers/presets.hpp"
#include "sandbox/safe_text.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {

namespace {

/// Where it is and what it is shown; that it is missing is said when the proposer is made.
std::vector<Observation> look_at_installation(const Campaign& campaign) {
    const AgentPreset* preset = find_preset(campaign.presets, campaign.proposer.use);
    if (preset == nullptr) return {};
    try {
        const AgentProgram program =
            find_agent_program(preset->program, preset->path, campaign.sandbox.search_path);
        std::string shown;
        for (const auto& path : program.read)
            shown += (shown.empty() ? "; shown read-only: " : ", ") + path.string();
        return {{"agent", true, fmt::format("{} is {}{}", preset->name, program.file.string(), shown)}};
    } catch (const UserError& error) {
        return {{"agent", false, std::string(error.what()) + "; " + error.hint()}};
    }
}

std::vector<Observation> look_at_gateway(const ProposerSettings& proposer, Requirement tier) {
    if (!proposer.gateway) return {};
    try {
        require_gateway(proposer, tier);
        const std::string& key = proposer.gateway->key;
        return {{"gateway", true,
                 fmt::format("leads to {}, {}", proposer.gateway->endpoint,
                             key.empty() ? "without a key" : "with the key that is in " + key)}};
    } catch (const UserError& error) {
        return {{"gateway", false, std::string(error.what()) + "; " + error.hint()}};
    }
}

std::string words_for(const Usage& usage) {
    std::string text = fmt::format("{} input and {} output tokens", usage.input_tokens, usage.output_tokens);
    if (usage.requests > 0)
        text = fmt::format("{} request{}, {}", usage.requests, usage.requests == 1 ? "" : "s", text);
    if (usage.cost) text += fmt::format(", ${:.4f}", *usage.cost);
    return text;
}

}  // namespace

std::vector<Observation> observations_of(const AgentTrial& trial, const std::string& agent,
                                         const std::filesystem::path& log) {
    const ProposerAnswer& answer = trial.answer;
    const std::string time = format_duration(Seconds(answer.usage.wall_seconds));
    std::vector<Observation> findings;
    if (!trial.refused.empty()) {
        findings.push_back(
            {"agent", false, fmt::format("what {} left is refused: {}", agent, trial.refused)});
    } else if (!trial.landed) {
        findings.push_back(
            {"agent", false,
             fmt::format("{} did not make the edit that it was asked for ({}): {}; its output: {}", agent,
                         time, answer.failure.empty() ? "it ended as if all were well" : answer.failure,
                         log.string())});
    } else {
        findings.push_back({"agent", answer.failure.empty(),
                            answer.failure.empty()
                                ? fmt::format("{} made the edit that it was asked for, in {}", agent, time)
                                : fmt::format("{} made the edit, but failed: {}; its output: {}", agent,
                                              answer.failure, log.string())});
    }
    if (!trial.stray.empty()) {
        constexpr std::size_t most = 5;
        std::vector<std::string> names;
        for (const std::string& path : trial.stray) {
            if (names.size() == most) break;
            names.push_back(shown_path(path));
        }
        findings.push_back({"agent", true,
                            fmt::format("it also changed {}{}: would be a part of every proposal",
                                        fmt::join(names, ", "), trial.stray.size() > most ? ", …" : ""),
                            true});
    }
    const bool known = answer.usage.input_tokens > 0 || answer.usage.output_tokens > 0;
    findings.push_back({"agent", true,
                        known
                            ? "it used " + words_for(answer.usage)
                            : "what it used is not known: no budget of requests, tokens or cost can be kept",
                        !known});
    return findings;
}

namespace {

/// `campaign` as this proposer sees it.
std::vector<Observation> look_at_one(Workbench& bench, const Campaign& campaign, bool trial) {
    OpenCampaign& opened = bench.opened;
    const std::string& name = name_of(campaign.proposer);
    if (!asks_somebody(campaign.proposer)) {
        if (!trial) return {};
        return {{"agent", true, fmt::format("\"{}\" asks nobody: there is nothing to be tried", name)}};
    }
    std::vector<Observation> findings = look_at_installation(campaign);
    for (Observation& finding : look_at_gateway(campaign.proposer, bench.confinement->tier()))
        findings.push_back(std::move(finding));
    if (std::any_of(findings.begin(), findings.end(), [](const Observation& each) { return !each.well; }))
        return findings;
    if (!trial) {
        findings.push_back(
            {"agent", true,
             "not asked; `ratchet check --agent` asks for one small edit, which costs a few requests"});
        return findings;
    }
    bench.status->message(fmt::format("asking {} for one small edit; this costs a few requests", name));
    Worktree tree =
        Worktree::lease(opened.repository, bench.steps.folders().worktrees, campaign.name, "proposal");
    const auto proposer = make_proposer(campaign, opened.ledger, *bench.confinement, opened.campaign_folder,
                                        opened.repository.common_directory(), opened.state_folder, nullptr);
    make_folders(bench.steps.folders().logs / "trial");
    const std::filesystem::path log = bench.steps.folders().logs / "trial" / "proposer.zst";
    const AgentTrial made = try_agent(campaign, *proposer, tree, *bench.confinement,
                                      opened.ledger.champion().commit, log, bench.stop);
    tree.remove();
    if (made.answer.stopped) return findings;
    for (Observation& finding : observations_of(made, name, log))
        findings.push_back(std::move(finding));
    return findings;
}

}  // namespace

std::vector<Observation> look_at_agent(Workbench& bench, bool trial) {
    std::vector<Observation> findings;
    for (const ProposerSettings* each : proposers_of(bench.opened.campaign)) {
        const Campaign seen = as_seen_by(bench.opened.campaign, name_of(*each));
        for (Observation& finding : look_at_one(bench, seen, trial))
            findings.push_back(std::move(finding));
        if (bench.stop.requested()) break;
    }
    return findings;
}

}  // namespace ratchet
