#pragma once

#include <chrono>
#include <ctime>
#include <optional>
#include <string>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet {

/// The time that one `ratchet run` may take. Its duration is kept on the monotonic clock: a clock that is set
/// or a machine that sleeps neither ends nor prolongs it. `until` is what the clock on the wall says, here
/// and now, also after it was set, after a sleep, and in another time zone.
class TimeBudget {
  public:
    TimeBudget(const Budget& budget, const Clock& clock);
    [[nodiscard]] std::optional<Seconds> left() const;

  private:
    const Clock& clock_;
    std::optional<std::chrono::steady_clock::time_point> end_;
    std::optional<std::tm> until_;  ///< local date and time
};

/// Why the campaign may not begin another experiment; empty: it may.
std::string spent(const Budget& budget, const TimeBudget& time, const Ledger& ledger);

}  // namespace ratchet
