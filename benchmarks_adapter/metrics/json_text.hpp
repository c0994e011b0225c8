#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace ratchet {

/// The JSON document that a benchmark printed: all of the text, or, where other lines stand before or after
/// it, from the first line that starts with a bracket to the last bracket of its kind. Returns what is wrong,
/// else an empty string: no JSON, a number that no double holds, one key twice in one object (which of two
/// values counts?).
std::string parse_json(const std::string& text, nlohmann::json& document);

}  // namespace ratchet
