#include "orchestrator/briefing/policy.hpp"

#include <algorithm>
#include <vector>

#include "orchestrator/briefing/streak.hpp"
#include "sandbox/workspace/scope.hpp"

namespace ratchet {
namespace {

constexpr int keeps_between_simplifications = 4;
constexpr int files_considered = 200;

/// SplitMix64 (Steele, Lea and Flood 2014): neighbouring numbers become unrelated ones.
std::uint64_t mixed(std::uint64_t value) {
    value += 0x9E3779B97F4A7C15ULL;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31);
}

std::uint64_t seed_of(std::uint64_t campaign_seed, ExperimentId id) {
    return mixed(campaign_seed ^ mixed(static_cast<std::uint64_t>(id.value)));
}

bool in_scope(const Campaign& campaign, const std::string& path) {
    const Scope scope{campaign.scope, campaign.protect, campaign.folder};
    return admit(scope, path) == Admission::in_scope;
}

bool time_to_simplify(const Ledger& ledger) {
    const int kept = ledger.error_budget().kept;
    return kept > 0 && kept % keeps_between_simplifications == 0 && ledger.since_last_kept() == 0;
}

/// The file of the newest near miss that nobody has taken up again.
std::optional<std::string> file_to_exploit(const Campaign& campaign, const Ledger& ledger) {
    SummaryQuery query;
    query.limit = experiments_looked_back;
    const std::vector<Summary> newest = ledger.summaries(query);
    std::vector<std::string> exploited;
    for (const Summary& experiment : newest) {
        if (experiment.move == Move::exploit) exploited.push_back(experiment.focus);
        if (!is_near_miss(experiment)) continue;
        for (const std::string& file : experiment.files) {
            const bool taken = std::find(exploited.begin(), exploited.end(), file) != exploited.end();
            if (!taken && in_scope(campaign, file)) return file;
        }
    }
    return std::nullopt;
}

/// The file in scope with the fewest attempts; empty where no file was touched yet.
std::string least_tried_file(const Campaign& campaign, const Ledger& ledger) {
    std::vector<FileRecord> files = ledger.map(files_considered);
    std::erase_if(files, [&](const FileRecord& file) { return !in_scope(campaign, file.path); });
    const auto least = std::min_element(files.begin(), files.end(), [](const auto& a, const auto& b) {
        return a.attempts != b.attempts ? a.attempts < b.attempts : a.path < b.path;
    });
    return least == files.end() ? std::string() : least->path;
}

/// What the brief asks for while attempt after attempt fails in the same way: to mend what breaks; where that
/// does not help either, or there is nothing to mend, to look elsewhere.
void turn_away_from(const Streak& streak, const Campaign& campaign, const Ledger& ledger, Brief& brief) {
    const bool broken = streak.kind != "nothing" && !streak.kind.starts_with(name_of(Verdict::rejected));
    if (broken && streak.length < 2 * streak_that_changes_the_brief) {
        brief.move = Move::repair;
    } else {
        brief.focus = least_tried_file(campaign, ledger);
    }
}

}  // namespace

bool is_near_miss(const Summary& experiment) {
    if (!experiment.decision || !experiment.decision->effect) return false;
    const Verdict verdict = experiment.decision->verdict;
    return (verdict == Verdict::inconclusive || verdict == Verdict::no_gain) &&
           experiment.decision->effect->estimate > 0;
}

Brief plan(const Campaign& campaign, const Ledger& ledger) {
    Brief brief;
    brief.id = ExperimentId{ledger.experiment_count() + 1};
    brief.parent = ledger.champion().commit;
    brief.proposer = campaign.proposer.use;
    brief.seed = seed_of(campaign.seed, brief.id);
    // What a proposer without a digest is to take up again, it could not know.
    if (campaign.proposer.memory != PromptMemory::digest) return brief;
    const Streak streak = failure_streak(ledger, 2 * streak_that_changes_the_brief);
    if (streak.length >= streak_that_changes_the_brief) {
        turn_away_from(streak, campaign, ledger, brief);
    } else if (time_to_simplify(ledger)) {
        brief.move = Move::simplify;
    } else if (const std::optional<std::string> file = file_to_exploit(campaign, ledger)) {
        brief.move = Move::exploit;
        brief.focus = *file;
    } else if (brief.seed % 2 == 1) {
        brief.focus = least_tried_file(campaign, ledger);
    }
    return brief;
}

}  // namespace ratchet
