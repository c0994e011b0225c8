#include <fmt/format.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <set>

#include "orchestrator/campaign_file/sections.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/proposers/knob_file.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {

namespace {

/// A finer search than this is not made by trying.
constexpr std::size_t most_values = 10'000;

constexpr std::array<std::string_view, 7> knob_keys = {"name",  "file", "pattern", "values",
                                                       "range", "step", "by"};

std::vector<std::string> listed_values(const TableReader& reader) {
    const TomlValue& list = *reader.find("values");
    if (list.kind != TomlValue::Kind::array) reader.expected("values", "an array of values");
    std::vector<std::string> values;
    for (const TomlValue& element : list.elements) {
        switch (element.kind) {
            case TomlValue::Kind::text:
                values.push_back(element.text);
                break;
            case TomlValue::Kind::integer:
                values.push_back(fmt::format("{}", element.integer));
                break;
            case TomlValue::Kind::boolean:
                values.emplace_back(element.boolean ? "true" : "false");
                break;
            default:
                // 1.0 and 1 are one number and two texts: only the text says which is meant.
                reader.refuse("values",
                              fmt::format("expected texts, whole numbers or booleans, found {} in it",
                                          description(element)),
                              "write it in quotes, as it shall stand in the file");
        }
    }
    return values;
}

std::vector<double> stepped(const TableReader& reader, double low, double high, double by, bool doubling) {
    std::vector<double> values;
    for (std::size_t i = 0;; ++i) {
        const auto n = static_cast<double>(i);
        const double value = doubling ? std::ldexp(low, static_cast<int>(i)) : low + n * by;
        // A step that misses the end by rounding only has reached it.
        if (value > high + std::abs(high) * 1e-12) return values;
        if (i == most_values) reader.refuse("range", fmt::format("makes more than {} values", most_values));
        values.push_back(value);
    }
}

std::vector<std::string> range_values(const TableReader& reader) {
    static constexpr std::array<std::string_view, 2> steps = {"linear", "log2"};
    const TomlValue& range = *reader.find("range");
    const auto is_number = [](const TomlValue& value) {
        return (value.kind == TomlValue::Kind::integer || value.kind == TomlValue::Kind::number) &&
               std::abs(value.number) <= 1e15;
    };
    const bool fits = range.kind == TomlValue::Kind::array && range.elements.size() == 2 &&
                      is_number(range.elements[0]) && is_number(range.elements[1]) &&
                      range.elements[0].number < range.elements[1].number;
    if (!fits) reader.refuse("range", "expected the lowest and the highest value, such as [16, 256]");
    const double low = range.elements[0].number;
    const double high = range.elements[1].number;
    const bool doubling = reader.choice("step", steps).value_or(0) == 1;
    if (doubling && reader.find("by") != nullptr) reader.refuse("by", "belongs to step = \"linear\"");
    if (doubling && low <= 0) reader.refuse("range", "with step = \"log2\" it must begin above 0");
    const double by = reader.number("by").value_or(1);
    if (by <= 0) reader.expected("by", "a number above 0");

    std::vector<std::string> values;
    for (const double value : stepped(reader, low, high, by, doubling)) {
        // Twelve digits: what 0.1 + 2 * 0.1 is to a person.
        values.push_back(value == std::round(value) ? fmt::format("{:.0f}", value)
                                                    : fmt::format("{:.12g}", value));
    }
    return values;
}

Knob read_knob(const TomlValue& table, const std::string& file, const Scope& scope) {
    const TableReader reader(table, "knob", file, knob_keys);
    Knob knob;
    knob.name = reader.required_text("name");
    knob.file = reader.required_text("file");
    require_inside(reader, "file", knob.file);
    const Admission admission = admit(scope, std::filesystem::path(knob.file).lexically_normal().string());
    if (admission != Admission::in_scope) {
        reader.refuse("file", fmt::format("{} is {}, so that no proposal may change it", in_quotes(knob.file),
                                          admission == Admission::protected_path ? "under campaign.protect"
                                                                                 : "not in campaign.scope"));
    }
    knob.pattern = reader.required_text("pattern");
    if (const auto problem = pattern_problem(knob.pattern)) reader.refuse("pattern", *problem);

    const bool has_values = reader.find("values") != nullptr;
    knob.ordered = reader.find("range") != nullptr;
    if (has_values == knob.ordered) {
        reader.refuse(has_values ? "values" : "range",
                      has_values ? "a knob has values or a range, not both" : "is missing (or values)");
    }
    for (const char* key : {"step", "by"}) {
        if (!knob.ordered && reader.find(key) != nullptr) reader.refuse(key, "belongs to a range");
    }
    knob.values = knob.ordered ? range_values(reader) : listed_values(reader);
    const std::string key = knob.ordered ? "range" : "values";
    if (knob.values.size() < 2)
        reader.refuse(key, "leaves nothing to choose: at least two values are needed");
    if (std::set<std::string>(knob.values.begin(), knob.values.end()).size() != knob.values.size()) {
        reader.refuse(key, "has the same value twice");
    }
    return knob;
}

}  // namespace

std::vector<Knob> read_knob_tables(const TomlValue& tables, const std::string& file, const Scope& scope) {
    std::vector<Knob> knobs;
    std::set<std::string> names;
    for (const TomlValue& table : tables.elements) {
        knobs.push_back(read_knob(table, file, scope));
        if (names.insert(knobs.back().name).second) continue;
        TableReader(table, "knob", file, knob_keys)
            .refuse("name", fmt::format("{} is taken by an earlier knob", in_quotes(knobs.back().name)));
    }
    return knobs;
}

}  // namespace ratchet
