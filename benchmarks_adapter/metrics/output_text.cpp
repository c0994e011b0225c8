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

}  // namespace

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
