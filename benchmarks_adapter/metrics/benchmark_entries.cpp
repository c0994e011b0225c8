#include "benchmarks_adapter/metrics/benchmark_entries.hpp"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "benchmarks_adapter/metrics/output_text.hpp"

namespace ratchet {
namespace {

std::string problem_with_entries(const std::vector<BenchmarkEntry>& entries) {
    std::set<std::string> seen;
    std::size_t metrics = 0;
    for (const BenchmarkEntry& entry : entries) {
        metrics += entry.names.size() * (1 + entry.fields.size());
        if (metrics > most_metrics) return fmt::format("more than {} metrics", most_metrics);
        for (const std::string& name : entry.names) {
            if (name.empty()) return "the report has a benchmark without a name";
            if (name.size() > longest_name || !is_plain_text(name))
                return fmt::format("benchmark {} has a name that cannot be shown", in_quotes(name));
        }
        const std::string& own = entry.names.front();
        if (!seen.insert(own).second) return fmt::format("benchmark {} stands there twice", in_quotes(own));
        if (!std::isfinite(entry.value.value))
            return fmt::format("benchmark {} is not finite", in_quotes(own));
    }
    return {};
}

}  // namespace

MetricReading metrics_of(const std::vector<BenchmarkEntry>& entries) {
    MetricReading reading;
    reading.error = problem_with_entries(entries);
    if (!reading.error.empty()) return reading;
    std::map<std::string, int> bearers;
    for (const BenchmarkEntry& entry : entries) {
        for (const std::string& name : std::set<std::string>(entry.names.begin(), entry.names.end()))
            ++bearers[name];
    }
    const auto add = [&](const BenchmarkEntry& entry, auto add_under) {
        for (const std::string& name : entry.names) {
            if (name == entry.names.front() || bearers[name] == 1) add_under(name);
        }
    };
    // The benchmarks themselves first: one may be called as another's field is.
    for (const BenchmarkEntry& entry : entries) {
        add(entry, [&](const std::string& name) { reading.metrics.try_emplace(name, entry.value); });
    }
    for (const BenchmarkEntry& entry : entries) {
        add(entry, [&](const std::string& name) {
            for (const auto& [field, metric] : entry.fields) {
                const std::string full = fmt::format("{}/{}", name, field);
                if (std::isfinite(metric.value) && is_plain_text(field))
                    reading.metrics.try_emplace(full, metric);
            }
        });
    }
    return reading;
}

std::optional<double> nanoseconds_in(const std::string& unit) {
    if (unit == "ns") return 1;
    if (unit == "us" || unit == "µs") return 1e3;
    if (unit == "ms") return 1e6;
    if (unit == "s") return 1e9;
    if (unit == "min") return 60e9;
    if (unit == "hr") return 3600e9;
    if (unit == "day") return 86400e9;
    return {};
}

}  // namespace ratchet
