#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "benchmarks_adapter/metrics/benchmark_entries.hpp"
#include "benchmarks_adapter/metrics/json_text.hpp"
#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "benchmarks_adapter/metrics/output_text.hpp"

// The JSON of pytest-benchmark (--benchmark-json); its times are seconds, `ops` is rounds a second.

namespace ratchet {
namespace {

using nlohmann::json;

/// Numbers that say how often it was run and what was unusual; `data` are the single rounds.
bool is_about_the_rounds(const std::string& key) {
    static const std::set<std::string> keys = {"rounds", "iterations", "iqr_outliers", "stddev_outliers",
                                               "data"};
    return keys.contains(key);
}

std::optional<BenchmarkEntry> pytest_entry(const json& test) {
    BenchmarkEntry entry;
    entry.names = {text_at(test, "fullname"), text_at(test, "name")};
    const auto stats = test.find("stats");
    if (stats == test.end() || !stats->is_object()) return {};
    const auto value = number_at(*stats, "median");
    if (!value) return {};
    entry.value = {*value, "s"};
    for (const auto& [key, statistic] : stats->items()) {
        if (is_about_the_rounds(key)) continue;
        if (const auto number = number_of(statistic))
            entry.fields[key] = {*number, key == "ops" ? "1/s" : "s"};
    }
    const auto extra = test.find("extra_info");
    if (extra == test.end() || !extra->is_object()) return entry;
    for (const auto& [key, info] : extra->items()) {
        if (const auto number = number_of(info)) entry.fields.try_emplace(key, Metric{*number, ""});
    }
    return entry;
}

}  // namespace

MetricReading read_pytest_benchmark(const std::string& text) {
    MetricReading reading;
    json document;
    reading.error = parse_json(text, document);
    if (!reading.error.empty()) return reading;
    const auto tests = document.find("benchmarks");
    if (!document.is_object() || tests == document.end() || !tests->is_array()) {
        reading.error = "the JSON is not pytest-benchmark's: it has no list \"benchmarks\"";
        return reading;
    }
    std::vector<BenchmarkEntry> entries;
    for (const json& test : *tests) {
        auto entry = pytest_entry(test);
        if (!entry) {
            reading.error = fmt::format("benchmark {} has no times", in_quotes(text_at(test, "name")));
            return reading;
        }
        entries.push_back(std::move(*entry));
    }
    return metrics_of(entries);
}

}  // namespace ratchet
