#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "benchmarks_adapter/random_numbers.hpp"
#include "experiment_store/experiment.hpp"

// Simulated machines: what the same program takes, run after run.

namespace ratchet {

/// The durations of one and the same program, one run after the other.
class Noise {
  public:
    virtual ~Noise() = default;
    /// Time passes between two experiments: a build, a proposer.
    virtual void pause(RandomNumbers& random) = 0;
    /// The seconds that the next run takes.
    virtual double run(RandomNumbers& random) = 0;
};

/// A new machine in its first state, for each night.
using NoiseModel = std::function<std::unique_ptr<Noise>()>;

/// ln of a run is normal with this standard deviation; nothing drifts.
NoiseModel normal_noise(double deviation, double run_seconds);
/// ln of a run has Student's t distribution with 3 degrees of freedom, scaled so that its robust scale
/// (1.4826 x median absolute deviation) is `deviation`: most runs alike, some far off.
NoiseModel heavy_noise(double deviation, double run_seconds);
/// Normal noise about a level that wanders: a random walk of deviation/5 a run that is pulled back with a
/// time constant of 200 runs, and that jumps by a draw of 2 x deviation in a pause.
NoiseModel drifting_noise(double deviation, double run_seconds);
/// Normal noise; now and then (once in 100 runs) a burst of 20 runs on average begins, in which each run
/// takes longer by an exponential draw of 10 x deviation.
NoiseModel bursty_noise(double deviation, double run_seconds);
/// A recorded trace, read on from a random place after each pause, in a circle.
NoiseModel recorded_noise(std::vector<double> run_seconds);

/// The runs of a trace: CSV with a head line; the column `value` holds the metric's values, in any unit, or,
/// where there is none, `wall` holds milliseconds. Read as seconds. Throws UserError.
std::vector<double> read_trace(const std::filesystem::path& file);
/// A trace made of pairs of one program against itself, in the order in which they ran: the metric's `value`;
/// `wall`, `ut` and `st`, wall, user and system time in ms; `nivcsw`, involuntary context switches; `steal`,
/// ticks; `psi`, microseconds of CPU pressure.
std::string trace_text(std::span<const Pair> pairs);

/// "normal:2%", "heavy:2%", "drift:2%", "bursts:2%", or the file of a trace. Throws UserError.
NoiseModel noise_named(const std::string& name, double run_seconds);

}  // namespace ratchet
