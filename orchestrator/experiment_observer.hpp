#pragma once

// Part of experiment_steps: seen by its .cpp files only.

#include <algorithm>
#include <string>
#include <vector>

#include "benchmarks_adapter/evaluation.hpp"
#include "benchmarks_adapter/judge.hpp"
#include "orchestrator/experiment_steps.hpp"

namespace ratchet {

/// Makes what the evaluator reports durable, and shows it.
class ExperimentSteps::Observer final : public EvaluationObserver {
  public:
    Observer(ExperimentSteps& steps, Experiment* experiment)
        : steps_(steps),
          experiment_(experiment),
          progress_(experiment ? steps.progress_of(*experiment) : Progress{}) {}

    void stage(const std::string& what) override {
        progress_.stage = what;
        progress_.pairs = 0;
        show();
    }
    void reached(Stage stage, const std::vector<StageRun>& runs) override {
        if (experiment_ == nullptr) return;
        steps_.ledger_.advance(experiment_->brief.id, stage, runs);
        experiment_->stage = std::max(experiment_->stage, stage);
        experiment_->runs.insert(experiment_->runs.end(), runs.begin(), runs.end());
    }
    void pair(const Pair& pair) override {
        if (experiment_ == nullptr) return;
        steps_.ledger_.add_pair(experiment_->brief.id, pair);
        experiment_->pairs.push_back(pair);
    }
    void judged(const Judgement& judgement, int pairs) override {
        progress_.pairs = pairs;
        progress_.pairs_wanted = judgement.pairs_wanted;
        progress_.evidence = judgement.evidence.gain;
        progress_.threshold = judgement.evidence.threshold;
        show();
    }

  private:
    void show() {
        progress_.time_left = steps_.time_.left();
        if (experiment_ != nullptr && !experiment_->pairs.empty()) {
            progress_.gain = estimate_effect(experiment_->pairs, rules_of(steps_.campaign_)).estimate;
        }
        steps_.status_.progress(progress_);
    }

    ExperimentSteps& steps_;
    Experiment* experiment_;
    Progress progress_;
};

}  // namespace ratchet
