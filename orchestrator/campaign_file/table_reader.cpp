#include "orchestrator/campaign_file/table_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "experiment_store/errors.hpp"
#include "orchestrator/notation.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {

TableReader::TableReader(const TomlValue& table, std::string name, std::string file,
                         std::span<const std::string_view> known)
    : table_(table), name_(std::move(name)), file_(std::move(file)) {
    for (const auto& [key, value] : table.entries) {
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        const std::optional<std::string> nearest = nearest_name(key, known);
        const std::string hint = fmt::format("known here: {}", fmt::join(known.begin(), known.end(), ", "));
        const std::string question = nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : "";
        refuse(key, "unknown key" + question, hint);
    }
}

const TomlValue* TableReader::find(const std::string& key) const {
    const auto found = table_.entries.find(key);
    return found == table_.entries.end() ? nullptr : &found->second;
}

std::string TableReader::required_text(const std::string& key) const {
    std::optional<std::string> value = text(key);
    if (!value) refuse(key, "is missing");
    return std::move(*value);
}

std::optional<std::string> TableReader::text(const std::string& key) const {
    const TomlValue* value = find(key);
    if (value == nullptr) return {};
    if (value->kind != TomlValue::Kind::text) expected(key, "a text in quotes");
    if (value->text.empty()) refuse(key, "must not be empty");
    if (value->text.find('\0') != std::string::npos) refuse(key, "must not contain a NUL character");
    return value->text;
}

std::vector<std::string> TableReader::texts(const std::string& key) const {
    const TomlValue* value = find(key);
    if (value == nullptr) return {};
    if (value->kind == TomlValue::Kind::text) return {*text(key)};
    if (value->kind != TomlValue::Kind::array) expected(key, "an array of texts");
    std::vector<std::string> result;
    for (const TomlValue& element : value->elements) {
        const bool usable = element.kind == TomlValue::Kind::text && !element.text.empty() &&
                            element.text.find('\0') == std::string::npos;
        if (!usable) {
            refuse(key, fmt::format("expected an array of texts that are not empty, found {} in it",
                                    description(element)));
        }
        result.push_back(element.text);
    }
    return result;
}

std::optional<std::int64_t> TableReader::integer(const std::string& key, std::int64_t low,
                                                 std::int64_t high) const {
    const TomlValue* value = find(key);
    if (value == nullptr) return {};
    const bool fits =
        value->kind == TomlValue::Kind::integer && value->integer >= low && value->integer <= high;
    if (!fits) {
        expected(key, high == INT64_MAX ? fmt::format("a whole number from {} on", low)
                                        : fmt::format("a whole number from {} to {}", low, high));
    }
    return value->integer;
}

std::optional<Milliseconds> TableReader::duration(const std::string& key) const {
    const TomlValue* value = find(key);
    if (value == nullptr) return {};
    std::optional<Milliseconds> result;
    if (value->kind == TomlValue::Kind::text) result = parse_duration(value->text);
    // Plain numbers are seconds; the same bound holds for them.
    if (value->kind == TomlValue::Kind::integer) result = parse_duration(fmt::format("{}s", value->integer));
    if (value->kind == TomlValue::Kind::number) result = parse_duration(fmt::format("{}s", value->number));
    if (!result || result->count() <= 0) expected(key, "a duration such as \"90s\" or \"1h30m\"");
    return result;
}

std::optional<std::int64_t> TableReader::size(const std::string& key) const {
    const TomlValue* value = find(key);
    if (value == nullptr) return {};
    std::optional<std::int64_t> result;
    if (value->kind == TomlValue::Kind::text) result = parse_size(value->text);
    if (value->kind == TomlValue::Kind::integer) result = value->integer;
    if (!result || *result <= 0) expected(key, "a size such as \"2GiB\" or \"512MB\"");
    return result;
}

std::optional<double> TableReader::money(const std::string& key) const {
    const TomlValue* value = find(key);
    if (value == nullptr) return {};
    std::optional<double> result;
    if (value->kind == TomlValue::Kind::text) result = parse_money(value->text);
    if (value->kind == TomlValue::Kind::integer || value->kind == TomlValue::Kind::number) {
        result = value->number;
    }
    const bool fits = result && std::isfinite(*result) && *result > 0;
    if (!fits) expected(key, "US dollars such as \"$5\" or \"$0.50\"");
    return result;
}

std::optional<double> TableReader::number(const std::string& key) const {
    const TomlValue* value = find(key);
    if (value == nullptr) return {};
    std::optional<double> result;
    if (value->kind == TomlValue::Kind::text) result = parse_number(value->text);
    if (value->kind == TomlValue::Kind::integer || value->kind == TomlValue::Kind::number) {
        result = value->number;
    }
    if (!result || !std::isfinite(*result)) expected(key, "a number");
    return result;
}

std::optional<bool> TableReader::switched(const std::string& key) const {
    const TomlValue* value = find(key);
    if (value == nullptr) return {};
    if (value->kind == TomlValue::Kind::boolean) return value->boolean;
    if (value->kind != TomlValue::Kind::text || (value->text != "on" && value->text != "off")) {
        expected(key, "\"on\" or \"off\"");
    }
    return value->text == "on";
}

std::optional<std::size_t> TableReader::choice(const std::string& key,
                                               std::span<const std::string_view> words) const {
    const TomlValue* value = find(key);
    if (value == nullptr) return {};
    const auto found = value->kind == TomlValue::Kind::text
                           ? std::find(words.begin(), words.end(), value->text)
                           : words.end();
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    std::vector<std::string> listed;
    for (const std::string_view word : words)
        listed.push_back(fmt::format("\"{}\"", word));
    const std::string last = listed.back();
    listed.pop_back();
    std::string problem =
        fmt::format("expected {} or {}, found {}", fmt::join(listed, ", "), last, description(*value));
    const auto nearest =
        value->kind == TomlValue::Kind::text ? nearest_name(value->text, words) : std::nullopt;
    if (nearest) problem += fmt::format("; did you mean \"{}\"?", *nearest);
    refuse(key, problem);
}

void TableReader::expected(const std::string& key, const std::string& expectation) const {
    const TomlValue* value = find(key);
    refuse(key, fmt::format("expected {}, found {}", expectation,
                            value == nullptr ? "nothing" : description(*value)));
}

void TableReader::refuse(const std::string& key, const std::string& problem, const std::string& hint) const {
    const TomlValue* value = find(key);
    throw UserError(fmt::format("{}:{}: {}: {}", file_, (value == nullptr ? table_ : *value).line,
                                full_name(key), problem),
                    hint);
}

std::string TableReader::full_name(const std::string& key) const {
    const std::string shown = in_quotes(key);
    // Only an odd key keeps its quotes.
    const bool plain = shown.size() == key.size() + 2 && key.find_first_of(" .\"") == std::string::npos;
    const std::string tail = plain ? key : shown;
    return name_.empty() ? tail : name_ + "." + tail;
}

}  // namespace ratchet
