#include "orchestrator/experiment_steps.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <utility>

#include "benchmarks_adapter/machine.hpp"
#include "experiment_store/errors.hpp"
#include "orchestrator/admission.hpp"
#include "orchestrator/briefing/prompt.hpp"
#include "orchestrator/candidate.hpp"
#include "orchestrator/experiment_observer.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/proposers/declared.hpp"
#include "orchestrator/simplification.hpp"
#include "orchestrator/total_gain.hpp"
#include "sandbox/machine/room.hpp"
#include "sandbox/safe_text.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

/// `git gc --prune=now` beside us takes objects away between their being written and pinned.
constexpr int most_attempts_at_a_commit = 5;

}  // namespace

EvaluationFolders evaluation_folders(const OpenCampaign& opened) {
    EvaluationFolders folders;
    folders.state = opened.state_folder;
    folders.logs = opened.state_folder / "logs";
    folders.prepared = prepared_folder(opened);
    folders.worktrees = worktree_folder(opened);
    folders.benchmark_lock = opened.benchmark_lock;
    return folders;
}

ExperimentSteps::ExperimentSteps(OpenCampaign& opened, Confinement& confinement, Status& status,
                                 const TimeBudget& time, const Events& events, const StopSignal& stop)
    : opened_(opened),
      campaign_(opened.campaign),
      repository_(opened.repository),
      ledger_(opened.ledger),
      confinement_(confinement),
      status_(status),
      time_(time),
      events_(events),
      stop_(stop),
      folders_(evaluation_folders(opened)),
      host_(host_fingerprint(opened.campaign.benchmark.cores, confinement.tier())),
      evaluator_(repository_, confinement_, campaign_, folders_),
      prices_(opened.campaign.prices) {
    make_folders(folders_.logs);
    make_folders(folders_.worktrees);
}

Worktree& ExperimentSteps::proposal_tree() {
    if (!proposal_tree_) {
        proposal_tree_ = Worktree::lease(repository_, folders_.worktrees, campaign_.name, "proposal");
    }
    return *proposal_tree_;
}

Progress ExperimentSteps::progress_of(const Experiment& experiment) const {
    Progress progress;
    progress.experiment = experiment.brief.id;
    progress.experiments_done = ledger_.experiment_count() - 1;  // the one in flight is begun, not done
    progress.experiments_budget = campaign_.budget.experiments;
    if (const auto total = total_gain(ledger_)) progress.total_gain = total->effect.estimate;
    progress.time_left = time_.left();
    return progress;
}

Experiment ExperimentSteps::plan(const PassedOver& passed_over) {
    Experiment experiment;
    experiment.brief = ratchet::plan(campaign_, ledger_, places(), passed_over);
    const Campaign seen = as_seen_by(campaign_, experiment.brief.proposer);
    experiment.brief.id = ledger_.begin(experiment.brief, write_prompt(seen, ledger_, experiment.brief));
    return experiment;
}

const Places& ExperimentSteps::places() {
    const CommitId champion = ledger_.champion().commit;
    if (champion_of_places_ != champion) {
        places_.files = files_in_scope(campaign_, repository_.paths(champion));
        champion_of_places_ = champion;
    }
    return places_;
}

Experiment ExperimentSteps::plan_given(const std::string& proposer, Move move) {
    Experiment experiment;
    experiment.brief.move = move;
    experiment.brief.parent = ledger_.champion().commit;
    experiment.brief.proposer = proposer;
    experiment.brief.id = ledger_.begin(experiment.brief, {});
    return experiment;
}

/// Git is the ledger's projection: an earlier candidate that was pruned is made again.
void ExperimentSteps::restore_parent(const Brief& brief) {
    if (brief.champion.empty() || repository_.exists(brief.parent)) return;
    for (const CandidateRecord& candidate : ledger_.candidates()) {
        if (candidate.commit == brief.parent)
            return restore_candidate(repository_, campaign_.name, ledger_, candidate);
    }
}

