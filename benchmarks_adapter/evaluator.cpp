#include "benchmarks_adapter/evaluator.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "benchmarks_adapter/preparation.hpp"
#include "benchmarks_adapter/sampler.hpp"
#include "experiment_store/errors.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

// A run this long needs no run before it to warm the caches of the file system.
constexpr Seconds warm_up_limit{5};

/// The verdict of a command that did not do what it had to.
Decision failed(const StageRun& run, Verdict verdict) {
    Decision decision;
    decision.verdict = run.timed_out ? Verdict::timed_out : verdict;
    decision.reason = run.timed_out ? fmt::format("{} ran longer than its limit ({:.0f} s)", run.name,
                                                  run.figures.wall_seconds)
                                    : fmt::format("{} failed with exit status {}", run.name, run.exit_status);
    if (verdict == Verdict::benchmark_failed && !run.timed_out && run.exit_status == 0) {
        decision.reason = run.tail.substr(0, run.tail.find('\n'));
    }
    return decision;
}

std::string file_name_of(const std::string& gate) {
    std::string name = "gate-";
    for (const char c : gate)
        name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
    return name + ".zst";
}

}  // namespace

/// One evaluation, from check-out to verdict. Each step either has an end to report or leaves the next its
/// turn.
class Evaluation {
  public:
    Evaluation(Evaluator& evaluator, const EvaluationRequest& request, EvaluationObserver& observer,
               const StopSignal& stop)
        : evaluator_(evaluator),
          request_(request),
          observer_(observer),
          stop_(stop),
          sampler_(request.campaign, request.campaign.benchmark, evaluator.folders_, evaluator.processors_,
                   evaluator.calm_),
          logs_(evaluator.folders_.logs / log_folder_name(request.experiment)) {
        for (const Pair& pair : request.pairs)
            pairs_of(pair.phase).push_back(pair);
    }

    EvaluationResult run() {
        using Step = End (Evaluation::*)();
        for (const Step step : {&Evaluation::check_out, &Evaluation::build, &Evaluation::pass_gates,
                                &Evaluation::measure, &Evaluation::confirm, &Evaluation::hold_out}) {
            if (stop_.requested()) return *stopped();
            if (const End end = (this->*step)()) return *end;
        }
        return {false, kept_};
    }

  private:
    using End = std::optional<EvaluationResult>;
    static End go_on() { return std::nullopt; }
    static End decided(Decision decision) { return EvaluationResult{false, std::move(decision)}; }
    static End stopped() { return EvaluationResult{true, {}}; }

    End check_out() {
        make_folders(logs_);
        tree_ = &evaluator_.candidate_tree();
        observer_.stage("check out");
        const auto failure = tree_->check_out(request_.candidate, stop_);
        if (!failure) return go_on();
        if (stop_.requested()) return stopped();
        observer_.reached(Stage::admitted, {*failure});
        return decided(failed(*failure, Verdict::build_failed));
    }

    End build() {
        const EvaluationTree* cache = nullptr;
        if (!request_.campaign.build.cache.empty()) {
            champion_ = evaluator_.champion_tree(request_.champion, observer_, stop_);
            if (champion_ == nullptr) return stopped();
            cache = champion_;
        }
        observer_.stage("build");
        const StageRun run = tree_->build(cache, logs_ / "build.zst", stop_);
        if (!run.succeeded && stop_.requested()) return stopped();
        observer_.reached(Stage::built, {run});
        return run.succeeded ? go_on() : decided(failed(run, Verdict::build_failed));
    }

    End pass_gates() {
        if (request_.gates_passed) return go_on();
        const std::vector<StageRun> runs = evaluator_.run_gates(*tree_, logs_, observer_, stop_);
        const bool passed = runs.empty() || runs.back().succeeded;
        if (!passed && stop_.requested()) return stopped();
        observer_.reached(passed ? Stage::gated : Stage::built, runs);
        return passed ? go_on() : decided(failed(runs.back(), Verdict::gate_failed));
    }

    End measure() {
        observer_.stage("measure");
        if (End end = warm_up()) return end;
        while (true) {
            const Judgement judgement = judge_search(search_, request_.calibration, request_.rules);
            observer_.judged(judgement, static_cast<int>(search_.size()));
            if (judgement.next == Judgement::Next::decided) return decided(judgement.decision);
            if (judgement.next == Judgement::Next::confirm) break;
            if (End end = take_pair(sampler_, Phase::search)) return end;
        }
        observer_.reached(Stage::measured, {});
        return go_on();
    }

    End confirm() {
        observer_.stage("confirm");
        while (true) {
            const Judgement judgement =
                judge_confirmation(search_, confirmation_, request_.calibration, request_.rules);
            observer_.judged(judgement, static_cast<int>(confirmation_.size()));
            if (judgement.next == Judgement::Next::decided) {
                if (judgement.decision.verdict != Verdict::kept) return decided(judgement.decision);
                kept_ = judgement.decision;
                break;
            }
            if (End end = take_pair(sampler_, Phase::confirmation)) return end;
        }
        observer_.reached(Stage::confirmed, {});
        return go_on();
    }

