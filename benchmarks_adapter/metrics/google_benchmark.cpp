#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "benchmarks_adapter/metrics/benchmark_entries.hpp"
#include "benchmarks_adapter/metrics/json_text.hpp"
#include "benchmarks_adapter/metrics/median.hpp"
#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "benchmarks_adapter/metrics/output_text.hpp"

// The JSON of Google Benchmark (--benchmark_format=json). What it means: docs/user_guide.md of that project.

namespace ratchet {
namespace {

using nlohmann::json;

/// All values that one name was given: those of the repetitions, or one.
struct Values {
    std::vector<double> values;
    std::string unit;
};
using Series = std::map<std::string, Values>;

bool is_true_at(const json& entry, const char* key) {
    const auto found = entry.find(key);
    return found != entry.end() && found->is_boolean() && found->get<bool>();
}

std::int64_t integer_at(const json& entry, const char* key) {
    const auto found = entry.find(key);
    return found != entry.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

bool is_benchmark_name(const std::string& name) {
    return !name.empty() && name.size() <= longest_name && is_plain_text(name);
}

/// Numbers of an entry that say how it was run and not what came out.
bool is_bookkeeping(const std::string& key) {
    static const std::set<std::string> keys = {"family_index", "per_family_instance_index",
                                               "repetitions",  "repetition_index",
                                               "threads",      "iterations",
                                               "real_time",    "cpu_time"};
    return keys.contains(key);
}

/// Puts times (in ns) and counters of one entry under `<name>/<field>`, and the real time also under the bare
/// name.
std::string add_entry(const json& entry, const std::string& name, Series& bare, Series& fields) {
    // Of a coefficient of variation, the "times" are ratios.
    const bool ratio = text_at(entry, "aggregate_unit") == "percentage";
    const auto factor = ratio ? std::optional(1.0) : nanoseconds_in(text_at(entry, "time_unit"));
    if (!factor) return fmt::format("benchmark {} has no known time unit", in_quotes(name));
    const auto add = [](Series& series, const std::string& key, double value, const std::string& unit) {
        series[key].values.push_back(value);
        series[key].unit = unit;
    };
    for (const auto& [key, value] : entry.items()) {
        if (!value.is_number()) continue;
        const auto number = value.get<double>();
        if (key == "real_time" || key == "cpu_time") {
            add(fields, fmt::format("{}/{}", name, key), number * *factor, ratio ? "" : "ns");
            if (key == "real_time") add(bare, name, number * *factor, ratio ? "" : "ns");
        } else if (!is_bookkeeping(key) && is_plain_text(key)) {
            add(fields, fmt::format("{}/{}", name, key), number, "");
        }
    }
    return {};
}

/// Reads all entries; aggregates stand under their own names ("BM_sort_median").
std::string read_entries(const json& entries, Series& bare, Series& fields) {
    std::set<std::pair<std::string, std::int64_t>> seen;
    for (const json& entry : entries) {
        const std::string name = entry.is_object() ? text_at(entry, "name") : std::string();
        if (!is_benchmark_name(name)) return "the JSON has a benchmark without a name that can be shown";
        if (is_true_at(entry, "error_occurred")) {
            return fmt::format("benchmark {} failed: {}", in_quotes(name),
                               in_quotes(text_at(entry, "error_message")));
        }
        // Skipped ones have no time, and complexity fits (BigO, RMS) are no measurements.
        if (is_true_at(entry, "skipped") || !entry.contains("real_time")) continue;
        const std::string aggregate = text_at(entry, "aggregate_name");
        if (aggregate == "BigO" || aggregate == "RMS") continue;
        if (!seen.emplace(name, integer_at(entry, "repetition_index")).second) {
            return fmt::format("benchmark {} stands there twice", in_quotes(name));
        }
        if (entry.size() + fields.size() > most_metrics)
            return fmt::format("more than {} metrics", most_metrics);
        std::string error = add_entry(entry, name, bare, fields);
        if (!error.empty()) return error;
    }
    return {};
}

/// Where only aggregates were reported, the benchmark itself is their median, else their mean.
void add_from_aggregates(const json& entries, Series& bare, Series& fields) {
    for (const char* aggregate : {"median", "mean"}) {
        for (const json& entry : entries) {
            const std::string name = text_at(entry, "run_name");
            if (text_at(entry, "aggregate_name") != aggregate || !is_benchmark_name(name) ||
                bare.contains(name))
                continue;
            add_entry(entry, name, bare, fields);
        }
    }
}

}  // namespace

MetricReading read_google_benchmark(const std::string& text) {
    MetricReading reading;
    json document;
    reading.error = parse_json(text, document);
    if (!reading.error.empty()) return reading;
    const auto entries = document.find("benchmarks");
    if (!document.is_object() || entries == document.end() || !entries->is_array()) {
        reading.error = "the JSON is not Google Benchmark's: it has no list \"benchmarks\"";
        return reading;
    }
    Series bare;
    Series fields;
    reading.error = read_entries(*entries, bare, fields);
    if (!reading.error.empty()) return reading;
    add_from_aggregates(*entries, bare, fields);
    // Bare names first: Google Benchmark itself calls a benchmark "x/real_time" where it is timed by the wall
    // clock.
    for (const Series* series : {&bare, &fields}) {
        for (const auto& [name, values] : *series) {
            const double value = median(values.values);
            if (std::isfinite(value)) reading.metrics.try_emplace(name, Metric{value, values.unit});
        }
    }
    return reading;
}

}  // namespace ratchet