void ExperimentSteps::make_candidate(Experiment& experiment) {
    for (int attempt = 1;; ++attempt) {
        try {
            const auto candidate = commit_of_proposal(repository_, campaign_.name, experiment);
            if (!candidate) return;
            experiment.tree = repository_.tree_of(*candidate);
            repository_.pin(campaign_.name, std::to_string(experiment.brief.id.value), *candidate);
            experiment.candidate = *candidate;
            return;
        } catch (const MachineryError&) {
            if (attempt == most_attempts_at_a_commit) throw;
        }
    }
}

void ExperimentSteps::capture(Experiment& experiment) {
    make_candidate(experiment);
    ledger_.captured(experiment.brief.id, experiment.candidate, experiment.tree, experiment.candidate_parent);
    experiment.stage = Stage::captured;
}

std::optional<Decision> ExperimentSteps::admit(const Experiment& experiment) {
    if (experiment.stage > Stage::captured) return std::nullopt;
    return ratchet::admit(experiment, campaign_, ledger_, repository_);
}

Rules ExperimentSteps::rules_for(const Experiment& experiment) const {
    const ErrorBudget errors = ledger_.error_budget();
    Rules rules = rules_of(campaign_);
    rules.test = experiment.test_number > 0 ? experiment.test_number : errors.tests + 1;
    rules.keeps = errors.kept;
    rules.budgeted = ledger_.identity()->budgeted;
    rules.seed = campaign_.seed ^ static_cast<std::uint64_t>(experiment.brief.id.value);
    if (may_be_kept_as_not_worse(experiment)) allow_margin(rules, experiment, errors);
    return rules;
}

std::optional<Decision> ExperimentSteps::evaluate(Experiment& experiment) {
    const CommitId champion = ledger_.champion().commit;
    if (champion != opponent_of(experiment)) rebase(experiment);
    if (experiment.candidate.empty()) return admit(experiment);
    // Git is the ledger's projection: what was pruned is made again.
    if (!repository_.exists(experiment.candidate)) make_candidate(experiment);
    if (experiment.stage == Stage::captured) {
        ledger_.advance(experiment.brief.id, Stage::admitted);
        experiment.stage = Stage::admitted;
    }
    const bool is_calibrated = known_calibration().has_value();
    const std::optional<Calibration> noise = calibration();
    if (!is_calibrated) experiment.pairs.clear();  // as in the ledger
    if (!noise) return std::nullopt;

    EvaluationRequest request;
    request.experiment = experiment.brief.id;
    request.champion = champion;
    request.candidate = experiment.candidate;
    request.campaign = campaign_;
    request.calibration = *noise;
    request.rules = rules_for(experiment);
    request.pairs = experiment.pairs;
    request.gates_passed = experiment.stage >= Stage::gated;
    Observer observer(*this, &experiment);
    if (!noise->deterministic) observer.tests_margin(request.rules);
    EvaluationResult result = evaluator_.evaluate(request, observer, stop_);
    if (result.stopped || !is_to_blame(experiment, result.decision)) return std::nullopt;
    return with_history(experiment, std::move(result.decision));
}

bool ExperimentSteps::is_to_blame(Experiment& experiment, const Decision& decision) {
    const Verdict verdict = decision.verdict;
    const bool broken = verdict == Verdict::build_failed || verdict == Verdict::gate_failed ||
                        verdict == Verdict::benchmark_failed || verdict == Verdict::timed_out;
    broken_in_a_row_ = broken ? broken_in_a_row_ + 1 : 0;
    // Each look costs a build: at the first of a row, and once more when caches may hide what is missing.
    constexpr int first = 1;
    constexpr int from_nothing = 3;
    if (broken_in_a_row_ != first && broken_in_a_row_ != from_nothing) return true;
    Observer observer(*this, &experiment);
    try {
        evaluator_.require_sound(ledger_.champion().commit, observer, stop_,
                                 broken_in_a_row_ == first ? Rebuild::again : Rebuild::from_nothing);
    } catch (const UserError& error) {
        throw UserError(fmt::format("#{} ended as {}, but the champion does not run here any more either: {}",
                                    experiment.brief.id.value, name_of(verdict), error.what()),
                        "something outside of the code has changed; nothing is held against the proposal. "
                        "`ratchet check` tries each step; then `ratchet run` evaluates it again");
    }
    return !stop_.requested();
}

