// The steps that are about the champion and belong to no experiment: its noise, its total gain, its refs.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "benchmarks_adapter/inference.hpp"
#include "experiment_store/errors.hpp"
#include "orchestrator/candidate.hpp"
#include "orchestrator/experiment_observer.hpp"
#include "orchestrator/experiment_steps.hpp"
#include "orchestrator/proposers/given.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {
namespace {

// The fewest whose 95 % interval bears one pair that points the other way a little.
constexpr int canary_pairs = 8;

// DESIGN 6: the champion's own time has moved by more than a fifth since it was calibrated.
constexpr double calibration_drift = 0.1823;  // ln 1.2

}  // namespace

std::optional<Experiment> ExperimentSteps::displaced() const {
    const auto tally = ledger_.tally();
    const auto kept_now = std::find_if(tally.begin(), tally.end(),
                                       [](const auto& each) { return each.first == Verdict::kept; });
    const std::int64_t kept_in_all = kept_now == tally.end() ? 0 : kept_now->second;
    if (kept_in_all == ledger_.step_sum().steps) return std::nullopt;  // the champion stands on all of them
    std::set<std::string> settled;
    for (const Champion& champion : ledger_.lineage())
        settled.insert(champion.commit.hex);
    SummaryQuery query;
    query.verdict = Verdict::kept;
    query.newest_first = false;
    query.limit = std::numeric_limits<int>::max();
    const std::vector<Summary> kept = ledger_.summaries(query);
    for (const Summary& again : ledger_.proposals_of(std::string(again_proposer))) {
        settled.insert(ledger_.origin(again.id)["commit"]);
    }
    for (const Summary& summary : kept) {
        if (settled.contains(summary.candidate.hex)) continue;
        std::optional<Experiment> displaced = ledger_.experiment(summary.id);
        // What was kept of one that started at a near miss is both changes together.
        if (!displaced->brief.champion.empty() && repository_.exists(displaced->candidate))
            displaced->proposal->diff = repository_.diff(opponent_of(*displaced), displaced->candidate);
        return displaced;
    }
    return std::nullopt;
}

void ExperimentSteps::project_champion() {
    move_references();
    // Who is told may look at the branch. Where the disk was full just then, it is done and told afterwards.
    if (untold_kept_) events_.kept(*untold_kept_);
    untold_kept_.reset();
}

void ExperimentSteps::move_references() {
    const std::vector<CommitId> ours = opened_.champions_ever();
    const CommitId champion = ledger_.champion().commit;
    if (repository_.pinned(campaign_.name, "champion") != champion) {
        repository_.pin(campaign_.name, "champion", champion);
    }
    const std::string branch = "ratchet/" + campaign_.name;
    switch (repository_.move_branch(campaign_.name, champion, ours)) {
        case BranchMove::moved:
        case BranchMove::unchanged:
            break;
        case BranchMove::checked_out:
            status_.warning(
                fmt::format("branch {} is checked out and was left where it is; the champion is at "
                            "refs/ratchet/{}/champion",
                            branch, campaign_.name));
            break;
        case BranchMove::not_ours:
            status_.warning(
                fmt::format("branch {} has commits that are not this campaign's and was left where it is; "
                            "the champion is at refs/ratchet/{}/champion",
                            branch, campaign_.name));
            break;
        case BranchMove::impossible:
            status_.warning(
                fmt::format("branch {} cannot be made (is there a branch `ratchet`?); the champion is at "
                            "refs/ratchet/{}/champion",
                            branch, campaign_.name));
            break;
    }
}

std::optional<Calibration> ExperimentSteps::known_calibration() const {
    const Champion champion = ledger_.champion();
    const std::int64_t epoch = ledger_.epoch() ? ledger_.epoch()->id : 0;
    const auto known = ledger_.latest_calibration();
    if (!known || known->epoch != epoch || known->host != host_) return std::nullopt;
    double moved = 0;
    bool counting = false;
    for (const Champion& step : ledger_.lineage()) {
        if (counting && step.effect) moved += step.effect->estimate;
        counting = counting || step.commit == known->champion;
    }
    const bool fits = known->champion == champion.commit ||
                      (!known->deterministic && counting && std::abs(moved) <= calibration_drift);
    if (!fits) return std::nullopt;
    return Calibration{known->deterministic, known->differences, known->champion_value, known->run_seconds};
}

