// What can be judged once more, and how the verdicts compare.

#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/candidate.hpp"
#include "orchestrator/measure_again.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {
namespace {

enum class VerdictGroup { kept, measured, failed, never_run };

VerdictGroup group_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::kept:
        case Verdict::vetoed:
            return VerdictGroup::kept;
        case Verdict::no_gain:
        case Verdict::regressed:
        case Verdict::inconclusive:
        case Verdict::constraint_violated:
        case Verdict::holdout_failed:
            return VerdictGroup::measured;
        case Verdict::gate_failed:
        case Verdict::build_failed:
        case Verdict::benchmark_failed:
        case Verdict::timed_out:
            return VerdictGroup::failed;
        default:
            return VerdictGroup::never_run;
    }
}

VerdictGroup group_of(ImportedStatus status) {
    switch (status) {
        case ImportedStatus::keep:
            return VerdictGroup::kept;
        case ImportedStatus::discard:
            return VerdictGroup::measured;
        default:
            return VerdictGroup::failed;
    }
}

std::string why_not(const ReplayItem& item, const Repository& repository) {
    for (const CommitId* commit : {&item.candidate, &item.champion}) {
        if (!repository.exists(*commit))
            return fmt::format("its commit {} is not in this repository", commit->abbreviated());
    }
    return {};
}

}  // namespace

std::string ReplayItem::number() const {
    return experiment ? number_text(*experiment) : imported_number(*imported);
}

bool ReplayItem::is_of(const Replay& replay) const {
    return replay.experiment == experiment && replay.imported == imported;
}

ReplayItem replay_item(const Experiment& experiment, const Repository& repository) {
    ReplayItem item;
    item.experiment = experiment.brief.id;
    item.champion = opponent_of(experiment);
    item.candidate = experiment.candidate;
    item.idea = summary_of(experiment).idea;
    item.test_number = experiment.test_number;
    if (!experiment.decision) {
        item.cannot = "it is not finished";
        return item;
    }
    // A veto is a person's word; what was measured was a gain.
    const Verdict verdict = experiment.vetoed ? Verdict::kept : experiment.decision->verdict;
    item.then = name_of(verdict);
    item.effect_then = experiment.decision->effect;
    if (group_of(verdict) == VerdictGroup::never_run) {
        item.cannot = fmt::format("it was never run ({})", item.then);
    } else {
        item.cannot = why_not(item, repository);
    }
    return item;
}

ReplayItem replay_item(const ImportedExperiment& imported, const Repository& repository) {
    ReplayItem item;
    item.imported = imported.id;
    item.candidate = imported.commit;
    item.idea = imported.description;
    item.then = name_of(imported.status);
    if (imported.baseline) {
        item.cannot = "it is a baseline: nothing was tried yet";
    } else if (imported.commit.empty()) {
        item.cannot = "it has no commit of its own in this repository";
    } else if (!repository.exists(imported.commit)) {
        item.cannot = fmt::format("its commit {} is not in this repository", imported.commit.abbreviated());
    } else {
        item.champion = repository.parent_of(imported.commit);
        item.cannot = item.champion.empty() ? "its commit has no parent to be measured against"
                                            : why_not(item, repository);
    }
    return item;
}

Agreement agreement(const ReplayItem& item, const Decision& now) {
    const VerdictGroup outcome = group_of(now.verdict);
    if (item.imported) {
        return group_of(*named<ImportedStatus>(item.then)) == outcome ? Agreement::same : Agreement::differs;
    }
    const Verdict then = *named<Verdict>(item.then);
    if (then == now.verdict) return Agreement::same;
    const bool both_measured = group_of(then) == VerdictGroup::measured && outcome == VerdictGroup::measured;
    return both_measured ? Agreement::similar : Agreement::differs;
}

std::vector<ReplayItem> items_left(std::vector<ReplayItem> items, const std::vector<Replay>& replays,
                                   const std::string& host, std::int64_t epoch) {
    const auto times = [&](const ReplayItem& item) {
        return std::count_if(replays.begin(), replays.end(), [&](const Replay& replay) {
            return replay.host == host && replay.epoch == epoch && item.is_of(replay);
        });
    };
    std::vector<std::ptrdiff_t> counts;
    for (const ReplayItem& item : items)
        counts.push_back(times(item));
    const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
    if (items.empty() || *least == *most) return items;
    std::vector<ReplayItem> left;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (counts[i] < *most) left.push_back(std::move(items[i]));
    }
    return left;
}

}  // namespace ratchet
