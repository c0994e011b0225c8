#include "benchmarks_adapter/calm.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "sandbox/machine/machine_load.hpp"

namespace ratchet {
namespace {

// Above it, a run that should have a processor to itself waits for one in more than every fifth moment.
constexpr double high_pressure = 0.2;
// Long enough for a few turns of the scheduler (3 to 10 ms each), short next to a pair.
constexpr Milliseconds one_look{50};
// Waiting is worth about as much as the pairs that could be taken meanwhile.
constexpr double pairs_worth = 10;
constexpr Seconds longest_wait{10};

}  // namespace

std::optional<double> MachinePressure::recent() {
    return MachineLoad::read().recent_pressure();
}

double MachinePressure::during(Milliseconds window, const StopSignal& stop) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    const std::int64_t before = MachineLoad::read().pressure_microseconds();
    pollfd wish{stop.descriptor(), POLLIN, 0};
    ::poll(&wish, stop.descriptor() >= 0 ? 1 : 0, static_cast<int>(window.count()));
    const std::int64_t waited = MachineLoad::read().pressure_microseconds() - before;
    const double passed = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
    return std::clamp(static_cast<double>(waited) / std::max(passed, 1.0), 0.0, 1.0);
}

Calm::Outlook Calm::await(const StopSignal& stop) {
    Outlook outlook;
    outlook.pressure = gauge_.recent();
    if (!outlook.pressure) return outlook;
    if (*outlook.pressure < high_pressure) {
        in_vain_ = 0;
        return outlook;
    }
    // The last ten seconds hold our own last pair as well: only what is seen from now on is others' doing.
    const Seconds patience = std::min(pairs_worth * pair_, longest_wait) / std::exp2(in_vain_);
    Seconds waited{0};
    do {
        outlook.pressure = gauge_.during(one_look, stop);
        waited += one_look;
        outlook.stopped = stop.requested();
        if (outlook.stopped || *outlook.pressure < high_pressure) {
            in_vain_ = 0;
            outlook.waited_seconds = waited.count();
            return outlook;
        }
    } while (waited < patience);
    in_vain_ = std::min(in_vain_ + 1, 30);
    outlook.waited_seconds = waited.count();
    return outlook;
}

}  // namespace ratchet
