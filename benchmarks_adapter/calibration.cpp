#include <algorithm>

#include "benchmarks_adapter/inference.hpp"
#include "benchmarks_adapter/judging.hpp"
#include "benchmarks_adapter/metrics/median.hpp"

namespace ratchet {
namespace {

constexpr double long_run_seconds = 10;
constexpr std::size_t calibrated_rule_needs = 20;
constexpr std::size_t fewest_pairs = 5;
constexpr double patience_seconds = 20;
// Twenty pairs of ten-minute runs would be the whole night.
constexpr double longest_seconds = 3600;
// A machine that disturbs more than half of the pairs for this long is the machine that the campaign has.
constexpr std::size_t most_pairs = 2 * calibrated_rule_needs;

std::size_t undisturbed(std::span<const Pair> pairs) {
    return static_cast<std::size_t>(
        std::count_if(pairs.begin(), pairs.end(), [](const Pair& pair) { return pair.set_aside.empty(); }));
}

}  // namespace

bool runs_are_long(const Calibration& calibration) {
    return calibration.run_seconds >= long_run_seconds &&
           calibration.differences.size() >= calibrated_rule_needs;
}

CalibrationProgress calibrate(std::span<const Pair> pairs, Direction direction, Scale scale) {
    CalibrationProgress progress;
    Calibration& calibration = progress.calibration;
    std::vector<double> values;
    std::vector<double> seconds;
    double taken = 0;
    const bool time_is_up = pairs.size() >= most_pairs;
    const bool all_count = time_is_up && undisturbed(pairs) < fewest_pairs;
    for (const Pair& pair : pairs) {
        taken += pair.champion.figures.wall_seconds + pair.candidate.figures.wall_seconds;
        if (!pair.set_aside.empty() && !all_count) continue;
        calibration.differences.push_back(effect_of(pair, direction, scale));
        for (const Sample* sample : {&pair.champion, &pair.candidate}) {
            values.push_back(sample->value);
            seconds.push_back(sample->figures.wall_seconds);
        }
    }
    if (values.empty()) return progress;
    calibration.champion_value = median(values);
    calibration.run_seconds = median(seconds);

    const std::size_t count = calibration.differences.size();
    const bool all_equal =
        std::all_of(values.begin(), values.end(), [&](double value) { return value == values.front(); });
    calibration.deterministic = all_equal && count >= static_cast<std::size_t>(deterministic_pairs);
    const bool runs_long = calibration.run_seconds >= long_run_seconds;
    const bool patience_ends = taken > (runs_long ? longest_seconds : patience_seconds);
    progress.complete = calibration.deterministic || count >= calibrated_rule_needs || time_is_up ||
                        (count >= fewest_pairs && patience_ends);
    return progress;
}

}  // namespace ratchet
