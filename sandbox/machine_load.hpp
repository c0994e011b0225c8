#pragma once

#include "experiment_store/experiment.hpp"

namespace ratchet {

/// What the whole machine did while something ran: a reading before, the difference afterwards.
class MachineLoad {
  public:
    /// Reads /proc/stat and /proc/pressure/cpu; what the kernel does not offer counts as 0.
    static MachineLoad read();
    /// Sets steal_ticks and pressure_seconds to what has passed since `this` was read.
    void difference_to(const MachineLoad& later, RunFigures& figures) const;

  private:
    std::int64_t steal_ticks_ = 0;
    std::int64_t pressure_microseconds_ = 0;
};

}  // namespace ratchet