    End hold_out() {
        if (!request_.campaign.holdout) return go_on();
        observer_.stage("hold out");
        const Sampler sampler(request_.campaign, *request_.campaign.holdout, evaluator_.folders_,
                              evaluator_.processors_, evaluator_.calm_);
        Rules rules = request_.rules;
        rules.direction = request_.campaign.holdout->direction;
        rules.scale = request_.campaign.holdout->scale;
        while (true) {
            // The calibration is of another benchmark: the holdout's noise is learnt from its own pairs.
            const std::optional<bool> holds = judge_holdout(holdout_, {}, rules);
            if (holds.has_value()) {
                if (*holds) return go_on();
                return lost_on_holdout(kept_.basis == Basis::not_worse
                                           ? "no worse on the benchmark, but on the held-out one"
                                           : "better on the benchmark, worse on the held-out one");
            }
            if (End end = take_pair(sampler, Phase::holdout)) return end;
        }
    }

    /// Says nothing of what the holdout printed: that would reach the next prompts.
    End lost_on_holdout(const char* reason) {
        Decision lost = kept_;
        lost.verdict = Verdict::holdout_failed;
        lost.reason = reason;
        return decided(std::move(lost));
    }

    End warm_up() {
        const bool needed = !request_.calibration.deterministic && search_.empty() &&
                            Seconds(request_.calibration.run_seconds) < warm_up_limit;
        if (!needed) return go_on();
        const SampleOutcome outcome = sampler_.sample(*tree_, request_.campaign.seed, stop_);
        if (outcome.stopped) return stopped();
        return outcome.failure ? benchmark_failed(*outcome.failure) : go_on();
    }

    End take_pair(const Sampler& sampler, Phase phase) {
        std::vector<Pair>& pairs = pairs_of(phase);
        const PairPlace place{request_.campaign.seed, request_.experiment, phase,
                              static_cast<int>(pairs.size())};
        PairOutcome outcome;
        if (champion_value_is_known(phase)) {
            KnownSample known;
            known.sample.value = request_.calibration.champion_value;
            known.units = evaluator_.seen_units_->units;
            outcome = sampler.pair_with_known(known, request_.champion, *tree_, place, stop_);
        } else {
            if (champion_ == nullptr)
                champion_ = evaluator_.champion_tree(request_.champion, observer_, stop_);
            if (champion_ == nullptr) return stopped();
            outcome = sampler.pair(*champion_, *tree_, place, stop_);
        }
        if (outcome.stopped) return stopped();
        if (outcome.failure && phase == Phase::holdout)
            return lost_on_holdout("failed on the held-out benchmark");
        if (outcome.failure) return benchmark_failed(*outcome.failure);
        if (phase != Phase::holdout)
            evaluator_.seen_units_ = {request_.champion, std::move(outcome.champion_units)};
        observer_.pair(*outcome.pair);
        pairs.push_back(std::move(*outcome.pair));
        return go_on();
    }

    /// A deterministic metric was measured on the champion when it was calibrated; its confirmation is
    /// measured anew. After a restart its unit is not known, so the first experiment runs the champion again.
    [[nodiscard]] bool champion_value_is_known(Phase phase) const {
        return request_.calibration.deterministic && phase == Phase::search &&
               request_.campaign.constraints.empty() && evaluator_.seen_units_ &&
               evaluator_.seen_units_->champion == request_.champion;
    }

    End benchmark_failed(const StageRun& run) {
        observer_.reached(Stage::gated, {run});
        return decided(failed(run, Verdict::benchmark_failed));
    }

    std::vector<Pair>& pairs_of(Phase phase) {
        switch (phase) {
            case Phase::confirmation:
                return confirmation_;
            case Phase::holdout:
                return holdout_;
            default:
                return search_;
        }
    }

    Evaluator& evaluator_;
    const EvaluationRequest& request_;
    EvaluationObserver& observer_;
    const StopSignal& stop_;
    Sampler sampler_;
    fs::path logs_;
    EvaluationTree* tree_ = nullptr;
    EvaluationTree* champion_ = nullptr;
    std::vector<Pair> search_;
    std::vector<Pair> confirmation_;
    std::vector<Pair> holdout_;
    Decision kept_;
};

Evaluator::Evaluator(Repository& repository, Confinement& confinement, const Campaign& campaign,
                     EvaluationFolders folders)
    : repository_(repository), confinement_(confinement), campaign_(campaign), folders_(std::move(folders)) {}

EvaluationResult Evaluator::evaluate(const EvaluationRequest& request, EvaluationObserver& observer,
                                     const StopSignal& stop) {
    return Evaluation(*this, request, observer, stop).run();
}

