#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet {

/// The time that one `ratchet run` may take, from its duration and `until`. Kept on the monotonic clock, so
/// that a clock that is set does not end or prolong a night.
class TimeBudget {
  public:
    explicit TimeBudget(const Budget& budget);
    [[nodiscard]] std::optional<Seconds> left() const;

  private:
    std::optional<std::chrono::steady_clock::time_point> end_;
};

/// Why the campaign may not begin another experiment; empty: it may.
std::string spent(const Budget& budget, const TimeBudget& time, const Ledger& ledger);

}  // namespace ratchet
