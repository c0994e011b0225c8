#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"
#include "orchestrator/briefing/proposer_choice.hpp"
#include "orchestrator/proposers/proposers.hpp"

namespace ratchet {

/// Who may be asked now.
struct Turn {
    PassedOver passed_over;
    /// Set where all are passed over and one of them only rests: for how long, and why.
    std::optional<Seconds> rest;
    std::string rest_reason;
    /// Set where nobody will be asked any more in this run.
    std::string end;
    bool keeps_failing = false;  ///< with `end`: because what is proposed fails again and again
};

/// Whose turn it is, in one `ratchet run`: keeps in mind who is to be left alone for a while. Each proposer
/// that is asked has its own backoff: whoever is out of reach keeps nobody else from being asked.
class Turns {
  public:
    using Now = std::chrono::steady_clock::time_point;

    /// `after`: only what ends after this experiment counts against anybody.
    Turns(const Campaign& campaign, const Ledger& ledger, ExperimentId after);

    [[nodiscard]] Turn next(const Proposers& proposers, Now now) const;
    /// After an experiment of this proposer: where it came to nothing, it rests. `retry_after` is what it
    /// asked for.
    void ended(const std::string& proposer, std::optional<Seconds> retry_after, Now now);

  private:
    struct Rest {
        Now until;
        std::string reason;
    };

    const Campaign& campaign_;
    const Ledger& ledger_;
    ExperimentId after_;
    std::map<std::string, Rest> resting_;
};

}  // namespace ratchet
