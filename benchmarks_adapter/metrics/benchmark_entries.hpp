#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "benchmarks_adapter/metrics/metric_reader.hpp"

// What the readers of benchmark tools share: from a tool's list of benchmarks to metrics with names.

namespace ratchet {

/// One benchmark of a tool's report.
struct BenchmarkEntry {
    /// What it may be called, the longest first. That one is its own; a shorter one counts where no other
    /// benchmark of the report shares it.
    std::vector<std::string> names;
    Metric value;                          ///< under the name itself
    std::map<std::string, Metric> fields;  ///< each under `<name>/<field>`
};

/// All of them as metrics, under each of their names. An error where a name is empty, too long or
/// cannot be shown, two benchmarks have the same longest name, a value is not finite, or there are too many;
/// a field that is not finite or cannot be shown is left out.
MetricReading metrics_of(const std::vector<BenchmarkEntry>& entries);

/// How many nanoseconds the unit has: ns, us, µs, ms, s, min, hr, day; nothing for another unit.
std::optional<double> nanoseconds_in(const std::string& unit);

}  // namespace ratchet
