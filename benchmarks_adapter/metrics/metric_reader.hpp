#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/experiment.hpp"

namespace ratchet {

/// What a metric reader reads from: all that one benchmark run printed and what was measured around it.
struct BenchmarkOutput {
    std::string text;  ///< standard output, whole
    RunFigures figures;
};

struct Metric {
    double value = 0;
    std::string unit;  ///< as printed, or what the format's times are converted to; may be empty
};

/// Of the metrics of one sample, by name, as they were read: values of different units cannot be compared.
using MetricUnits = std::map<std::string, std::string>;

/// Either metrics or one sentence that says why the output is no measurement; never both.
struct MetricReading {
    std::map<std::string, Metric> metrics;
    std::string error;
    [[nodiscard]] bool usable() const { return error.empty(); }
};

// One parser a format, each a pure function of the text. All refuse what is not finite and two different
// values for one metric (several equal ones are one). An array of values is reduced to its median: one run is
// one sample.
MetricReading read_metric_lines(const std::string& text);
MetricReading read_google_benchmark(const std::string& text);
MetricReading read_hyperfine(const std::string& text);
MetricReading read_pytest_benchmark(const std::string& text);
MetricReading read_go_bench(const std::string& text);
MetricReading read_criterion(const std::string& text);
MetricReading read_jmh(const std::string& text);
MetricReading read_catch2(const std::string& text);
/// The number (or array of numbers) at the JSON pointer (RFC 6901), under the name `metric`.
MetricReading read_json(const std::string& text, const std::string& metric, const std::string& pointer);
/// The first group of every match; the matches of one output must agree.
MetricReading read_regex(const std::string& text, const std::string& metric, const std::string& pattern);

/// The sample of this run: the primary metric, the constrained ones, and the figures. `wall`, `user+sys` and
/// `peak_memory` (bytes) are always there under these names, whatever the source, and `instructions` where
/// the machine counts them. Returns the sample or a
/// sentence: metric missing, not finite, two values, not positive on the ratio scale, outside of the
/// plausible range.
struct SampleReading {
    std::optional<Sample> sample;
    std::string unit;  ///< of the primary metric, as it is to be shown
    MetricUnits units;
    std::string error;
};
SampleReading read_sample(const Benchmark& benchmark, const std::vector<Constraint>& constraints,
                          const BenchmarkOutput& output);

/// "metric time: the unit changed from ms to s", for the first metric that both samples have in different
/// units; empty where there is none.
std::string change_of_unit(const MetricUnits& champion, const MetricUnits& candidate);

}  // namespace ratchet
