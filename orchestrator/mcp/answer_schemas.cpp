#include <fmt/format.h>

#include "orchestrator/mcp/answers.hpp"

// What answers.cpp gives, as JSON Schema (2020-12). Every key is always there; what is not known is null.

namespace ratchet {
namespace {

constexpr const char* number_type = R"({"type": "integer"})";
constexpr const char* text_type = R"({"type": "string"})";
constexpr const char* text_or_null_type = R"({"type": ["string", "null"]})";
constexpr const char* number_or_null_type = R"({"type": ["number", "null"]})";
constexpr const char* texts = R"({"type": "array", "items": {"type": "string"}})";
constexpr const char* interval =
    R"({"type": ["object", "null"], "description": "log ratio, positive is better, with its 95 % interval",
        "properties": {"low": {"type": "number"}, "estimate": {"type": "number"}, "high": {"type": "number"}}})";

/// A pair of a key and the schema of its value.
std::string key(const char* name, const std::string& schema) {
    return fmt::format("\"{}\": {}", name, schema);
}

/// An object that has all of these keys.
std::string object(const std::string& properties, const std::string& required) {
    return fmt::format(R"({{"type": "object", "properties": {{{}}}, "required": [{}]}})", properties,
                       required);
}

std::string list(const std::string& items) {
    return fmt::format(R"({{"type": "array", "items": {}}})", items);
}

std::string entry_keys() {
    return key("experiment", number_type) + ", " + key("verdict", text_or_null_type) + ", " +
           key("effect", interval) + ", " + key("effect_text", text_or_null_type) + ", " +
           key("idea", text_or_null_type) + ", " + key("reason", text_or_null_type) + ", " +
           key("files", texts) + ", " + key("files_in_all", number_type);
}

constexpr const char* entry_names =
    R"("experiment", "verdict", "effect", "effect_text", "idea", "reason", "files", "files_in_all")";

std::string run_schema() {
    return object(key("stage", text_type) + ", " + key("name", text_type) + ", " +
                      key("exit_status", number_type) + ", " + key("timed_out", R"({"type": "boolean"})") +
                      ", " + key("output_end", text_type),
                  R"("stage", "name", "exit_status", "timed_out", "output_end")");
}

}  // namespace

std::string experiments_schema() {
    return object(key("note", text_type) + ", " + key("experiments", list(object(entry_keys(), entry_names))),
                  R"("note", "experiments")");
}

std::string experiment_schema() {
    return object(
        key("note", text_type) + ", " + entry_keys() + ", " + key("move", text_type) + ", " +
            key("parent", text_type) + ", " + key("candidate", text_or_null_type) + ", " +
            key("expected_effect", text_or_null_type) + ", " + key("risk", text_or_null_type) + ", " +
            key("learned", text_or_null_type) + ", " + key("next_ideas", texts) + ", " +
            key("proposer_failure", text_or_null_type) + ", " + key("failed_runs", list(run_schema())) +
            ", " + key("diff", text_or_null_type),
        fmt::format(R"("note", {}, "move", "parent", "candidate", "expected_effect", "risk", "learned",)"
                    R"("next_ideas", "proposer_failure", "failed_runs", "diff")",
                    entry_names));
}

std::string best_schema() {
    const std::string champion =
        object(key("commit", text_type) + ", " + key("experiment", R"({"type": ["integer", "null"]})"),
               R"("commit", "experiment")");
    return object(
        key("note", text_type) + ", " + key("campaign", text_type) + ", " + key("goal", text_type) + ", " +
            key("metric", text_type) + ", " + key("unit", text_or_null_type) + ", " +
            key("direction", text_type) + ", " + key("base", text_type) + ", " + key("champion", champion) +
            ", " + key("total_gain", R"({"type": ["object", "null"]})") + ", " +
            key("experiments", number_type) + ", " +
            key("verdicts", R"({"type": "object", "additionalProperties": {"type": "integer"}})") + ", " +
            key("steps", list(object(entry_keys(), entry_names))),
        R"("note", "campaign", "goal", "metric", "unit", "direction", "base", "champion", "total_gain",)"
        R"("experiments", "verdicts", "steps")");
}

std::string map_schema() {
    const std::string file = object(key("path", text_type) + ", " + key("attempts", number_type) + ", " +
                                        key("failures", number_type) + ", " + key("kept", number_type) +
                                        ", " + key("best_effect", number_or_null_type),
                                    R"("path", "attempts", "failures", "kept", "best_effect")");
    return object(key("note", text_type) + ", " + key("files", list(file)) + ", " +
                      key("files_in_all", number_type) + ", " + key("untouched", texts) + ", " +
                      key("untouched_in_all", number_type),
                  R"("note", "files", "files_in_all", "untouched", "untouched_in_all")");
}

}  // namespace ratchet
