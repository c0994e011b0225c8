#include "experiment_store/failure_line.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "experiment_store/characters.hpp"

namespace ratchet {

namespace {

constexpr std::size_t longest_line = 200;

/// What compilers, test frameworks, shells and run-time systems say when something went wrong; in lower case.
constexpr std::array<std::string_view, 10> telling = {
    "error",     "fail",   "exception",   "panic", "assert", "fatal", "undefined reference",
    "not found", "denied", "segmentation"};
/// The same words where nothing did; and a compiler's flag, which make shows with each command.
constexpr std::array<std::string_view, 4> reassuring = {" 0 error", " no error", " 0 fail", " no fail"};
constexpr std::string_view compiler_flag = "-werror";

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/// What ends a path in a line of output.
bool ends_path(char c) {
    return is_space(c) || std::string_view("'\"`()[]{}<>,;=|").find(c) != std::string_view::npos;
}

template <std::size_t Count>
bool contains_any(std::string_view text, const std::array<std::string_view, Count>& parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view part) { return text.find(part) != std::string_view::npos; });
}

bool tells(std::string_view line) {
    std::string lowered = " ";
    for (const char c : line)
        lowered += lower(c);
    for (auto at = lowered.find(compiler_flag); at != std::string::npos; at = lowered.find(compiler_flag)) {
        lowered.erase(at, compiler_flag.size());
    }
    return contains_any(lowered, telling) && !contains_any(lowered, reassuring);
}

/// Without escape sequences of a terminal (ECMA-48: ESC [ parameters, a final byte from @ to ~) and control
/// characters.
std::string without_colours(std::string_view line) {
    std::string plain;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line.substr(at, 2) == "\x1b[") {
            at += 2;
            while (at < line.size() && (line[at] < '@' || line[at] > '~'))
                ++at;
        } else if (is_space(line[at])) {
            if (!plain.empty() && plain.back() != ' ') plain += ' ';
        } else if (static_cast<unsigned char>(line[at]) >= 0x20 && line[at] != 0x7f) {
            plain += line[at];
        }
    }
    if (!plain.empty() && plain.back() == ' ') plain.pop_back();
    return plain;
}

std::string without_directories(std::string_view line) {
    std::string result;
    for (std::size_t at = 0; at < line.size();) {
        if (ends_path(line[at])) {
            result += line[at++];
            continue;
        }
        const std::size_t start = at;
        while (at < line.size() && !ends_path(line[at]))
            ++at;
        std::string_view token = line.substr(start, at - start);
        const std::size_t slash = token.substr(0, token.size() - 1).rfind('/');
        const std::string_view folder = token.substr(0, slash == std::string_view::npos ? 0 : slash);
        if (slash != std::string_view::npos) token.remove_prefix(slash + 1);
        if (folder == "/tmp" || folder == "/var/tmp") {  // its own name is made up: "/tmp/ccT3x9kZ.o"
            result += "TEMPORARY";
            token.remove_prefix(std::min(token.find_first_of(".:"), token.size()));
        }
        result += token;
    }
    return result;
}

/// The end of a hexadecimal number of an address that starts here ("0x"), or `at`.
std::size_t end_of_address(std::string_view line, std::size_t at) {
    if (line.substr(at, 2) != "0x") return at;
    std::size_t end = at + 2;
    while (end < line.size() && std::isxdigit(static_cast<unsigned char>(line[end])) != 0)
        ++end;
    return end > at + 2 ? end : at;
}

/// The end of an identifier that a machine made and that starts here, or `at`: hexadecimal digits, with "-"
/// between them as in a UUID, eight or more, of which some are letters and some are not.
std::size_t end_of_machine_name(std::string_view line, std::size_t at) {
    constexpr std::ptrdiff_t shortest = 8;
    std::size_t end = at;
    while (end < line.size() &&
           (std::isxdigit(static_cast<unsigned char>(line[end])) != 0 || line[end] == '-'))
        ++end;
    if (end < line.size() && is_name_character(line[end])) return at;
    const std::string_view name = line.substr(at, end - at);
    const auto numbers = std::count_if(name.begin(), name.end(), is_digit);
    const auto letters = std::count_if(name.begin(), name.end(), is_letter);
    const bool made = numbers > 0 && letters > 0 && numbers + letters >= shortest && name.back() != '-';
    return made ? end : at;
}

/// The end of a number that starts here, with the marks that join its parts in times, dates, versions and
/// fractions.
std::size_t end_of_number(std::string_view line, std::size_t at) {
    const auto is_digit_at = [&](std::size_t i) { return i < line.size() && is_digit(line[i]); };
    const auto joins = [&](std::size_t i) {
        return i < line.size() && std::string_view(".,:-T").find(line[i]) != std::string_view::npos;
    };
    while (is_digit_at(at) || (joins(at) && is_digit_at(at + 1)))
        ++at;
    // "1e-06"
    if (at < line.size() && (line[at] == 'e' || line[at] == 'E')) {
        const bool has_sign = at + 1 < line.size() && (line[at + 1] == '-' || line[at + 1] == '+');
        std::size_t end = at + (has_sign ? 2 : 1);
        if (is_digit_at(end)) {
            while (is_digit_at(end))
                ++end;
            if (end == line.size() || !is_name_character(line[end])) at = end;
        }
    }
    return at;
}

std::string without_numbers(std::string_view line) {
    std::string result;
    for (std::size_t at = 0; at < line.size();) {
        const bool in_word = at > 0 && is_name_character(line[at - 1]);
        if (const std::size_t name = in_word ? at : end_of_machine_name(line, at); name > at) {
            result += "ID";
            at = name;
        } else if (in_word || !is_digit(line[at])) {
            result += line[at++];
        } else if (const std::size_t address = end_of_address(line, at); address > at) {
            result += "0xN";
            at = address;
        } else {
            result += 'N';
            at = end_of_number(line, at);
        }
    }
    return result;
}

/// Cut to a length, never within a character of UTF-8.
std::string shortened(std::string text) {
    if (text.size() <= longest_line) return text;
    std::size_t end = longest_line;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
        --end;
    text.resize(end);
    return text;
}

}  // namespace

std::string normalised(std::string_view line) {
    return shortened(without_numbers(without_directories(without_colours(line))));
}

std::string failure_line(std::string_view output) {
    std::string last;
    while (!output.empty()) {
        const std::string_view line = output.substr(0, output.find('\n'));
        output.remove_prefix(std::min(line.size() + 1, output.size()));
        std::string plain = without_colours(line);
        if (plain.empty()) continue;
        if (tells(plain)) return normalised(plain);
        last = std::move(plain);
    }
    return normalised(last);
}

}  // namespace ratchet