EvaluationTree& Evaluator::candidate_tree() {
    if (!candidate_tree_)
        candidate_tree_.emplace("candidate", repository_, confinement_, campaign_, folders_);
    return *candidate_tree_;
}

EvaluationTree* Evaluator::champion_tree(const CommitId& champion, EvaluationObserver& observer,
                                         const StopSignal& stop, Rebuild rebuild) {
    if (!champion_tree_) champion_tree_.emplace("champion", repository_, confinement_, campaign_, folders_);
    if (champion_tree_->built() == champion && rebuild == Rebuild::if_needed) return &*champion_tree_;
    if (rebuild == Rebuild::from_nothing) champion_tree_->forget_caches();
    observer.stage("build the champion");
    make_folders(folders_.logs);
    std::optional<StageRun> failure = champion_tree_->check_out(champion, stop);
    if (!failure) {
        const StageRun run = champion_tree_->build(nullptr, folders_.logs / "champion-build.zst", stop);
        if (!run.succeeded) failure = run;
    }
    if (!failure) return &*champion_tree_;
    if (stop.requested()) return nullptr;
    throw UserError(
        fmt::format("the champion {} does not build here ({}, exit status {}): {}", champion.abbreviated(),
                    failure->name, failure->exit_status, failure->tail),
        "`ratchet check` tries each step on it; see [prepare] and sandbox.read in docs/campaign-file.md");
}

std::vector<StageRun> Evaluator::run_gates(EvaluationTree& tree, const fs::path& logs,
                                           EvaluationObserver& observer, const StopSignal& stop) {
    std::vector<StageRun> runs;
    for (const Gate& gate : campaign_.gates) {
        observer.stage("gate " + gate.name);
        for (int attempt = 0; attempt < gate.attempts; ++attempt) {
            const fs::path log = logs / file_name_of(gate.name);
            TreeCommand command;
            command.shell_command = gate.command;
            command.timeout = gate.timeout;
            command.log = log;
            const RunResult result = tree.run(command, stop);
            runs.push_back(stage_run(Stage::gated, gate.name, result, log));
            if (runs.back().succeeded || stop.requested()) break;
        }
        if (!runs.back().succeeded) break;
    }
    return runs;
}

void Evaluator::require_sound(const CommitId& champion, EvaluationObserver& observer, const StopSignal& stop,
                              Rebuild rebuild) {
    EvaluationTree* tree = champion_tree(champion, observer, stop, rebuild);
    if (tree == nullptr) return;
    const std::vector<StageRun> runs = run_gates(*tree, folders_.logs, observer, stop);
    if (stop.requested()) return;
    if (runs.empty() || runs.back().succeeded) {
        const Sampler sampler(campaign_, campaign_.benchmark, folders_, processors_, calm_);
        if (rebuild != Rebuild::if_needed) sampler.champion_sample(*tree, campaign_.seed, stop);
        return;
    }
    throw UserError(
        fmt::format("gate \"{}\" fails on the champion {} itself (exit status {}): {}", runs.back().name,
                    champion.abbreviated(), runs.back().exit_status, runs.back().tail),
        "a gate must pass on the code that the campaign starts from");
}

std::optional<Calibration> Evaluator::calibrate(const CommitId& champion, EvaluationObserver& observer,
                                                const StopSignal& stop) {
    EvaluationTree* tree = champion_tree(champion, observer, stop);
    if (tree == nullptr) return std::nullopt;
    observer.stage("calibrate");
    const Benchmark& benchmark = campaign_.benchmark;
    const Sampler sampler(campaign_, benchmark, folders_, processors_, calm_);
    std::vector<Pair> pairs;
    while (true) {
        const CalibrationProgress progress = ratchet::calibrate(pairs, benchmark.direction, benchmark.scale);
        if (progress.complete) return progress.calibration;
        const PairPlace place{campaign_.seed, {}, Phase::calibration, static_cast<int>(pairs.size())};
        PairOutcome outcome = sampler.pair(*tree, *tree, place, stop);
        if (outcome.stopped) return std::nullopt;
        if (outcome.failure) {
            throw UserError("the benchmark fails on the champion itself: " + outcome.failure->tail,
                            "`ratchet check` tries each step on it");
        }
        Judgement shown;
        observer.judged(shown, static_cast<int>(pairs.size()));
        seen_units_ = {champion, std::move(outcome.champion_units)};
        pairs.push_back(std::move(*outcome.pair));
    }
}

void Evaluator::discard(const CommitId& candidate) {
    if (campaign_.prepare) Preparation(repository_, campaign_, folders_.prepared).discard(candidate);
}

void Evaluator::release() {
    if (champion_tree_) champion_tree_->release();
    if (candidate_tree_) candidate_tree_->release();
    champion_tree_.reset();
    candidate_tree_.reset();
}

}  // namespace ratchet
