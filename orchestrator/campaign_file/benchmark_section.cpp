#include <fmt/format.h>

#include <array>
#include <regex>

#include "orchestrator/campaign_file/sections.hpp"
#include "orchestrator/notation.hpp"

namespace ratchet {

namespace {

/// Metrics that the sandbox measures itself: the source is the metric.
bool is_measured_outside(MetricSource source) {
    return source == MetricSource::wall || source == MetricSource::cpu ||
           source == MetricSource::peak_memory || source == MetricSource::instructions;
}

void read_metric(const TableReader& reader, Benchmark& benchmark) {
    const std::optional<std::string> metric = reader.text("metric");
    const std::optional<MetricSource> source = reader.choice<MetricSource>("source");
    if (source) {
        benchmark.source = *source;
    } else if (metric) {
        // The metric `wall` needs no more words to say where it comes from.
        const std::optional<MetricSource> same = named<MetricSource>(*metric);
        if (same && is_measured_outside(*same)) benchmark.source = *same;
    }
    if (metric) benchmark.metric = *metric;
    if (is_measured_outside(benchmark.source)) {
        const std::string own_name(name_of(benchmark.source));
        if (metric && *metric != own_name) {
            reader.refuse("metric", fmt::format("with source = \"{0}\" the metric is \"{0}\"", own_name));
        }
        benchmark.metric = own_name;
    }
    if (benchmark.metric.empty()) reader.refuse("metric", "is missing");
    benchmark.unit = reader.text("unit").value_or(benchmark.unit);
    benchmark.direction = reader.choice<Direction>("direction").value_or(benchmark.direction);
}

/// Why a regular expression cannot read a metric, or empty.
std::string regex_problem(const std::string& pattern) {
    // Longer ones are no pattern of a person's, and the library's compiler recurses on them.
    constexpr std::size_t longest = 1000;
    if (pattern.size() > longest) return "is longer than 1000 characters";
    try {
        const std::regex expression(pattern);
        if (expression.mark_count() == 1) return {};
        return fmt::format("must have exactly one group ( ), found {}", expression.mark_count());
    } catch (const std::regex_error& error) {
        return fmt::format("is no regular expression: {}", error.what());
    }
}

void read_locator(const TableReader& reader, Benchmark& benchmark) {
    const bool is_json = benchmark.source == MetricSource::json;
    const bool is_regex = benchmark.source == MetricSource::regex;
    if (reader.find("pointer") != nullptr && !is_json) {
        reader.refuse("pointer", "belongs to source = \"json\"");
    }
    if (reader.find("pattern") != nullptr && !is_regex) {
        reader.refuse("pattern", "belongs to source = \"regex\"");
    }
    if (is_json) {
        benchmark.locator = reader.text("pointer").value_or(benchmark.locator);
        if (benchmark.locator.empty())
            reader.refuse("pointer", "is missing: where the number stands in the JSON");
        if (benchmark.locator.front() != '/') {
            reader.expected("pointer", "a JSON pointer such as \"/results/0/mean\"");
        }
    } else if (is_regex) {
        benchmark.locator = reader.text("pattern").value_or(benchmark.locator);
        if (benchmark.locator.empty())
            reader.refuse("pattern", "is missing: how the number is found in the output");
        const std::string problem = regex_problem(benchmark.locator);
        if (!problem.empty()) reader.refuse("pattern", problem);
    } else {
        benchmark.locator.clear();
    }
}

void read_scale(const TableReader& reader, Benchmark& benchmark, bool has_defaults) {
    const Scale before = benchmark.scale;
    benchmark.scale = reader.choice<Scale>("scale").value_or(benchmark.scale);
    benchmark.design = reader.choice<Design>("design").value_or(benchmark.design);
    const TomlValue* value = reader.find("min_effect");
    if (benchmark.scale == Scale::difference) {
        const bool known = has_defaults && before == Scale::difference;
        if (value == nullptr && !known) {
            reader.refuse("min_effect",
                          "is missing: with scale = \"difference\" it is in the metric's own unit");
        }
        benchmark.min_effect = reader.number("min_effect").value_or(benchmark.min_effect);
        if (benchmark.min_effect < 0) reader.expected("min_effect", "a number that is not negative");
        return;
    }
    if (value == nullptr) {
        if (before == Scale::difference) benchmark.min_effect = Benchmark{}.min_effect;
        return;
    }
    const std::optional<double> share =
        value->kind == TomlValue::Kind::text ? parse_percentage(value->text) : std::nullopt;
    // Ten times as good is the most that a smallest effect can be meant to be.
    if (!share || *share < 0 || *share > 10) reader.expected("min_effect", "a percentage such as \"0.5%\"");
    benchmark.min_effect = *share;
}

void read_pairs(const TableReader& reader, Benchmark& benchmark) {
    constexpr std::int64_t most = 10'000;
    benchmark.min_pairs =
        static_cast<int>(reader.integer("min_pairs", 1, most).value_or(benchmark.min_pairs));
    const bool has_most = reader.find("max_pairs") != nullptr;
    if (!has_most && benchmark.max_pairs < benchmark.min_pairs) benchmark.max_pairs = benchmark.min_pairs;
    benchmark.max_pairs =
        static_cast<int>(reader.integer("max_pairs", 1, most).value_or(benchmark.max_pairs));
    if (benchmark.max_pairs < benchmark.min_pairs) {
        reader.refuse("max_pairs", fmt::format("{} is below min_pairs, which is {}", benchmark.max_pairs,
                                               benchmark.min_pairs));
    }
}

std::optional<double> number_of(const TomlValue& value) {
    if (value.kind == TomlValue::Kind::text) return parse_number(value.text);
    if (value.kind == TomlValue::Kind::integer) return value.number;
    if (value.kind == TomlValue::Kind::number) return parse_number(fmt::format("{}", value.number));
    return {};
}

void read_plausible(const TableReader& reader, Benchmark& benchmark) {
    const TomlValue* value = reader.find("plausible");
    if (value == nullptr) return;
    constexpr const char* expectation = "the lowest and the highest plausible value, such as [0.1, 1e5]";
    if (value->kind != TomlValue::Kind::array || value->elements.size() != 2) {
        reader.expected("plausible", expectation);
    }
    benchmark.plausible_low = number_of(value->elements[0]);
    benchmark.plausible_high = number_of(value->elements[1]);
    const bool fits = benchmark.plausible_low && benchmark.plausible_high &&
                      *benchmark.plausible_low < *benchmark.plausible_high;
    if (!fits) reader.refuse("plausible", fmt::format("expected {}", expectation));
    if (benchmark.scale == Scale::ratio && *benchmark.plausible_high <= 0) {
        reader.refuse("plausible", "with scale = \"ratio\" a value must be positive",
                      "scale = \"difference\" is for metrics that can be zero or negative");
    }
}

void read_cores(const TableReader& reader, Benchmark& benchmark) {
    const TomlValue* value = reader.find("cores");
    if (value == nullptr) return;
    const bool all = value->kind == TomlValue::Kind::text && value->text == "all";
    const bool some =
        value->kind == TomlValue::Kind::integer && value->integer >= 1 && value->integer <= 4096;
    if (!all && !some) reader.expected("cores", "a whole number from 1 on, or \"all\"");
    benchmark.cores = all ? 0 : static_cast<int>(value->integer);
}

}  // namespace

Benchmark read_benchmark(const TomlValue& table, const std::string& name, const std::string& file,
                         Milliseconds timeout, const Benchmark* defaults) {
    static constexpr std::array<std::string_view, 15> keys = {
        "command", "metric",     "unit",      "direction", "source",    "pointer", "pattern", "scale",
        "design",  "min_effect", "min_pairs", "max_pairs", "plausible", "cores",   "timeout"};
    const TableReader reader(table, name, file, keys);
    Benchmark benchmark;
    benchmark.timeout = timeout;
    if (defaults != nullptr) benchmark = *defaults;
    benchmark.command = reader.required_text("command");
    read_metric(reader, benchmark);
    read_locator(reader, benchmark);
    read_scale(reader, benchmark, defaults != nullptr);
    read_pairs(reader, benchmark);
    read_plausible(reader, benchmark);
    read_cores(reader, benchmark);
    benchmark.timeout = reader.duration("timeout").value_or(benchmark.timeout);
    return benchmark;
}

}  // namespace ratchet
