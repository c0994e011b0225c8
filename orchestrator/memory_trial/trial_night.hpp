#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "benchmarks_adapter/simulation/decision_rule.hpp"
#include "experiment_store/ledger.hpp"
#include "orchestrator/memory_trial/idea_pool.hpp"
#include "orchestrator/memory_trial/memory_trial.hpp"
#include "orchestrator/memory_trial/modelled_proposer.hpp"

namespace ratchet {

/// One night of one arm: a ledger in memory, filled through its own interface as a campaign would.
class TrialNight {
  public:
    TrialNight(const MemoryTrialRequest& request, const MemoryArm& arm, int night);

    /// How it stands at each of the marks.
    std::vector<NightAtMark> run();

    /// One proposal, from the brief to the verdict.
    void experiment();
    [[nodiscard]] const NightAtMark& standing() const { return standing_; }
    [[nodiscard]] const Ledger& ledger() const { return ledger_; }

  private:
    struct NightClock final : Clock {
        mutable Timestamp time{std::chrono::milliseconds(1'740'787'200'000)};  // 2025-03-01 00:00 UTC
        [[nodiscard]] Timestamp now() const override { return time += std::chrono::minutes(1); }
    };

    [[nodiscard]] std::optional<Decision> duplicate(const std::string& diff, const CommitId& parent) const;
    /// The verdict of what nobody held back, with the runs that led to it.
    Decision evaluate(ExperimentId id, IdeaId idea);
    Decision measure(IdeaId idea);
    void look_at_prompt(const PromptReading& reading, std::size_t bytes);
    /// Hands the proposal in, to be asked for another one where it is a duplicate.
    ModelledProposal admitted_proposal(ModelledProposer& proposer, const CommitId& parent,
                                       std::optional<Decision>& rejection);
    void count(IdeaId idea, bool was_held_back);

    const MemoryTrialRequest& request_;
    const MemoryArm& arm_;
    std::uint64_t seed_;
    IdeaPool pool_;
    NightClock clock_;
    Ledger ledger_;
    Campaign campaign_;
    std::unique_ptr<DecisionRule> rule_;
    std::vector<int> times_;   ///< that each idea was proposed, by its place
    std::vector<bool> is_in_;  ///< kept: its effect is in the champion
    std::int64_t runs_ = 0;    ///< of the benchmark
    NightAtMark standing_;
};

}  // namespace ratchet
