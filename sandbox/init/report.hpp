#pragma once

#include <string>

namespace ratchet::init {

/// The pipe to ratchet. Both roles write to it, each a line of JSON in one write, which a pipe keeps whole.
constexpr int report_descriptor = 3;

/// Writes one line; what cannot be written has no reader any more.
void report(const std::string& json);

/// A JSON string with its quotation marks. Bytes outside of printable ASCII become '?': these are messages
/// and numbers.
std::string quoted(const std::string& text);

}  // namespace ratchet::init
