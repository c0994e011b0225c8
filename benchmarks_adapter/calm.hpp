#pragma once

#include <optional>

#include "experiment_store/campaign.hpp"
#include "sandbox/process/stop_signal.hpp"

namespace ratchet {

/// How hard the machine's processors are wanted, as shares of time (0 to 1) in which somebody had to wait for
/// one. An interface, so that tests need no busy machine.
class PressureGauge {
  public:
    virtual ~PressureGauge() = default;
    /// Over the last ten seconds; nothing where the kernel does not say.
    virtual std::optional<double> recent() = 0;
    /// From now on for as long as `window`, which passes meanwhile; less where a stop is asked for.
    virtual double during(Milliseconds window, const StopSignal& stop) = 0;
};

/// The machine itself, by /proc/pressure/cpu.
class MachinePressure final : public PressureGauge {
  public:
    std::optional<double> recent() override;
    double during(Milliseconds window, const StopSignal& stop) override;
};

/// Waits before a pair until others leave the machine alone, for a bounded time, and then goes on all the
/// same. See docs/measurement.md for the rule and its reasons.
class Calm {
  public:
    explicit Calm(PressureGauge& gauge) : gauge_(gauge) {}

    struct Outlook {
        std::optional<double> pressure;  ///< as the pair begins; nothing where the kernel does not say
        double waited_seconds = 0;
        bool stopped = false;
    };
    /// To be called while nothing of ours runs, so that what is seen is not the candidate's doing.
    Outlook await(const StopSignal& stop);
    /// How long a pair takes: what waiting may cost is measured by it.
    void took(Seconds pair) { pair_ = pair; }

  private:
    PressureGauge& gauge_;
    Seconds pair_{0};
    int in_vain_ = 0;  ///< how often in a row
};

}  // namespace ratchet
