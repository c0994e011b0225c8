#include "orchestrator/notation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace ratchet {

namespace {

constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

std::string lower_case(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

/// Takes an unsigned decimal number ("12", "1.5") off the front of `text`.
std::optional<double> take_decimal(std::string_view& text) {
    if (text.empty() || !((text.front() >= '0' && text.front() <= '9') || text.front() == '.')) return {};
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc{} || !std::isfinite(value)) return {};
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

/// Takes a word of ASCII letters off the front, after blanks.
std::string take_word(std::string_view& text) {
    text = trimmed(text);
    std::size_t length = 0;
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    while (length < text.size() && is_letter(text[length]))
        ++length;
    std::string word = lower_case(text.substr(0, length));
    text = trimmed(text.substr(length));
    return word;
}

/// How many milliseconds a unit of time has; 0 for what is no unit.
double milliseconds_of(std::string_view unit) {
    struct Unit {
        std::string_view name;
        double milliseconds;
    };
    static constexpr std::array units = {
        Unit{"ms", 1},       Unit{"millisecond", 1}, Unit{"s", 1e3},     Unit{"sec", 1e3},
        Unit{"second", 1e3}, Unit{"m", 60e3},        Unit{"min", 60e3},  Unit{"minute", 60e3},
        Unit{"h", 3600e3},   Unit{"hour", 3600e3},   Unit{"d", 86400e3}, Unit{"day", 86400e3},
    };
    for (const Unit& known : units) {
        const bool is_word = known.name.size() > 2;
        if (unit == known.name || (is_word && unit == std::string(known.name) + "s")) {
            return known.milliseconds;
        }
    }
    return 0;
}

/// How many bytes a unit of size has; 0 for what is no unit.
double bytes_of(std::string_view unit) {
    if (unit.empty() || unit == "b" || unit == "byte" || unit == "bytes") return 1;
    const std::size_t power = std::string_view("kmgt").find(unit.front());
    if (power == std::string_view::npos) return 0;
    const std::string_view rest = unit.substr(1);
    const auto exponent = static_cast<double>(power + 1);
    if (rest.empty() || rest == "ib") return std::pow(1024.0, exponent);
    return rest == "b" ? std::pow(1000.0, exponent) : 0;
}

/// Fixed notation with so many digits after the point, never "-0.0".
std::string fixed(double value, int decimals) {
    std::string text = fmt::format("{:.{}f}", value, decimals);
    if (text.front() == '-' && text.find_first_of("123456789") == std::string::npos) text.erase(0, 1);
    return text;
}

/// Three significant digits of a positive number in fixed notation.
std::string three_digits(double value) {
    if (value < 9.995) return fixed(value, 2);
    return fixed(value, value < 99.95 ? 1 : 0);
}

std::string with_sign(std::string text) {
    return text.front() == '-' ? text : "+" + text;
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
    text = trimmed(text);
    if (!text.empty() && text.front() == '+') {
        text.remove_prefix(1);
        if (!text.empty() && text.front() == '-') return {};
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return {};
    return value;
}

std::optional<Milliseconds> parse_duration(std::string_view text) {
    text = trimmed(text);
    if (text.empty()) return {};
    // Longer than any campaign, and far from the limits of every clock it is added to.
    constexpr double ten_years = 10 * 366 * 86400e3;
    double total = 0;
    double last_unit = ten_years;
    while (!text.empty()) {
        const std::optional<double> number = take_decimal(text);
        const double unit = number ? milliseconds_of(take_word(text)) : 0;
        if (unit == 0 || unit >= last_unit) return {};
        last_unit = unit;
        total += *number * unit;
    }
    if (total > ten_years) return {};
    return Milliseconds(std::llround(total));
}

std::optional<std::int64_t> parse_size(std::string_view text) {
    text = trimmed(text);
    const std::optional<double> number = take_decimal(text);
    if (!number) return {};
    const double unit = bytes_of(take_word(text));
    const double bytes = *number * unit;
    if (unit == 0 || !text.empty() || bytes >= std::ldexp(1.0, 62)) return {};
    return std::llround(bytes);
}

std::optional<double> parse_percentage(std::string_view text) {
    text = trimmed(text);
    if (text.empty() || text.back() != '%') return {};
    text.remove_suffix(1);
    const std::optional<double> number = parse_number(text);
    if (!number) return {};
    return *number / 100;
}

std::optional<double> parse_money(std::string_view text) {
    text = trimmed(text);
    const bool has_sign = text.starts_with('$');
    if (has_sign) text.remove_prefix(1);
    if (!has_sign && text.ends_with("USD")) text.remove_suffix(3);
    const std::optional<double> number = parse_number(text);
    const bool is_amount = number && *number >= 0 && text.find('+') == std::string_view::npos;
    return is_amount ? number : std::nullopt;
}

std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text) {
    text = trimmed(text);
    if (text.ends_with(":00") && std::count(text.begin(), text.end(), ':') == 2) text.remove_suffix(3);
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon > 2 || text.size() != colon + 3) return {};
    const auto digits = [](std::string_view part) -> int {
        int value = 0;
        for (const char c : part) {
            if (c < '0' || c > '9') return 100;
            value = value * 10 + (c - '0');
        }
        return value;
    };
    const int hours = digits(text.substr(0, colon));
    const int minutes = digits(text.substr(colon + 1));
    if (hours > 23 || minutes > 59) return {};
    return std::chrono::hours(hours) + std::chrono::minutes(minutes);
}

std::string format_duration(Seconds duration) {
    const double seconds = duration.count();
    if (!std::isfinite(seconds)) return "?";
    if (seconds < 0) return "-" + format_duration(-duration);
    if (seconds == 0) return "0 s";
    if (seconds < 0.9995) return fmt::format("{} ms", format_number(std::round(seconds * 1e4) / 10));
    if (seconds < 9.95) return fixed(seconds, 1) + " s";
    if (seconds < 59.5) return fixed(seconds, 0) + " s";
    if (seconds >= 1e15) return fmt::format("{:.3g}d", seconds / 86400);
    const std::int64_t whole = std::llround(seconds);
    if (whole < 3600) return fmt::format("{}m {:02}s", whole / 60, whole % 60);
    const std::int64_t minutes = (whole + 30) / 60;
    if (minutes < 24 * 60) return fmt::format("{}h {:02}m", minutes / 60, minutes % 60);
    const std::int64_t hours = (minutes + 30) / 60;
    return fmt::format("{}d {:02}h", hours / 24, hours % 24);
}

std::string format_bytes(std::int64_t bytes) {
    if (bytes < 0) return "-" + format_bytes(bytes == INT64_MIN ? INT64_MAX : -bytes);
    if (bytes < 1024) return fmt::format("{} B", bytes);
    static constexpr std::array units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    while (value >= 1023.5 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    return fmt::format("{} {}", three_digits(value), units.at(unit));
}

std::string format_money(double dollars) {
    if (!std::isfinite(dollars)) return "$?";
    if (dollars < 0) return "-" + format_money(-dollars);
    if (dollars >= 0.995) return "$" + fixed(dollars, dollars < 1e4 ? 2 : 0);
    // Below a dollar a proposal's cost has its figures behind the cents.
    if (dollars >= 0.0995) return "$" + fixed(dollars, 2);
    return dollars == 0 ? "$0" : fmt::format("${:.2g}", dollars);
}

std::string format_count(std::int64_t count) {
    if (count < 0) return "-" + format_count(count == INT64_MIN ? INT64_MAX : -count);
    if (count < 1000) return std::to_string(count);
    static constexpr std::array units = {"k", "M", "G", "T", "P", "E"};
    double value = static_cast<double>(count) / 1000;
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    return three_digits(value) + units.at(unit);
}

std::string format_number(double value) {
    if (std::isfinite(value) && value == std::round(value) && std::abs(value) < 1e7) return fixed(value, 0);
    return fmt::format("{:.4g}", value);
}

std::string format_value(double value, std::string_view unit) {
    return unit.empty() ? format_number(value) : fmt::format("{} {}", format_number(value), unit);
}

std::string format_effect(double effect, Scale scale) {
    if (!std::isfinite(effect)) return "?";
    if (scale == Scale::difference) return with_sign(format_number(effect));
    // From 1.9995 on the percentage would be shown as +100.0%: that is the doubling.
    const double factor = std::exp(effect);
    if (factor >= 1.9995) return factor < 1e6 ? "×" + three_digits(factor) : fmt::format("×{:.2e}", factor);
    const double percent = std::expm1(effect) * 100;
    return with_sign(fixed(percent, std::abs(percent) < 0.995 ? 2 : 1)) + "%";
}

std::string format_interval(const Interval& interval, Scale scale) {
    return fmt::format("{} ({} to {})", format_effect(interval.estimate, scale),
                       format_effect(interval.low, scale), format_effect(interval.high, scale));
}

namespace {

/// Edits between two names (optimal string alignment: insert, delete, replace, swap neighbours).
std::size_t edits_between(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> edits(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                edits[i][j] = i + j;
                continue;
            }
            const std::size_t replaced = edits[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            edits[i][j] = std::min({replaced, edits[i - 1][j] + 1, edits[i][j - 1] + 1});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) edits[i][j] = std::min(edits[i][j], edits[i - 2][j - 2] + 1);
        }
    }
    return edits[a.size()][b.size()];
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string_view> known) {
    // A name longer than this is no slip of the finger; it also bounds the work on hostile input.
    if (name.size() > 64) return {};
    const std::string asked = lower_case(name);
    std::optional<std::string> nearest;
    std::size_t fewest = 0;
    for (const std::string_view candidate : known) {
        const std::size_t edits = edits_between(asked, candidate);
        // More than a third of the letters wrong: another word was meant.
        const std::size_t most = std::max<std::size_t>(2, std::max(asked.size(), candidate.size()) / 3);
        if (edits <= most && edits < candidate.size() && (!nearest || edits < fewest)) {
            nearest = std::string(candidate);
            fewest = edits;
        }
    }
    return nearest;
}

}  // namespace ratchet
