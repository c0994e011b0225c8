#include "orchestrator/briefing/policy.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "experiment_store/errors.hpp"
#include "orchestrator/briefing/moves.hpp"
#include "orchestrator/briefing/parents.hpp"
#include "orchestrator/briefing/repair.hpp"
#include "orchestrator/proposers/declared.hpp"
#include "sandbox/workspace/scope.hpp"

namespace ratchet {
namespace {

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

std::vector<ExperimentId> numbers_in(const std::string& text) {
    std::vector<ExperimentId> numbers;
    for (std::size_t at = text.find('#'); at != std::string::npos; at = text.find('#', at + 1)) {
        ExperimentId id;
        const auto read = std::from_chars(text.data() + at + 1, text.data() + text.size(), id.value);
        if (read.ec == std::errc() && id.value > 0) numbers.push_back(id);
    }
    return numbers;
}

/// In the order of policy.hpp.
constexpr std::array rules_of_the_policy = {mend_or_turn_away,
                                            leave_the_plateau,
                                            take_out_dead_weight,
                                            tidy_up,
                                            combine_near_misses,
                                            exploit_near_miss,
                                            explore};

}  // namespace

std::vector<std::string> files_in_scope(const Campaign& campaign, const std::vector<std::string>& paths) {
    const Scope scope{campaign.scope, campaign.protect, campaign.folder};
    std::vector<std::string> files;
    std::copy_if(paths.begin(), paths.end(), std::back_inserter(files),
                 [&](const std::string& path) { return admit(scope, path) == Admission::in_scope; });
    return files;
}

bool is_near_miss(const Summary& experiment) {
    if (!experiment.decision || !experiment.decision->effect) return false;
    const Verdict verdict = experiment.decision->verdict;
    return (verdict == Verdict::inconclusive || verdict == Verdict::no_gain) &&
           experiment.decision->effect->estimate > 0;
}

std::int64_t plateau_of(const Campaign& campaign) {
    constexpr std::int64_t fewest = 5;
    constexpr std::int64_t otherwise = 20;
    return campaign.budget.plateau ? std::max(fewest, *campaign.budget.plateau / 2) : otherwise;
}

std::vector<ExperimentId> experiments_named(const Brief& brief) {
    std::vector<ExperimentId> numbers;
    if (brief.focus.starts_with('#')) numbers = numbers_in(brief.focus);
    if (brief.move == Move::exploit && brief.reason.starts_with('#')) {
        numbers = numbers_in(brief.reason);
        numbers.resize(std::min<std::size_t>(numbers.size(), 1));
    }
    return numbers;
}

namespace {

/// Parent, kind of move, focus and why, for the one proposer of this campaign.
void plan_move(const Campaign& campaign, const Ledger& ledger, const Places& places, Brief& brief) {
    // What a proposer without a digest is to take up again, it could not know.
    if (campaign.proposer.memory != PromptMemory::digest) {
        brief.parent = ledger.champion().commit;
        return;
    }
    SummaryQuery query;
    query.limit = experiments_looked_back;
    const Situation situation{
        campaign,  ledger, places, ledger.champion(), ledger.summaries(query), ledger.error_budget(),
        brief.seed};
    brief.parent = situation.champion.commit;
    for (const auto rule : rules_of_the_policy) {
        std::optional<Suggestion> suggestion = rule(situation);
        if (!suggestion) continue;
        brief.move = suggestion->move;
        brief.focus = std::move(suggestion->focus);
        brief.reason = std::move(suggestion->reason);
        break;
    }
    if (brief.move == Move::explore || brief.move == Move::exploit) {
        if (auto other = other_parent(situation)) {
            brief.champion = std::exchange(brief.parent, std::move(other->commit));
            brief.move = Move::exploit;
            brief.focus = std::move(other->focus);
            brief.reason = std::move(other->reason);
        }
    }
}

}  // namespace

Brief plan(const Campaign& campaign, const Ledger& ledger, const Places& places,
           const PassedOver& passed_over) {
    const ExperimentId id{ledger.experiment_count() + 1};
    const std::uint64_t seed = seed_of(campaign.seed, id);
    Brief brief;
    if (std::optional<Brief> repair = repair_to_ask_for(campaign, ledger, passed_over)) {
        brief = std::move(*repair);
        brief.id = id;
        brief.seed = seed;
        return brief;
    }
    brief.id = id;
    brief.seed = seed;
    const std::optional<ChosenProposer> chosen = choose_proposer(campaign, ledger, seed, passed_over);
    if (!chosen) throw MachineryError("a brief was asked for, and nobody is left to be asked");
    brief.proposer = chosen->name;
    brief.choice = chosen->reason;
    plan_move(as_seen_by(campaign, chosen->name), ledger, places, brief);
    return brief;
}

}  // namespace ratchet
