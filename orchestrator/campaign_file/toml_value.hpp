#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// A value of a TOML document and where it stands; keeps the TOML library out of every other file.
struct TomlValue {
    enum class Kind { boolean, integer, number, text, time, array, table };

    Kind kind = Kind::table;
    int line = 1;
    bool boolean = false;
    std::int64_t integer = 0;
    double number = 0;  ///< of an integer as well
    std::string text;   ///< of a date or time: as TOML writes it
    std::vector<TomlValue> elements;
    std::map<std::string, TomlValue> entries;
};

/// The whole document as a table. Throws UserError with line and column where it is no TOML; `file` is for
/// the message.
TomlValue parse_toml(std::string_view text, const std::string& file);

/// For messages: `the boolean true`, `the number 5`, `the text "fast"`, `an array`, …; never long, and
/// without control characters.
std::string description(const TomlValue& value);

}  // namespace ratchet
