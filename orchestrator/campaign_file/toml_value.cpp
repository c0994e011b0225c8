#include "orchestrator/campaign_file/toml_value.hpp"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <sstream>

#include "experiment_store/errors.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {

namespace {

TomlValue converted(const toml::node& node) {
    TomlValue value;
    value.line = static_cast<int>(node.source().begin.line);
    if (const auto* table = node.as_table()) {
        value.kind = TomlValue::Kind::table;
        for (const auto& [key, entry] : *table)
            value.entries.emplace(key.str(), converted(entry));
    } else if (const auto* array = node.as_array()) {
        value.kind = TomlValue::Kind::array;
        for (const toml::node& element : *array)
            value.elements.push_back(converted(element));
    } else if (const auto* text = node.as_string()) {
        value.kind = TomlValue::Kind::text;
        value.text = text->get();
    } else if (const auto* integer = node.as_integer()) {
        value.kind = TomlValue::Kind::integer;
        value.integer = integer->get();
        value.number = static_cast<double>(integer->get());
    } else if (const auto* number = node.as_floating_point()) {
        value.kind = TomlValue::Kind::number;
        value.number = number->get();
    } else if (const auto* boolean = node.as_boolean()) {
        value.kind = TomlValue::Kind::boolean;
        value.boolean = boolean->get();
    } else {
        value.kind = TomlValue::Kind::time;
        std::ostringstream written;
        node.visit([&](const auto& any) { written << any; });
        value.text = written.str();
    }
    return value;
}

}  // namespace

TomlValue parse_toml(std::string_view text, const std::string& file) {
    try {
        return converted(toml::parse(text));
    } catch (const toml::parse_error& error) {
        const auto& at = error.source().begin;
        throw UserError(fmt::format("{}:{}:{}: {}", file, at.line, at.column, error.description()),
                        "the file is written in TOML: https://toml.io");
    }
}

std::string description(const TomlValue& value) {
    switch (value.kind) {
        case TomlValue::Kind::boolean:
            return value.boolean ? "the boolean true" : "the boolean false";
        case TomlValue::Kind::integer:
            return fmt::format("the number {}", value.integer);
        case TomlValue::Kind::number:
            return fmt::format("the number {}", value.number);
        case TomlValue::Kind::text:
            return "the text " + in_quotes(value.text);
        case TomlValue::Kind::time:
            return "the date or time " + value.text;
        case TomlValue::Kind::array:
            return "an array";
        case TomlValue::Kind::table:
            return "a table";
    }
    return "something else";
}

}  // namespace ratchet
