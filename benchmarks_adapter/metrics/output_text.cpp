#include "benchmarks_adapter/metrics/output_text.hpp"

#include <charconv>
#include <cmath>

namespace ratchet {
namespace {

constexpr std::string_view blanks = " \t\r\v\f";

bool is_hexadecimal(std::string_view text) {
    return text.size() >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
           text.find_first_of("0123456789abcdefABCDEF", 2) == 2;
}

/// Bytes of the well-formed character that the text starts with; 0: ill-formed.
std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0U) != 0x80) return 0;
    }
    // Overlong forms, surrogates, and what is beyond the last code point.
    const unsigned char second = byte(1);
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f)) return 0;
    if ((lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) return 0;
    return length;
}

bool is_control(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    if (character.size() == 1) return first < 0x20 || first == 0x7f;
    return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

bool is_printable_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        if (length == 0 || is_control(text.substr(0, length))) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t most = 60;
    std::string shown = "\"";
    while (!text.empty() && shown.size() <= most) {
        const std::size_t length = character_length(text);
        if (length == 0 || is_control(text.substr(0, length))) {
            shown += '?';
            text.remove_prefix(1);
        } else {
            shown += text.substr(0, length);
            text.remove_prefix(length);
        }
    }
    return shown + (text.empty() ? "\"" : "…\"");
}

std::string_view trimmed(std::string_view text) {
    const std::size_t start = text.find_first_not_of(blanks);
    if (start == std::string_view::npos) return {};
    return text.substr(start, text.find_last_not_of(blanks) - start + 1);
}

std::string_view next_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

std::variant<LeadingNumber, std::string> leading_number(std::string_view text) {
    const std::string_view shown = text;
    // from_chars knows the minus only.
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    LeadingNumber number;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number.value);
    if (error == std::errc::result_out_of_range)
        return in_quotes(shown) + " is outside of what a number can hold";
    if (error != std::errc() || is_hexadecimal(digits)) return in_quotes(shown) + " is not a number";
    if (!std::isfinite(number.value)) return in_quotes(shown) + " is not finite";
    number.rest = text.substr(static_cast<std::size_t>(end - text.data()));
    return number;
}

std::variant<double, std::string> whole_number(std::string_view text) {
    const std::string_view inner = trimmed(text);
    auto number = leading_number(inner);
    if (auto* problem = std::get_if<std::string>(&number)) return std::move(*problem);
    const auto& [value, rest] = std::get<LeadingNumber>(number);
    if (!rest.empty()) return in_quotes(inner) + " is not a number";
    return value;
}

}  // namespace ratchet
