#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "benchmarks_adapter/metrics/benchmark_entries.hpp"
#include "benchmarks_adapter/metrics/json_text.hpp"
#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "benchmarks_adapter/metrics/output_text.hpp"

// The JSON of hyperfine (--export-json); its times are always seconds.

namespace ratchet {
namespace {

using nlohmann::json;

constexpr std::array<const char*, 7> times = {"mean", "stddev", "median", "user", "system", "min", "max"};

bool is_same(const BenchmarkEntry& a, const BenchmarkEntry& b) {
    const auto equal = [](const auto& one, const auto& other) {
        return one.first == other.first && one.second.value == other.second.value;
    };
    return a.value.value == b.value.value &&
           std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(), equal);
}

std::optional<BenchmarkEntry> hyperfine_entry(const json& result) {
    BenchmarkEntry entry;
    entry.names = {text_at(result, "command")};
    auto value = number_at(result, "times");
    if (!value) value = number_at(result, "median");
    if (!value) return {};
    entry.value = {*value, "s"};
    for (const char* time : times) {
        if (const auto number = number_at(result, time)) entry.fields[time] = {*number, "s"};
    }
    // Since version 1.19, one for each run.
    if (const auto bytes = number_at(result, "memory_usage_byte"))
        entry.fields["memory_usage_byte"] = {*bytes, "B"};
    return entry;
}

}  // namespace

MetricReading read_hyperfine(const std::string& text) {
    MetricReading reading;
    std::vector<json> documents;
    reading.error = parse_json_objects(text, documents);
    if (!reading.error.empty()) return reading;
    std::map<std::string, BenchmarkEntry> known;
    for (const json& document : documents) {
        const auto results = document.find("results");
        if (results == document.end() || !results->is_array()) {
            reading.error = "the JSON is not hyperfine's: it has no list \"results\"";
            return reading;
        }
        for (const json& result : *results) {
            const auto entry = hyperfine_entry(result);
            if (!entry) {
                reading.error =
                    fmt::format("hyperfine has no times of {}", in_quotes(text_at(result, "command")));
                return reading;
            }
            // Of several commands, each prints the whole list so far where the list goes to standard output.
            const auto [place, is_new] = known.try_emplace(entry->names.front(), *entry);
            if (is_new || (&document != &documents.front() && is_same(place->second, *entry))) continue;
            reading.error = fmt::format("benchmark {} stands there twice", in_quotes(entry->names.front()));
            return reading;
        }
    }
    std::vector<BenchmarkEntry> entries;
    for (auto& [name, entry] : known)
        entries.push_back(std::move(entry));
    return metrics_of(entries);
}

}  // namespace ratchet