void ExperimentSteps::wait(Seconds time, const std::string& why) {
    if (const auto left = time_.left()) time = std::min(time, *left);
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration_cast<Milliseconds>(time);
    status_.message(fmt::format("waiting {} before the next proposal: {}",
                                format_duration(std::chrono::duration_cast<Milliseconds>(time)), why));
    pollfd wish{stop_.descriptor(), POLLIN, 0};
    while (!stop_.requested()) {
        const auto left = std::chrono::ceil<Milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) return;
        ::poll(&wish, 1, static_cast<int>(left.count()));
    }
}

void ExperimentSteps::discard_pairs_in_flight() {
    for (const Experiment& experiment : ledger_.unfinished()) {
        if (experiment.pairs.empty()) continue;
        ledger_.discard_pairs(experiment.brief.id, "taken before the last calibration");
    }
}

void ExperimentSteps::rebase(Experiment& experiment) {
    ledger_.discard_pairs(experiment.brief.id, "the champion changed");
    experiment.pairs.clear();
    // It stands elsewhere on purpose: only what it is measured against is another one now.
    if (!experiment.brief.champion.empty()) return;
    experiment.candidate_parent = ledger_.champion().commit;
    if (!experiment.candidate.empty()) evaluator_.discard(experiment.candidate);
    experiment.candidate = {};
    experiment.tree = {};
    capture(experiment);
}

bool ExperimentSteps::record(Experiment& experiment, const Decision& decision) {
    try {
        ledger_.finish(experiment.brief.id, decision, opponent_of(experiment));
    } catch (const ChampionMoved&) {
        return false;
    }
    experiment.decision = decision;
    experiment.finished_at = opened_.clock->now();
    if (decision.verdict != Verdict::kept && !experiment.candidate.empty())
        evaluator_.discard(experiment.candidate);
    status_.finished(experiment);
    if (decision.verdict == Verdict::kept) {
        untold_kept_ = experiment;
        project_champion();
    }
    return true;
}

void ExperimentSteps::require_room() const {
    ratchet::require_room(folders_.state);
    ratchet::require_room(folders_.worktrees);
}

void ExperimentSteps::tell_of_a_loss(const SandboxLost& loss) {
    status_.warning(fmt::format("{}: that step is taken again", loss.what()));
}

bool ExperimentSteps::restore_lost(ExperimentId first) {
    const int restored = ratchet::restore_lost(repository_, campaign_.name, ledger_, first);
    if (restored == 0) return false;
    status_.warning(fmt::format(
        "git has lost {} of this campaign's commits (a `git gc --prune=now` beside the run?); made again "
        "from the ledger",
        restored));
    return true;
}

void ExperimentSteps::abandon(Experiment& experiment, const std::string& reason) {
    Decision decision;
    decision.verdict = Verdict::interrupted;
    decision.reason = reason;
    record(experiment, decision);
}

void ExperimentSteps::release() {
    evaluator_.release();
    proposal_tree_.reset();
    repository_.unpin(campaign_.name, left_out_pin);
    // All of them, whatever is left: an earlier run may have been killed while it took one away.
    for (const char* name : worktree_names) {
        remove_worktree(name);
    }
}

void ExperimentSteps::give_room_back() {
    evaluator_.release();
    if (!answer_) proposal_tree_.reset();
    for (const char* name : worktree_names) {
        std::error_code none;
        const bool kept = answer_ && name == std::string_view("proposal");
        if (kept || !fs::exists(folders_.worktrees / name, none)) continue;
        try {
            remove_worktree(name);
        } catch (const std::exception& left) {
            status_.message(left.what());  // it is used again
        }
    }
}

void ExperimentSteps::remove_worktree(const char* name) {
    Worktree::lease(repository_, folders_.worktrees, campaign_.name, name).remove();
    remove_tree(cache_folder(folders_, name));
}

}  // namespace ratchet
