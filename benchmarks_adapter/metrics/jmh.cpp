#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "benchmarks_adapter/metrics/benchmark_entries.hpp"
#include "benchmarks_adapter/metrics/json_text.hpp"
#include "benchmarks_adapter/metrics/median.hpp"
#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "benchmarks_adapter/metrics/output_text.hpp"

// The JSON of JMH (-rf json). Figures that are not finite stand there as texts ("NaN").

namespace ratchet {
namespace {

using nlohmann::json;

/// The unit as one of a few, so that a benchmark's @OutputTimeUnit may change: ns/op and ops/s.
struct JmhUnit {
    double factor = 1;
    std::string name;
};

JmhUnit unit_of(const std::string& printed) {
    const std::size_t slash = printed.find('/');
    if (slash == std::string::npos) return {1, printed};
    const std::string over = printed.substr(0, slash);
    const std::string under = printed.substr(slash + 1);
    if (const auto time = nanoseconds_in(over); time && under == "op") return {*time, "ns/op"};
    if (const auto time = nanoseconds_in(under); time && over == "ops") return {1e9 / *time, "ops/s"};
    return {1, printed};
}

/// The median over all iterations of all forks (`rawData`: a list a fork). Of sampled times there are only
/// percentiles.
std::optional<double> median_of(const json& metric) {
    std::vector<double> all;
    if (const auto forks = metric.find("rawData"); forks != metric.end() && forks->is_array()) {
        for (const json& fork : *forks) {
            for (const json& value : fork) {
                if (!value.is_number()) return {};
                all.push_back(value.get<double>());
            }
        }
    }
    if (!all.empty()) return median(all);
    const auto percentiles = metric.find("scorePercentiles");
    const auto middle = percentiles == metric.end() ? std::nullopt : number_at(*percentiles, "50.0");
    return middle ? middle : number_at(metric, "score");
}

/// The name with the values of its parameters, in the order of their names.
std::string jmh_name(const json& result) {
    std::string name = text_at(result, "benchmark");
    const auto parameters = result.find("params");
    if (parameters == result.end() || !parameters->is_object()) return name;
    for (const auto& [key, value] : parameters->items()) {
        if (value.is_string()) name += fmt::format("/{}={}", key, value.get<std::string>());
    }
    return name;
}

/// Without the package: `org.example.Sort.ints/size=64` is `Sort.ints/size=64`.
std::string without_package(const std::string& name) {
    const std::size_t end = std::min(name.find('/'), name.size());
    const std::size_t method = name.rfind('.', end);
    if (method == std::string::npos || method == 0) return name;
    const std::size_t type = name.rfind('.', method - 1);
    return type == std::string::npos ? name : name.substr(type + 1);
}

std::optional<BenchmarkEntry> jmh_entry(const json& result) {
    const std::string name = jmh_name(result);
    BenchmarkEntry entry;
    entry.names = {name, without_package(name)};
    const auto primary = result.find("primaryMetric");
    if (primary == result.end() || !primary->is_object()) return {};
    const auto value = median_of(*primary);
    if (!value) return {};
    const JmhUnit unit = unit_of(text_at(*primary, "scoreUnit"));
    const auto converted = [&](double number) { return Metric{number * unit.factor, unit.name}; };
    entry.value = converted(*value);
    if (const auto score = number_at(*primary, "score")) entry.fields["score"] = converted(*score);
    if (const auto percentiles = primary->find("scorePercentiles"); percentiles != primary->end()) {
        for (const auto& [percentile, number] : percentiles->items()) {
            if (number.is_number()) entry.fields["p" + percentile] = converted(number.get<double>());
        }
    }
    const auto secondary = result.find("secondaryMetrics");
    if (secondary == result.end() || !secondary->is_object()) return entry;
    for (const auto& [key, metric] : secondary->items()) {
        if (!metric.is_object()) continue;
        const auto second = median_of(metric);
        const JmhUnit second_unit = unit_of(text_at(metric, "scoreUnit"));
        // Profilers' own names began with a dot in the middle until version 1.36.
        const std::string field = key.starts_with("·") ? key.substr(std::string("·").size()) : key;
        if (second) entry.fields.try_emplace(field, Metric{*second * second_unit.factor, second_unit.name});
    }
    return entry;
}

}  // namespace

MetricReading read_jmh(const std::string& text) {
    MetricReading reading;
    json document;
    reading.error = parse_json(text, document);
    if (!reading.error.empty()) return reading;
    if (!document.is_array()) {
        reading.error = "the JSON is not JMH's: it is no list of results";
        return reading;
    }
    std::vector<BenchmarkEntry> entries;
    for (const json& result : document) {
        auto entry = jmh_entry(result);
        if (!entry) {
            reading.error = fmt::format("benchmark {} has no score that is a number",
                                        in_quotes(text_at(result, "benchmark")));
            return reading;
        }
        entries.push_back(std::move(*entry));
    }
    return metrics_of(entries);
}

}  // namespace ratchet