std::optional<Calibration> ExperimentSteps::calibration() {
    if (auto known = known_calibration()) return known;
    discard_pairs_in_flight();
    const Champion champion = ledger_.champion();
    status_.message(fmt::format("calibrating: {} against itself, to learn this machine's noise",
                                champion.commit.abbreviated()));
    Observer observer(*this, nullptr);
    std::optional<Calibration> calibration = evaluator_.calibrate(champion.commit, observer, stop_);
    if (!calibration) return std::nullopt;
    CalibrationRecord record;
    record.epoch = ledger_.epoch() ? ledger_.epoch()->id : 0;
    record.host = host_;
    record.champion = champion.commit;
    record.deterministic = calibration->deterministic;
    record.differences = calibration->differences;
    record.champion_value = calibration->champion_value;
    record.run_seconds = calibration->run_seconds;
    record.at = opened_.clock->now();
    ledger_.add_calibration(record);
    return calibration;
}

std::optional<Verification> ExperimentSteps::verify() {
    Verification verification;
    verification.base = ledger_.identity()->base;
    verification.champion = ledger_.champion().commit;
    Observer observer(*this, nullptr);
    const std::vector<Pair> pairs =
        evaluator_.compare(verification.base, verification.champion, verification_pairs, observer, stop_);
    if (stop_.requested()) return std::nullopt;
    verification.total = estimate_effect(pairs, rules_of(campaign_));
    verification.pairs = static_cast<int>(pairs.size());
    verification.host = host_;
    verification.at = opened_.clock->now();
    ledger_.add_verification(verification);
    return verification;
}

std::vector<Pair> ExperimentSteps::record_noise(int pairs) {
    const CommitId champion = ledger_.champion().commit;
    Observer observer(*this, nullptr);
    return evaluator_.compare(champion, champion, pairs, observer, stop_);
}

std::optional<CanaryRecord> ExperimentSteps::canary() {
    if (!campaign_.canary) return std::nullopt;
    const Canary& canary = *campaign_.canary;
    const std::string text =
        canary.patch.empty() ? canary.command : read_text(opened_.campaign_folder / canary.patch);
    CanaryRecord record;
    record.epoch = ledger_.epoch() ? ledger_.epoch()->id : 0;
    record.host = host_;
    record.sabotage = hash_of(text);
    // The base, and not the champion: a patch that fits the one need not fit the other.
    record.base = ledger_.identity()->base;
    if (auto known = ledger_.latest_canary();
        known && known->seen && known->epoch == record.epoch && known->sabotage == record.sabotage) {
        return known;
    }
    const std::optional<Calibration> noise = calibration();
    if (!noise) return std::nullopt;
    CommitId sabotaged = record.base;
    if (!canary.patch.empty()) {
        const auto made = repository_.commit_of(record.base, text, "canary", opened_.clock->now());
        if (!made) {
            throw UserError(fmt::format("the canary's patch {} does not apply to the base {}", canary.patch,
                                        record.base.abbreviated()),
                            "make it anew with `git diff`");
        }
        sabotaged = *made;
    }
    Observer observer(*this, nullptr);
    observer.stage("canary");
    const std::vector<Pair> pairs = evaluator_.compare(
        record.base, sabotaged, noise->deterministic ? 1 : canary_pairs, observer, stop_, canary.command);
    if (stop_.requested() || pairs.empty()) return std::nullopt;
    record.effect = estimate_effect(pairs, rules_of(campaign_));
    record.pairs = static_cast<int>(pairs.size());
    record.seen = noise->deterministic ? record.effect.estimate < 0 : record.effect.high < 0;
    record.at = opened_.clock->now();
    ledger_.add_canary(record);
    return record;
}

void ExperimentSteps::require_canary() {
    const std::optional<CanaryRecord> record = canary();
    if (!record || record->seen) return;
    throw UserError(
        fmt::format("the benchmark does not measure the code in the worktree: the canary's sabotage shows as "
                    "{} and not as worse",
                    interval_text(record->effect, campaign_.benchmark.scale)),
        "does it run something that is installed elsewhere, or a build that is not made anew? Or is the "
        "sabotage too small?");
}

void ExperimentSteps::require_sound() {
    Observer observer(*this, nullptr);
    evaluator_.require_sound(ledger_.champion().commit, observer, stop_);
}

}  // namespace ratchet
