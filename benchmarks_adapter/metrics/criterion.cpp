#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "benchmarks_adapter/metrics/benchmark_entries.hpp"
#include "benchmarks_adapter/metrics/json_text.hpp"
#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "benchmarks_adapter/metrics/output_text.hpp"

// What benchmarks made with criterion.rs can print for machines: a JSON object a line (`cargo criterion
// --message-format=json`), or a line like that of Rust's own benchmarks (`cargo bench -- --output-format
// bencher`): "test sort/64 ... bench:       1,234 ns/iter (+/- 5)".

namespace ratchet {
namespace {

using nlohmann::json;
using Entry = std::optional<BenchmarkEntry>;

constexpr std::array<const char*, 5> estimates = {"typical", "mean", "median", "median_abs_dev", "slope"};

/// A time in ns; of another measurement, what it counts.
Metric in_base_unit(double value, const std::string& unit) {
    const auto factor = nanoseconds_in(unit);
    return factor ? Metric{value * *factor, "ns"} : Metric{value, unit};
}

/// Returns what is wrong with the line, else an empty string. Lines that say something else make no entry.
std::string read_message(std::string_view line, Entry& entry) {
    json message;
    std::string error = parse_json(std::string(line), message);
    if (!error.empty() || text_at(message, "reason") != "benchmark-complete") return error;
    entry.emplace();
    entry->names = {text_at(message, "id")};
    for (const char* name : estimates) {
        const auto estimate = message.find(name);
        if (estimate == message.end()) continue;
        if (const auto number = number_at(*estimate, "estimate"))
            entry->fields[name] = in_base_unit(*number, text_at(*estimate, "unit"));
    }
    const auto median = entry->fields.find("median");
    if (median == entry->fields.end())
        return fmt::format("benchmark {} has no median", in_quotes(entry->names.front()));
    entry->value = median->second;
    return {};
}

/// "1,234,567.8" without the commas, where they part thousands.
std::string without_commas(std::string_view number) {
    std::string plain;
    const std::size_t whole = std::min(number.find('.'), number.size());
    for (std::size_t i = 0; i < number.size(); ++i) {
        const bool parts_thousands = number[i] == ',' && i > 0 && i < whole && (whole - i) % 4 == 0;
        if (!parts_thousands) plain += number[i];
    }
    return plain;
}

std::string read_bencher_line(std::string_view line, Entry& entry) {
    constexpr std::string_view opening = "test ";
    constexpr std::string_view middle = " ... bench:";
    const std::size_t name_end = line.rfind(middle);
    if (!line.starts_with(opening) || name_end == std::string_view::npos || name_end < opening.size())
        return {};
    const std::string name(trimmed(line.substr(opening.size(), name_end - opening.size())));
    const std::string_view rest = trimmed(line.substr(name_end + middle.size()));
    const std::size_t blank = std::min(rest.find(' '), rest.size());
    const auto number = whole_number(without_commas(rest.substr(0, blank)));
    if (const auto* problem = std::get_if<std::string>(&number))
        return fmt::format("benchmark {}: {}", in_quotes(name), *problem);
    const std::string_view unit = trimmed(rest.substr(blank));
    const std::size_t slash = unit.find("/iter");
    if (slash == std::string_view::npos)
        return fmt::format("benchmark {}: {} is no unit of a time", in_quotes(name), in_quotes(unit));
    entry.emplace();
    entry->names = {name};
    entry->value = in_base_unit(std::get<double>(number), std::string(unit.substr(0, slash)));
    return {};
}

}  // namespace

MetricReading read_criterion(const std::string& text) {
    std::vector<BenchmarkEntry> entries;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string_view line = trimmed(next_line(rest));
        Entry entry;
        std::string error =
            line.starts_with('{') ? read_message(line, entry) : read_bencher_line(line, entry);
        if (!error.empty()) return {{}, std::move(error)};
        if (entry) entries.push_back(std::move(*entry));
    }
    return metrics_of(entries);
}

}  // namespace ratchet
