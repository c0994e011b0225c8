// `ratchet verify --each`: does every step that was kept still carry its weight in the champion of now?

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "benchmarks_adapter/judge.hpp"
#include "orchestrator/experiment_observer.hpp"
#include "orchestrator/experiment_steps.hpp"
#include "orchestrator/leave_one_out.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {
namespace {

/// "gate check fails (exit status 1)": what stands behind "cannot be taken out: without it".
std::string failure_text(const StageRun& run) {
    const std::string what = (run.stage == Stage::gated ? "gate " : "the ") + run.name;
    if (run.timed_out) return what + " runs past its limit";
    if (run.exit_status != 0) return fmt::format("{} fails (exit status {})", what, run.exit_status);
    return fmt::format("{} fails: {}", what, run.tail.substr(0, run.tail.find('\n')));
}

/// What building and testing one of these steps took when it was an experiment; the pairs come on top.
double preparation_seconds(const Experiment& experiment) {
    double seconds = 0;
    for (const StageRun& run : experiment.runs)
        seconds += run.figures.wall_seconds;
    return seconds;
}

}  // namespace

std::optional<CommitId> ExperimentSteps::champion_without(Experiment& step) {
    const CommitId champion = ledger_.champion().commit;
    if (!repository_.exists(step.candidate)) make_candidate(step);
    const CommitId& before = step.candidate_parent.empty() ? step.brief.parent : step.candidate_parent;
    const std::string reverse = repository_.diff(step.candidate, before);
    const std::string message =
        fmt::format("ratchet {}: the champion without #{}\n", campaign_.name, step.brief.id.value);
    // The time of the step's own commit: the same champion without the same step is always the same commit.
    const Timestamp at = step.proposal->captured_at;
    if (auto exact = repository_.commit_of(champion, reverse, message, at)) return exact;
    // Later steps may have moved its lines, which only the worktree's side of git finds again.
    Worktree& tree = proposal_tree();
    tree.reset(champion);
    if (!tree.apply(reverse)) return std::nullopt;
    const CapturedDiff captured = tree.capture(champion, {});
    if (captured.refused || captured.diff.empty()) return std::nullopt;
    return repository_.commit_of(champion, captured.diff, message, at);
}

std::optional<LeaveOneOut> ExperimentSteps::leave_out(Experiment& step, const std::string& place) {
    LeaveOneOut left_out;
    left_out.epoch = ledger_.epoch()->id;
    left_out.champion = ledger_.champion().commit;
    left_out.experiment = step.brief.id;
    left_out.host = host_;
    Observer observer(*this, nullptr, fmt::format("without #{} ({}): ", step.brief.id.value, place));
    observer.stage("take out");
    const std::optional<CommitId> without = champion_without(step);
    if (without) {
        repository_.pin(campaign_.name, left_out_pin, *without);
        const Comparison tried =
            evaluator_.try_out(left_out.champion, *without, verification_pairs, observer, stop_);
        if (tried.stopped) return std::nullopt;
        if (tried.failure) {
            left_out.worth = StepWorth::needed;
            left_out.reason = failure_text(*tried.failure);
        } else {
            // The pairs say what taking it out gains; asked is what having it gains. (0 - x has no -0.)
            const Interval gain = estimate_effect(tried.pairs, rules_of(campaign_));
            left_out.effect = Interval{0 - gain.high, 0 - gain.estimate, 0 - gain.low};
            left_out.pairs = static_cast<int>(tried.pairs.size());
            const Benchmark& benchmark = campaign_.benchmark;
            left_out.worth =
                worth_of(*left_out.effect, benchmark.scale == Scale::ratio ? std::log1p(benchmark.min_effect)
                                                                           : benchmark.min_effect);
        }
    } else {
        left_out.worth = StepWorth::built_on;
    }
    left_out.at = opened_.clock->now();
    ledger_.add_leave_one_out(left_out);
    return left_out;
}

bool ExperimentSteps::verify_each() {
    const std::vector<ExperimentId> numbers = steps_to_leave_out(ledger_, host_);
    std::vector<Experiment> steps;
    double seconds = 0;
    const auto noise = ledger_.latest_calibration();
    for (const ExperimentId number : numbers) {
        steps.push_back(*ledger_.experiment(number));
        seconds += preparation_seconds(steps.back());
        if (noise) seconds += 2 * verification_pairs * noise->run_seconds;
    }
    const std::size_t all = steps_of_champion(ledger_).size();
    const std::string known =
        steps.size() < all ? fmt::format(" ({} measured already)", all - steps.size()) : std::string();
    status_.message(fmt::format("{} step{}{}, {} pairs each, about {}", steps.size(),
                                steps.size() == 1 ? "" : "s", known, verification_pairs,
                                format_duration(Seconds(seconds))));
    // A gate that fails for the machine's reasons must not look like a finding about a step.
    require_sound();
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (stop_.requested()) return false;
        const auto left_out = leave_out(steps[i], fmt::format("{} of {}", i + 1, steps.size()));
        if (!left_out) return false;
        status_.message(fmt::format("#{} {}", left_out->experiment.value,
                                    worth_text(*left_out, campaign_.benchmark.scale)));
    }
    return true;
}

}  // namespace ratchet
