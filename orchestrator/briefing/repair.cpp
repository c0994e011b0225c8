#include "orchestrator/briefing/repair.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/briefing/list_part.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/briefing/streak.hpp"
#include "orchestrator/proposers/declared.hpp"

namespace ratchet {
namespace {

/// Behind it, what a person gave or what is tried again after a veto may have come in between.
constexpr int experiments_looked_at = 5;
constexpr std::size_t rejection_reason_bytes = 200;

bool is_mendable(Verdict verdict) {
    return verdict == Verdict::build_failed || verdict == Verdict::gate_failed;
}

/// The newest experiment that one of the campaign's proposers made.
std::optional<FinishedExperiment> newest_of_a_proposer(const Campaign& campaign, const Ledger& ledger) {
    for (FinishedExperiment& outcome : ledger.newest_finished(experiments_looked_at)) {
        if (proposer_named(campaign, outcome.proposer) != nullptr) return std::move(outcome);
    }
    return std::nullopt;
}

/// The command that failed last, where one is on record.
const StageRun* failed_run(const Experiment& experiment) {
    const auto failed = std::find_if(experiment.runs.rbegin(), experiment.runs.rend(),
                                     [](const StageRun& run) { return !run.succeeded; });
    return failed == experiment.runs.rend() ? nullptr : &*failed;
}

}  // namespace

std::optional<Brief> repair_to_ask_for(const Campaign& campaign, const Ledger& ledger,
                                       const PassedOver& passed_over) {
    const std::optional<FinishedExperiment> newest = newest_of_a_proposer(campaign, ledger);
    if (!newest || !is_mendable(newest->verdict) || newest->repair_of) return std::nullopt;
    const ProposerSettings& proposer = *proposer_named(campaign, newest->proposer);
    if (proposer.repair == 0 || passed_over.contains(newest->proposer)) return std::nullopt;
    if (ledger.repaired_by(newest->id)) return std::nullopt;
    if (failure_streak(ledger, streak_that_changes_the_brief).length >= streak_that_changes_the_brief)
        return std::nullopt;
    const auto failed = ledger.experiment(newest->id);
    if (!failed || !failed->proposal || failed->proposal->diff.empty()) return std::nullopt;
    Brief brief;
    brief.proposer = newest->proposer;
    brief.move = Move::repair;
    brief.focus = fmt::format("#{}", newest->id.value);
    brief.reason =
        fmt::format("#{} ended as {}: {}", newest->id.value, name_of(newest->verdict), newest->reason);
    brief.parent = failed->candidate_parent.empty() ? failed->brief.parent : failed->candidate_parent;
    brief.champion = failed->brief.champion;
    brief.repair_of = newest->id;
    if (!campaign.further_proposers.empty())
        brief.choice = fmt::format("it made #{}, which is to be mended", newest->id.value);
    return brief;
}

std::string write_repair(const Ledger& ledger, ExperimentId failed, std::size_t room) {
    const auto experiment = ledger.experiment(failed);
    if (!experiment || !experiment->proposal) return {};
    const StageRun* run = failed_run(*experiment);
    const std::string reason = experiment->decision
                                   ? prompt_line(experiment->decision->reason, rejection_reason_bytes)
                                   : std::string();
    std::string text = fmt::format(
        "## What is to be mended\nExperiment #{} started where you start, and broke: {}.\nIts change is "
        "below; "
        "your "
        "folder is without it. Take the idea up, mend what broke it, and leave the whole change. Where it "
        "cannot "
        "be "
        "mended, leave the folder as it is and say why in the notes.\n",
        failed.value, reason);
    if (text.size() >= room) return shortened(text, room);
    const std::size_t rest = room - text.size();
    const std::string heading = "The end of what the failed command printed:\n";
    std::string output;
    // A third at most: the change is what everything is about.
    if (run != nullptr && !run->tail.empty() && rest / 3 > heading.size()) {
        output = fenced(recorded, many_lines(run->tail), rest / 3 - heading.size());
        if (!output.empty()) output = heading + output;
    }
    text += fenced(fmt::format("the diff of #{}, {}", failed.value, recorded), experiment->proposal->diff,
                   rest - output.size());
    return text + output;
}

}  // namespace ratchet
