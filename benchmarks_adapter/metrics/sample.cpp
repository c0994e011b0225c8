#include <fmt/format.h>

#include <cmath>

#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "benchmarks_adapter/metrics/output_text.hpp"

// From one run to one sample: the primary metric and the constrained ones.

namespace ratchet {
namespace {

using Metrics = std::map<std::string, Metric>;

Metrics measured_from_outside(const RunFigures& figures) {
    Metrics metrics{{"wall", {figures.wall_seconds, "s"}},
                    {"user+sys", {figures.user_seconds + figures.system_seconds, "s"}},
                    {"peak_memory", {static_cast<double>(figures.peak_memory_bytes), "B"}}};
    if (figures.instructions) metrics["instructions"] = {static_cast<double>(*figures.instructions), ""};
    return metrics;
}

bool is_outside(MetricSource source) {
    return source == MetricSource::wall || source == MetricSource::cpu ||
           source == MetricSource::peak_memory || source == MetricSource::instructions;
}

/// Whether the sandbox measures what has this name: then nothing that is printed stands for it.
bool belongs_outside(const std::string& name) {
    const std::optional<MetricSource> source = named<MetricSource>(name);
    return source && is_outside(*source);
}

MetricReading read_source(const Benchmark& benchmark, const std::string& text) {
    switch (benchmark.source) {
        case MetricSource::metric_lines:
            return read_metric_lines(text);
        case MetricSource::google_benchmark:
            return read_google_benchmark(text);
        case MetricSource::hyperfine:
            return read_hyperfine(text);
        case MetricSource::pytest_benchmark:
            return read_pytest_benchmark(text);
        case MetricSource::go_bench:
            return read_go_bench(text);
        case MetricSource::criterion:
            return read_criterion(text);
        case MetricSource::jmh:
            return read_jmh(text);
        case MetricSource::catch2:
            return read_catch2(text);
        case MetricSource::json:
            return read_json(text, benchmark.metric, benchmark.locator);
        case MetricSource::regex:
            return read_regex(text, benchmark.metric, benchmark.locator);
        case MetricSource::wall:
        case MetricSource::cpu:
        case MetricSource::peak_memory:
        case MetricSource::instructions:
            break;
    }
    return {};
}

/// "; there are: a, b, c" for a metric that is missing.
std::string known_names(const Metrics& metrics) {
    std::string names;
    int shown = 0;
    for (const auto& [name, metric] : metrics) {
        if (++shown > 8) return "; there are: " + names + ", …";
        names += (names.empty() ? "" : ", ") + name;
    }
    return names.empty() ? "; the output has no metric at all" : "; there are: " + names;
}

/// What is wrong with the value of the primary metric; empty: nothing.
std::string problem_with(const Benchmark& benchmark, const std::string& name, double value) {
    if (!std::isfinite(value)) return fmt::format("metric {} is not finite", name);
    if (benchmark.scale == Scale::ratio && !(value > 0)) {
        return fmt::format(
            "metric {} = {} is not positive; a metric that can be zero or negative needs "
            "scale = \"difference\"",
            name, value);
    }
    if (benchmark.plausible_low && value < *benchmark.plausible_low) {
        return fmt::format("metric {} = {} is implausible: less than {}", name, value,
                           *benchmark.plausible_low);
    }
    if (benchmark.plausible_high && value > *benchmark.plausible_high) {
        return fmt::format("metric {} = {} is implausible: more than {}", name, value,
                           *benchmark.plausible_high);
    }
    return {};
}

SampleReading failed(std::string error) {
    SampleReading reading;
    reading.error = std::move(error);
    return reading;
}

/// Only the counter can be missing: where the kernel never gave it the hardware in a whole run.
std::string not_measured(const std::string& name) {
    return fmt::format("the kernel counted no {} in this run", name);
}

}  // namespace

SampleReading read_sample(const Benchmark& benchmark, const std::vector<Constraint>& constraints,
                          const BenchmarkOutput& output) {
    const Metrics outside = measured_from_outside(output.figures);
    const bool primary_is_outside = is_outside(benchmark.source);
    const MetricReading printed = read_source(benchmark, output.text);
    if (!printed.usable()) return failed(printed.error);

    // The source's own names first: a benchmark may print a "wall" of its own and name it as the primary
    // metric.
    const std::string name = primary_is_outside ? std::string(name_of(benchmark.source)) : benchmark.metric;
    const Metrics& source = primary_is_outside ? outside : printed.metrics;
    const auto own = source.find(name);
    const auto primary = own != source.end() ? own : outside.find(name);
    if (own == source.end() && primary == outside.end()) {
        if (primary_is_outside) return failed(not_measured(name));
        return failed(fmt::format("no metric {}{}", in_quotes(name), known_names(printed.metrics)));
    }
    const Metric& metric = primary->second;
    const std::string problem = problem_with(benchmark, name, metric.value);
    if (!problem.empty()) return failed(problem);

    SampleReading reading;
    reading.unit = benchmark.unit.empty() ? metric.unit : benchmark.unit;
    reading.units[name] = metric.unit;
    Sample sample;
    sample.value = metric.value;
    sample.figures = output.figures;
    // A constraint is held against what was measured from outside where that has its name: a candidate cannot
    // print it away. Then what the source prints, then METRIC lines beside another source.
    std::optional<MetricReading> lines;
    for (const Constraint& constraint : constraints) {
        const bool from_outside = belongs_outside(constraint.metric);
        if (from_outside && !outside.contains(constraint.metric))
            return failed(not_measured(constraint.metric));
        const Metrics* where = from_outside ? &outside : &printed.metrics;
        if (!where->contains(constraint.metric)) {
            if (!lines) lines = read_metric_lines(output.text);
            if (!lines->usable()) return failed(lines->error);
            where = &lines->metrics;
        }
        const auto found = where->find(constraint.metric);
        if (found == where->end()) {
            return failed(fmt::format("no metric {} for the constraint{}", in_quotes(constraint.metric),
                                      known_names(where->empty() ? printed.metrics : *where)));
        }
        sample.metrics[constraint.metric] = found->second.value;
        reading.units.try_emplace(constraint.metric, found->second.unit);
    }
    reading.sample = std::move(sample);
    return reading;
}

std::string change_of_unit(const MetricUnits& champion, const MetricUnits& candidate) {
    const auto shown = [](const std::string& unit) { return unit.empty() ? std::string("none") : unit; };
    for (const auto& [name, unit] : champion) {
        const auto other = candidate.find(name);
        if (other != candidate.end() && other->second != unit)
            return fmt::format("metric {}: the unit changed from {} to {}", name, shown(unit),
                               shown(other->second));
    }
    return {};
}

}  // namespace ratchet
