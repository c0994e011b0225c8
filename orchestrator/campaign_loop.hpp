#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orchestrator/budget.hpp"
#include "orchestrator/experiment_steps.hpp"
#include "orchestrator/proposers/proposer.hpp"
#include "orchestrator/proposers/proposers.hpp"
#include "orchestrator/turns.hpp"
#include "sandbox/confinement.hpp"

namespace ratchet {

/// How a run of the loop ended.
struct LoopEnd {
    enum class Kind {
        done,       ///< the budget is spent or the proposer has nothing left
        stopped,    ///< by the user
        could_not,  ///< it could not go on: proposals fail one after the other
    };
    Kind kind = Kind::done;
    std::string reason;
};

/// The campaign: experiment after experiment, durable step by step, so that it goes on wherever it was
/// killed.
class CampaignLoop {
  public:
    CampaignLoop(ExperimentSteps& steps, const Campaign& campaign, const Ledger& ledger,
                 const TimeBudget& time, const StopSignal& stop);

    /// Finishes what was left unfinished, then begins experiments until the budget is spent. Where the
    /// sandbox is lost it goes on as a run would that was killed there; what git loses meanwhile is made
    /// again from the ledger.
    LoopEnd run(const Proposers& proposers);
    /// One experiment, from its stage to its verdict. False where the user asked to stop before there was
    /// one.
    bool live(Experiment experiment, Proposer& proposer);

  private:
    LoopEnd go_on(const Proposers& proposers);
    void after_a_loss(const SandboxLost& loss);
    bool finish_unfinished(const Proposers& proposers);

    ExperimentSteps& steps_;
    const Campaign& campaign_;
    const Ledger& ledger_;
    const TimeBudget& time_;
    const StopSignal& stop_;
    ExperimentId before_this_run_;  ///< the newest experiment when the loop was made
    Turns turns_;
    ExperimentId lost_about_;  ///< the experiment whose sandbox was lost last; 0: none
    int losses_in_a_row_ = 0;
};

}  // namespace ratchet
