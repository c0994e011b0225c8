// `.auto/log.jsonl` and `autoresearch.jsonl`: configurations, runs and hooks, a JSON object a line.

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>

#include "experiment_store/exchange/foreign.hpp"
#include "experiment_store/exchange/foreign_lines.hpp"
#include "experiment_store/exchange/json_text.hpp"

namespace ratchet {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t deepest_record = 32;

/// Fields of a run that have a place of their own; the rest is kept as it is.
constexpr std::array<std::string_view, 8> known_run_fields = {
    "run", "commit", "metric", "status", "description", "timestamp", "segment", "confidence"};
constexpr std::array<std::string_view, 8> known_config_fields = {
    "type", "name", "metricName", "metric_name", "metricUnit", "metric_unit", "bestDirection", "direction"};

/// What the last configuration line said.
struct Segment {
    int number = 0;
    std::string session;
    std::string metric;
    std::string unit;
    std::optional<Direction> direction;
    Json further = Json::object();  ///< its unknown fields
};

/// The first of these fields that is a text; "" where none is.
std::string text_field(const Json& record, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const auto found = record.find(name);
        if (found != record.end() && found->is_string()) return found->get<std::string>();
    }
    return {};
}

std::optional<double> number_field(const Json& record, const char* name) {
    const auto found = record.find(name);
    if (found == record.end()) return std::nullopt;
    if (found->is_string()) return number_in(found->get_ref<const std::string&>());
    if (!found->is_number()) return std::nullopt;
    const double value = found->get<double>();
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> whole_field(const Json& record, const char* name, double most) {
    const auto value = number_field(record, name);
    if (!value || std::floor(*value) != *value || *value < 0 || *value > most) return std::nullopt;
    return static_cast<std::int64_t>(*value);
}

/// Milliseconds since 1970, as the format says; the variants that write seconds are told by the size.
std::optional<Timestamp> time_field(const Json& record) {
    constexpr double latest = 1e14;           // the year 5138
    constexpr double seconds_at_most = 1e11;  // as milliseconds this would be the year 1973
    const auto value = number_field(record, "timestamp");
    if (!value || *value <= 0 || *value > latest) return std::nullopt;
    const double milliseconds = *value < seconds_at_most ? *value * 1000 : *value;
    return Timestamp(std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds)));
}

template <std::size_t count>
Json fields_except(const Json& record, const std::array<std::string_view, count>& known) {
    Json further = Json::object();
    for (const auto& [name, value] : record.items()) {
        if (std::find(known.begin(), known.end(), name) == known.end()) further[name] = value;
    }
    return further;
}

/// What the agent's own remarks (`asi`) say that the next one should know.
std::string lesson_of(const Json& record) {
    const auto remarks = record.find("asi");
    if (remarks == record.end() || !remarks->is_object()) return {};
    std::string lesson;
    for (const char* name : {"rollback_reason", "learned", "next_action_hint"}) {
        const std::string text = text_field(*remarks, {name});
        if (!text.empty()) lesson += (lesson.empty() ? "" : "; ") + text;
    }
    return lesson;
}

Segment segment_of(const Json& config, int number) {
    Segment segment;
    segment.number = number;
    segment.session = text_field(config, {"name"});
    segment.metric = text_field(config, {"metricName", "metric_name"});
    segment.unit = text_field(config, {"metricUnit", "metric_unit"});
    segment.direction = named<Direction>(text_field(config, {"bestDirection", "direction"}));
    segment.further = fields_except(config, known_config_fields);
    return segment;
}

/// Fills in the experiment, or says why the record is none.
std::string read_run(const Json& record, const Segment& segment, ImportedExperiment& run) {
    constexpr double most_runs = 1e9;
    const std::string status = text_field(record, {"status"});
    if (status.empty()) return "it has no status";
    const auto ended = status_named(status);
    if (!ended) return "its status is none of keep, discard, crash, checks_failed";
    run.status = *ended;
    run.value = number_field(record, "metric");
    if (!run.value && run.status != ImportedStatus::crash) return "it has no metric";
    if (run.status == ImportedStatus::crash && run.value == 0.0) run.value.reset();
    run.segment = static_cast<int>(whole_field(record, "segment", most_runs).value_or(segment.number));
    run.session = segment.session;
    run.metric = segment.metric;
    run.unit = segment.unit;
    run.direction = segment.direction;
    run.run = whole_field(record, "run", most_runs);
    run.commit_name = text_field(record, {"commit"});
    run.description = text_field(record, {"description"});
    if (const auto remarks = record.find("asi");
        run.description.empty() && remarks != record.end() && remarks->is_object()) {
        run.description = text_field(*remarks, {"hypothesis"});
    }
    run.learned = lesson_of(record);
    run.confidence = number_field(record, "confidence");
    run.measured_at = time_field(record);
    Json further = fields_except(record, known_run_fields);
    if (!segment.further.empty()) further["config"] = segment.further;
    run.extra = further.dump();
    return {};
}

}  // namespace

ForeignRecords read_run_log(std::istream& in) {
    ForeignRecords records;
    Segment segment;
    std::set<int> begun;  // segments that have a run
    LineReader lines(in);
    while (lines.next()) {
        if (lines.is_blank()) continue;
        const auto broken = [&](std::string what) {
            records.broken.push_back({lines.number(), std::move(what)});
        };
        Json record;
        if (lines.is_too_long()) {
            broken("it is longer than 1 MiB");
            continue;
        }
        if (std::string problem = parse_json(lines.text(), deepest_record, record); !problem.empty()) {
            broken(std::move(problem));
            continue;
        }
        if (!record.is_object()) {
            broken("it is no JSON object");
            continue;
        }
        const std::string type = text_field(record, {"type"});
        if (type == "config") {
            segment = segment_of(record, records.segments++);
        } else if (type == "hook") {
            ++records.hooks;
        } else {
            ImportedExperiment run;
            run.line = lines.number();
            run.record = lines.text();
            if (std::string problem = read_run(record, segment, run); !problem.empty()) {
                broken(std::move(problem));
                continue;
            }
            run.baseline = begun.insert(run.segment).second && run.status == ImportedStatus::keep;
            records.experiments.push_back(std::move(run));
        }
    }
    return records;
}

std::optional<ForeignFormat> foreign_format(std::istream& in) {
    LineReader lines(in);
    while (lines.next()) {
        if (lines.is_blank()) continue;
        const std::string_view line = without_space(lines.text());
        if (line.starts_with('{')) return ForeignFormat::run_log;
        if (line.find("status") != std::string_view::npos && line.find('\t') != std::string_view::npos)
            return ForeignFormat::results_table;
        return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace ratchet
