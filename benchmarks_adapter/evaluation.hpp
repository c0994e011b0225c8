#pragma once

#include <optional>
#include <string>
#include <vector>

#include "benchmarks_adapter/judge.hpp"
#include "experiment_store/campaign.hpp"
#include "experiment_store/experiment.hpp"

namespace ratchet {

/// All that an evaluation needs to know. Plain values: it could be carried out on another machine that has
/// the commits.
struct EvaluationRequest {
    ExperimentId experiment;
    CommitId champion;
    CommitId candidate;
    Campaign campaign;  ///< the harness is in it
    Calibration calibration;
    Rules rules;
    std::vector<Pair> pairs;    ///< taken before an interruption; measurement goes on behind them
    bool gates_passed = false;  ///< before an interruption
};

/// All that came of it.
struct EvaluationResult {
    bool stopped = false;  ///< the user asked to stop before there was a verdict
    Decision decision;
};

/// Hears of each step as it becomes true, so that it can be made durable at once.
class EvaluationObserver {
  public:
    virtual ~EvaluationObserver() = default;
    virtual void stage(const std::string& what) = 0;                           ///< begins; for the live line
    virtual void reached(Stage stage, const std::vector<StageRun>& runs) = 0;  ///< is done
    virtual void pair(const Pair& pair) = 0;                                   ///< was taken
    virtual void judged(const Judgement& judgement, int pairs) = 0;            ///< for the live line
};

}  // namespace ratchet
