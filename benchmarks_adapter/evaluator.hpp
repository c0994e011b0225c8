#pragma once

#include <optional>

#include "benchmarks_adapter/calm.hpp"
#include "benchmarks_adapter/evaluation.hpp"
#include "benchmarks_adapter/evaluation_tree.hpp"
#include "benchmarks_adapter/judge.hpp"
#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "sandbox/machine/processors.hpp"

namespace ratchet {

/// Fresh pairs of two commits, or why there are none.
struct Comparison {
    std::vector<Pair> pairs;
    std::optional<StageRun> failure;  ///< of the candidate: its build, a gate or the benchmark
    bool stopped = false;             ///< the user asked to stop before all pairs were taken
};

/// How a champion that is doubted is looked at again.
enum class Rebuild {
    if_needed,    ///< as it was built
    again,        ///< built again, and the benchmark run too
    from_nothing  ///< the same, without its caches
};

/// Evaluates candidates in sandboxed pristine trees. Touches neither ledger nor refs: it takes a request and
/// returns a result, and an observer hears of every step in between.
class Evaluator {
  public:
    Evaluator(Repository& repository, Confinement& confinement, const Campaign& campaign,
              EvaluationFolders folders);

    /// Check out, build, gates, pairs, confirmation, constraints, holdout: to a verdict, or to the user's
    /// stop. Throws UserError where the champion itself does not build or run.
    EvaluationResult evaluate(const EvaluationRequest& request, EvaluationObserver& observer,
                              const StopSignal& stop);

    /// The champion against itself. Nothing where the user asked to stop.
    std::optional<Calibration> calibrate(const CommitId& champion, EvaluationObserver& observer,
                                         const StopSignal& stop);

    /// Fresh pairs of two commits, outside of any experiment. Fewer than `count` where the user asked to
    /// stop. `alteration` is a command that changes the candidate's tree before it is built; empty: none.
    /// Throws UserError where one of them does not build or run.
    std::vector<Pair> compare(const CommitId& champion, const CommitId& candidate, int count,
                              EvaluationObserver& observer, const StopSignal& stop,
                              const std::string& alteration = {});

    /// The same for a commit that need not be sound: it must pass the gates before it is measured, and what
    /// fails is part of the answer. Throws UserError where the champion itself does not build or run.
    Comparison try_out(const CommitId& champion, const CommitId& candidate, int count,
                       EvaluationObserver& observer, const StopSignal& stop);

    /// The champion's gates, once: a broken base is the environment's fault and not a finding. Throws
    /// UserError.
    void require_sound(const CommitId& champion, EvaluationObserver& observer, const StopSignal& stop,
                       Rebuild rebuild = Rebuild::if_needed);

    /// Takes away what is kept of a candidate beyond its evaluation, where it was refused.
    void discard(const CommitId& candidate);
    /// Takes the worktrees away.
    void release();

  private:
    friend class Evaluation;

    /// The champion's tree, built; once a champion. Nothing where the user asked to stop.
    EvaluationTree* champion_tree(const CommitId& champion, EvaluationObserver& observer,
                                  const StopSignal& stop, Rebuild rebuild = Rebuild::if_needed);
    EvaluationTree& candidate_tree();
    /// Checks the candidate out and builds it. Returns the run that failed, if any.
    std::optional<StageRun> prepare_candidate(const CommitId& candidate, const std::string& alteration,
                                              EvaluationObserver& observer, const StopSignal& stop);
    /// `count` pairs of the two trees as they stand.
    Comparison take_pairs(EvaluationTree& champion, int count, EvaluationObserver& observer,
                          const StopSignal& stop);
    /// Runs the gates in their order up to the first that fails (in all its attempts), and returns every run.
    std::vector<StageRun> run_gates(EvaluationTree& tree, const std::filesystem::path& logs,
                                    EvaluationObserver& observer, const StopSignal& stop);

    Repository& repository_;
    Confinement& confinement_;
    const Campaign& campaign_;
    EvaluationFolders folders_;
    std::vector<Processor> processors_ = allowed_processors();
    MachinePressure pressure_;
    Calm calm_{
        pressure_};  // one for all experiments: what it learns of the machine holds for the next one too
    std::optional<EvaluationTree> champion_tree_;
    std::optional<EvaluationTree> candidate_tree_;
    /// What the champion's metrics are measured in; nothing before it ran in this process.
    struct SeenUnits {
        CommitId champion;
        MetricUnits units;
    };
    std::optional<SeenUnits> seen_units_;
};

}  // namespace ratchet
