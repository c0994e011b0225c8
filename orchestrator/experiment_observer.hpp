#pragma once

// Part of experiment_steps: seen by its .cpp files only.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks_adapter/evaluation.hpp"
#include "benchmarks_adapter/judge.hpp"
#include "orchestrator/experiment_steps.hpp"

namespace ratchet {

/// Makes what the evaluator reports durable, and shows it.
class ExperimentSteps::Observer final : public EvaluationObserver {
  public:
    /// `about` stands before the name of each stage, where there is no experiment that says what it is about.
    Observer(ExperimentSteps& steps, Experiment* experiment, std::string about = {})
        : steps_(steps),
          experiment_(experiment),
          about_(std::move(about)),
          progress_(experiment ? steps.progress_of(*experiment) : Progress{}) {
        if (experiment != nullptr) return;
        const auto unfinished = static_cast<std::int64_t>(steps.ledger_.unfinished().size());
        progress_.experiments_done = steps.ledger_.experiment_count() - unfinished;
        progress_.experiments_budget = steps.campaign_.budget.experiments;
    }

    /// The confirmation by these rules tests whether the candidate is not worse, where they allow a margin.
    void tests_margin(const Rules& rules) {
        if (rules.margin.value_or(0) > 0) margin_ = MarginTest{rules.margin_test, *rules.margin};
    }

    void stage(const std::string& what) override {
        progress_.stage = about_ + what;
        progress_.pairs = 0;
        show();
    }
    void reached(Stage stage, const std::vector<StageRun>& runs) override {
        if (experiment_ == nullptr) return;
        const bool tests = stage == Stage::measured && margin_.has_value();
        steps_.ledger_.advance(experiment_->brief.id, stage, runs,
                               tests ? std::optional(margin_->margin) : std::nullopt);
        if (tests) experiment_->margin_test = margin_;
        experiment_->stage = std::max(experiment_->stage, stage);
        experiment_->runs.insert(experiment_->runs.end(), runs.begin(), runs.end());
    }
    void pair(const Pair& pair) override {
        if (experiment_ == nullptr) return;
        Pair& taken = experiment_->pairs.emplace_back(pair);
        taken.at = steps_.opened_.clock->now();
        steps_.ledger_.add_pair(experiment_->brief.id, taken);
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
    std::string about_;
    Progress progress_;
    std::optional<MarginTest> margin_;
};

}  // namespace ratchet
