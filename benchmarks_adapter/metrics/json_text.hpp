#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace ratchet {

/// The JSON document that a benchmark printed: all of the text, or, where other lines stand before or after
/// it, from the first line that starts with a bracket to the last bracket of its kind. Returns what is wrong,
/// else an empty string: no JSON, a number that no double holds, one key twice in one object (which of two
/// values counts?).
std::string parse_json(const std::string& text, nlohmann::json& document);

/// All JSON objects of a text that holds several between other lines. Each starts where a line starts with a
/// brace. It ends with that line where the line ends with one; else it is written over many lines, with
/// everything in it indented, and ends where a line starts with the closing one. Returns what is wrong with
/// any of them; none at all is wrong too.
std::string parse_json_objects(const std::string& text, std::vector<nlohmann::json>& objects);

/// The text under the key; empty where there is none, or no object.
std::string text_at(const nlohmann::json& object, const char* key);

/// The number, or the median of an array of numbers that is not empty.
std::optional<double> number_of(const nlohmann::json& value);

/// The same of what stands under the key; nothing where there is none, or no object.
std::optional<double> number_at(const nlohmann::json& object, const char* key);

}  // namespace ratchet
