#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace ratchet {

/// Parses outside text as one JSON value whose objects and lists are nested at most so deep: whoever walks
/// through it may recurse. Returns what is wrong with it (one clause, no input in it), or "" and the value.
std::string parse_json(std::string_view text, std::size_t most_depth, nlohmann::ordered_json& value);

/// Standard base64 (RFC 4648, section 4) with padding.
std::string to_base64(std::string_view bytes);
/// False where the text is none.
bool from_base64(std::string_view text, std::string& bytes);

}  // namespace ratchet
