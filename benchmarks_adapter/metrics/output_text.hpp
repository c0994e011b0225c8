#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "sandbox/safe_text.hpp"

// What the parsers share: numbers without a locale, and lines.

namespace ratchet {

// Bounds of what is kept, whatever a broken benchmark prints; a sample has a handful of metrics.
inline constexpr std::size_t most_metrics = 10'000;
inline constexpr std::size_t longest_name = 1000;  ///< of a benchmark; of a METRIC line's it is less

std::string_view trimmed(std::string_view text);

/// Takes the first line, without its end, off the text.
std::string_view next_line(std::string_view& text);

/// A number at the start of the text and what follows it, or a few words why there is none. A sign may stand
/// before it; hexadecimal, "nan", "inf", and what a double cannot hold are refused.
struct LeadingNumber {
    double value = 0;
    std::string_view rest;
};
std::variant<LeadingNumber, std::string> leading_number(std::string_view text);

/// The number that the trimmed text consists of, or a few words why it is none.
std::variant<double, std::string> whole_number(std::string_view text);

}  // namespace ratchet
