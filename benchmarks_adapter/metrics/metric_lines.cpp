#include <fmt/format.h>

#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "benchmarks_adapter/metrics/output_text.hpp"

// METRIC name=value, optionally followed by a unit, each on a line of its own between any other text.

namespace ratchet {
namespace {

constexpr std::string_view keyword = "METRIC";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t longest_line_name = 200;
constexpr std::size_t longest_unit = 40;

/// What follows the keyword, where the line is a METRIC line: it starts with the word and has an equals sign.
std::optional<std::string_view> assignment_of(std::string_view line) {
    line = trimmed(line);
    if (!line.starts_with(keyword)) return {};
    line.remove_prefix(keyword.size());
    if (line.empty() || (line.front() != ' ' && line.front() != '\t')) return {};
    if (line.find('=') == std::string_view::npos) return {};
    return trimmed(line);
}

bool is_unit(std::string_view unit, bool glued) {
    if (unit.empty()) return true;
    if (unit.size() > longest_unit || unit.find_first_of(" \t=") != std::string_view::npos) return false;
    // "12 34" is two numbers and "1,5" or "1.2.3" none; a unit starts with a letter, %, or what is not ASCII.
    const auto first = static_cast<unsigned char>(unit.front());
    const bool letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
    const bool sign = first == '%' || (!glued && first == '/');
    return (letter || sign || first >= 0x80) && is_plain_text(unit);
}

std::string shown(const Metric& metric) {
    return metric.unit.empty() ? fmt::format("{}", metric.value)
                               : fmt::format("{} {}", metric.value, metric.unit);
}

/// Adds the metric of one line; returns what is wrong with it.
std::string add_metric(std::string_view assignment, std::map<std::string, Metric>& metrics) {
    const std::size_t equals = assignment.find('=');
    const std::string_view name = trimmed(assignment.substr(0, equals));
    if (name.empty() || name.size() > longest_line_name ||
        name.find_first_of(" \t") != std::string_view::npos || !is_plain_text(name)) {
        return fmt::format("METRIC {}: {} is not a name", in_quotes(assignment), in_quotes(name));
    }
    auto number = leading_number(trimmed(assignment.substr(equals + 1)));
    if (const auto* problem = std::get_if<std::string>(&number))
        return fmt::format("metric {}: {}", name, *problem);
    const auto& [value, rest] = std::get<LeadingNumber>(number);
    const std::string_view unit = trimmed(rest);
    if (!is_unit(unit, !unit.empty() && rest.front() == unit.front())) {
        return fmt::format("metric {}: {} after the number is not a unit", name, in_quotes(unit));
    }
    const auto [place, is_new] = metrics.try_emplace(std::string(name), Metric{value, std::string(unit)});
    if (!is_new && (place->second.value != value || place->second.unit != unit)) {
        return fmt::format("metric {} has two different values, {} and {}", name, shown(place->second),
                           shown({value, std::string(unit)}));
    }
    if (metrics.size() > most_metrics) return fmt::format("more than {} metrics", most_metrics);
    return {};
}

}  // namespace

MetricReading read_metric_lines(const std::string& text) {
    MetricReading reading;
    std::string_view rest = text;
    if (rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
    while (!rest.empty()) {
        const auto assignment = assignment_of(next_line(rest));
        if (!assignment) continue;
        reading.error = add_metric(*assignment, reading.metrics);
        if (!reading.error.empty()) {
            reading.metrics.clear();
            return reading;
        }
    }
    return reading;
}

}  // namespace ratchet
