#include <fmt/format.h>

#include <charconv>

#include "benchmarks_adapter/metrics/benchmark_entries.hpp"
#include "benchmarks_adapter/metrics/median.hpp"
#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "benchmarks_adapter/metrics/output_text.hpp"

// The text of `go test -bench`: the Go Benchmark Data Format, golang.org/design/14313-benchmark-format.
//   BenchmarkSort/64-8   	   10000	    1234 ns/op	      12 B/op	       3 allocs/op

namespace ratchet {
namespace {

/// All runs (-count) of one benchmark of one package: the values by unit.
struct GoRuns {
    std::string package;
    std::string name;
    std::map<std::string, std::vector<double>> values;
};
using GoBenchmarks = std::map<std::pair<std::string, std::string>, GoRuns>;

std::vector<std::string_view> fields_of(std::string_view line) {
    std::vector<std::string_view> fields;
    while (!(line = trimmed(line)).empty()) {
        const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
        fields.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
    return fields;
}

bool is_count(std::string_view text) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    return error == std::errc() && end == text.data() + text.size() && count > 0;
}

/// A result starts with a name and the number of iterations; other lines may start with the name too.
bool is_result(const std::vector<std::string_view>& fields) {
    constexpr std::string_view opening = "Benchmark";
    if (fields.size() < 4 || !fields[0].starts_with(opening) || !is_count(fields[1])) return false;
    return fields[0].size() == opening.size() || fields[0][opening.size()] < 'a' ||
           fields[0][opening.size()] > 'z';
}

/// Adds the values of one result; returns what is wrong with it.
std::string add_result(const std::vector<std::string_view>& fields, const std::string& package,
                       GoBenchmarks& benchmarks) {
    const std::string name(fields[0]);
    GoRuns& runs = benchmarks[{package, name}];
    runs.package = package;
    runs.name = name;
    if (fields.size() % 2 != 0) {
        return fmt::format("benchmark {}: {} has no unit", in_quotes(name), in_quotes(fields.back()));
    }
    for (std::size_t i = 2; i < fields.size(); i += 2) {
        const auto number = whole_number(fields[i]);
        if (const auto* problem = std::get_if<std::string>(&number))
            return fmt::format("benchmark {}: {}", in_quotes(name), *problem);
        runs.values[std::string(fields[i + 1])].push_back(std::get<double>(number));
    }
    return {};
}

/// Without the number of processors that Go appends where there are several.
std::string without_processors(const std::string& name) {
    const std::size_t dash = name.rfind('-');
    return dash != std::string::npos && is_count(std::string_view(name).substr(dash + 1))
               ? name.substr(0, dash)
               : name;
}

BenchmarkEntry go_entry(const GoRuns& runs) {
    BenchmarkEntry entry;
    if (!runs.package.empty()) entry.names.push_back(runs.package + "." + runs.name);
    entry.names.push_back(runs.name);
    if (const std::string plain = without_processors(runs.name); plain != runs.name) {
        if (!runs.package.empty()) entry.names.push_back(runs.package + "." + plain);
        entry.names.push_back(plain);
    }
    for (const auto& [unit, values] : runs.values)
        entry.fields[unit] = {median(values), unit};
    // A benchmark may suppress its time; then its first figure is what it is about.
    const auto time = entry.fields.find("ns/op");
    entry.value = (time == entry.fields.end() ? entry.fields.begin() : time)->second;
    return entry;
}

}  // namespace

MetricReading read_go_bench(const std::string& text) {
    GoBenchmarks benchmarks;
    std::string package;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string_view line = trimmed(next_line(rest));
        constexpr std::string_view package_key = "pkg:";
        constexpr std::string_view failure = "--- FAIL:";
        if (line.starts_with(package_key)) package = trimmed(line.substr(package_key.size()));
        if (line.starts_with(failure))
            return {{}, fmt::format("benchmark {} failed", in_quotes(trimmed(line.substr(failure.size()))))};
        const auto fields = fields_of(line);
        if (!is_result(fields)) continue;
        std::string error = add_result(fields, package, benchmarks);
        if (!error.empty()) return {{}, std::move(error)};
    }
    std::vector<BenchmarkEntry> entries;
    for (const auto& [key, runs] : benchmarks)
        entries.push_back(go_entry(runs));
    return metrics_of(entries);
}

}  // namespace ratchet
