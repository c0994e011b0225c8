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

/// The median of what the newest experiments took that were run, from the brief to the verdict; nothing
/// before the first of them.
std::optional<Seconds> usual_duration(const Ledger& ledger);

/// The metric of the champion: what its last calibration came to, else the median of the pairs that confirmed
/// it. Nothing where neither is there.
std::optional<double> champion_value(const Ledger& ledger);

/// Why the campaign may not begin another experiment, whoever would propose it: its experiments, its time or
/// its plateau are at their end, an experiment takes longer than there is time left, or the champion is as
/// good as it has to be. Empty: it may. (What proposals cost is looked at for each proposer: spending.hpp.)
std::string spent(const Campaign& campaign, const TimeBudget& time, const Ledger& ledger);

}  // namespace ratchet
