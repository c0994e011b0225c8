#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "benchmarks_adapter/metrics/json_text.hpp"
#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "benchmarks_adapter/metrics/output_text.hpp"

namespace ratchet {
MetricReading read_json(const std::string& text, const std::string& metric, const std::string& pointer) {
    nlohmann::json document;
    MetricReading reading;
    reading.error = parse_json(text, document);
    if (!reading.error.empty()) return reading;
    try {
        const nlohmann::json::json_pointer place(pointer);
        if (!document.contains(place)) {
            reading.error = fmt::format("the JSON has nothing at {}", in_quotes(pointer));
            return reading;
        }
        const auto number = number_of(document.at(place));
        if (!number) {
            reading.error = fmt::format("at {} the JSON has no number", in_quotes(pointer));
        } else if (!std::isfinite(*number)) {
            reading.error = fmt::format("metric {} is not finite", metric);
        } else {
            reading.metrics[metric] = {*number, ""};
        }
    } catch (const nlohmann::json::exception&) {
        reading.error =
            fmt::format("{} is not a JSON pointer; write it like \"/results/0/mean\"", in_quotes(pointer));
    }
    return reading;
}

}  // namespace ratchet
