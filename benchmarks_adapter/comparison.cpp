// Fresh pairs of two commits that belong to no experiment: base against champion, champion against itself
// without one of its steps.

#include <fmt/format.h>

#include "benchmarks_adapter/evaluator.hpp"
#include "benchmarks_adapter/sampler.hpp"
#include "experiment_store/errors.hpp"

namespace ratchet {

std::vector<Pair> Evaluator::compare(const CommitId& champion, const CommitId& candidate, int count,
                                     EvaluationObserver& observer, const StopSignal& stop,
                                     const std::string& alteration) {
    EvaluationTree* first = champion_tree(champion, observer, stop);
    if (first == nullptr) return {};
    const std::optional<StageRun> unbuilt = prepare_candidate(candidate, alteration, observer, stop);
    if (stop.requested()) return {};
    if (unbuilt)
        throw UserError(fmt::format("{} does not build here: {}", candidate.abbreviated(), unbuilt->tail));
    Comparison comparison = take_pairs(*first, count, observer, stop);
    if (comparison.failure) {
        throw UserError(
            fmt::format("the benchmark fails on {}: {}", candidate.abbreviated(), comparison.failure->tail));
    }
    return std::move(comparison.pairs);
}

Comparison Evaluator::try_out(const CommitId& champion, const CommitId& candidate, int count,
                              EvaluationObserver& observer, const StopSignal& stop) {
    EvaluationTree* first = champion_tree(champion, observer, stop);
    if (first == nullptr) return {{}, {}, true};
    if (auto failure = prepare_candidate(candidate, {}, observer, stop)) {
        // A command that was stopped has failed too.
        if (stop.requested()) return {{}, {}, true};
        return {{}, std::move(failure), false};
    }
    const std::vector<StageRun> gates = run_gates(candidate_tree(), folders_.logs, observer, stop);
    if (stop.requested()) return {{}, {}, true};
    if (!gates.empty() && !gates.back().succeeded) return {{}, gates.back(), false};
    return take_pairs(*first, count, observer, stop);
}

std::optional<StageRun> Evaluator::prepare_candidate(const CommitId& candidate, const std::string& alteration,
                                                     EvaluationObserver& observer, const StopSignal& stop) {
    EvaluationTree& tree = candidate_tree();
    observer.stage("build");
    if (auto failure = tree.check_out(candidate, stop)) return failure;
    if (!alteration.empty()) {
        if (auto failure = tree.alter(alteration, stop)) return failure;
    }
    StageRun run = tree.build(nullptr, folders_.logs / "compare-build.zst", stop);
    return run.succeeded ? std::nullopt : std::optional(std::move(run));
}

Comparison Evaluator::take_pairs(EvaluationTree& champion, int count, EvaluationObserver& observer,
                                 const StopSignal& stop) {
    observer.stage("verify");
    const Sampler sampler(campaign_, campaign_.benchmark, folders_, processors_, calm_);
    // A second verification gets fresh coins and seeds: its place says when it began.
    const auto moment = std::chrono::system_clock::now().time_since_epoch() / std::chrono::milliseconds(1);
    Comparison comparison;
    Judgement shown;
    shown.pairs_wanted = count;
    for (int index = 0; static_cast<int>(comparison.pairs.size()) < count; ++index) {
        const PairPlace place{campaign_.seed, ExperimentId{-moment}, Phase::verification, index};
        PairOutcome outcome = sampler.pair(champion, candidate_tree(), place, stop);
        comparison.stopped = outcome.stopped;
        comparison.failure = std::move(outcome.failure);
        if (outcome.stopped || comparison.failure) break;
        const bool counts = outcome.pair->set_aside.empty() || index >= 2 * count;
        if (counts) comparison.pairs.push_back(std::move(*outcome.pair));
        observer.judged(shown, static_cast<int>(comparison.pairs.size()));
    }
    return comparison;
}

}  // namespace ratchet
