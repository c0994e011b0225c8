#pragma once

#include <optional>

#include "experiment_store/experiment.hpp"

namespace ratchet {

/// What the whole machine did while something ran: a reading before, the difference afterwards.
class MachineLoad {
  public:
    /// Reads /proc/stat and /proc/pressure/cpu; what the kernel does not offer counts as 0.
    static MachineLoad read();
    /// Sets steal_ticks and pressure_seconds to what has passed since `this` was read.
    void difference_to(const MachineLoad& later, RunFigures& figures) const;

    /// Microseconds since the start of the machine in which some process waited for a processor; 0 where the
    /// kernel does not offer it.
    [[nodiscard]] std::int64_t pressure_microseconds() const { return pressure_microseconds_; }
    /// The share of the last ten seconds (0 to 1) in which that was so; nothing where it is not offered.
    [[nodiscard]] std::optional<double> recent_pressure() const { return recent_pressure_; }

  private:
    std::int64_t steal_ticks_ = 0;
    std::int64_t pressure_microseconds_ = 0;
    std::optional<double> recent_pressure_;
};

}  // namespace ratchet
