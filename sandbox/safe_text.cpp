#include "sandbox/safe_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace ratchet {
namespace {

constexpr std::string_view ellipsis = "…";

/// The length of the sequence that this first byte announces; 0 where it announces none.
std::size_t sequence_length(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return 2;
    if (first >= 0xE0 && first <= 0xEF) return 3;
    if (first >= 0xF0 && first <= 0xF4) return 4;
    return 0;
}

struct Range {
    char32_t low;
    char32_t high;
};

/// Characters that change how their neighbours look or that nobody sees: soft hyphen, fillers, joiners,
/// direction marks, line and paragraph separators, annotation marks and the tag letters that can hide a
/// whole sentence; and those that mean nothing outside of a private agreement.
bool is_deceptive(char32_t code) {
    static constexpr std::array<Range, 18> ranges = {{{0xAD, 0xAD},
                                                      {0x34F, 0x34F},
                                                      {0x61C, 0x61C},
                                                      {0x115F, 0x1160},
                                                      {0x17B4, 0x17B5},
                                                      {0x180E, 0x180E},
                                                      {0x200B, 0x200F},
                                                      {0x2028, 0x202E},
                                                      {0x2060, 0x206F},
                                                      {0x3164, 0x3164},
                                                      {0xE000, 0xF8FF},
                                                      {0xFEFF, 0xFEFF},
                                                      {0xFFA0, 0xFFA0},
                                                      {0xFFF0, 0xFFFB},
                                                      {0x1D173, 0x1D17A},
                                                      {0xE0000, 0xE0FFF},
                                                      {0xF0000, 0x10FFFF},
                                                      {0x2800, 0x2800}}};
    if (code < ranges.front().low) return false;  // nearly all there is
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](const Range& range) { return code >= range.low && code <= range.high; });
}

bool is_control(char32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

/// Takes the printable ASCII at the start of `text`, from this character on: most of most texts.
std::string_view take_printable(std::string_view& text, char from) {
    const auto is_other = [from](char c) { return c < from || c > '~'; };
    const auto* const end = std::find_if(text.begin(), text.end(), is_other);
    const std::string_view taken = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(taken.size());
    return taken;
}

/// The length of the control sequence (CSI) at the start of `text`, which ends with its final byte.
std::size_t control_sequence_length(std::string_view text) {
    for (std::size_t i = 2; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x40 && byte <= 0x7E) return i + 1;
        if (byte < 0x20 || byte > 0x7E) return i;
    }
    return text.size();
}

/// The length of the escape sequence at the start of `text` (which begins with ESC), so that no remains of
/// it are shown: CSI to its final byte, the string sequences (OSC, DCS, …) to their end on this line, else
/// two bytes. ECMA-48, 5.4 and 5.6.
std::size_t escape_sequence_length(std::string_view text) {
    if (text.size() < 2) return 1;
    const char kind = text[1];
    if (kind == '[') return control_sequence_length(text);
    if (std::string_view("]PX^_").find(kind) != std::string_view::npos) {
        for (std::size_t i = 2; i < text.size(); ++i) {
            if (text[i] == '\a') return i + 1;
            if (text[i] == '\x1b') return i + 1 < text.size() && text[i + 1] == '\\' ? i + 2 : i;
            if (text[i] == '\n') return i;
        }
        return text.size();
    }
    return static_cast<unsigned char>(kind) >= 0x20 && static_cast<unsigned char>(kind) < 0x7F ? 2 : 1;
}

/// Appends one character that is no control character, spelled out where it would deceive.
void append_visible(std::string& out, const Character& character) {
    if (!character.valid) {
        out += fmt::format("<{:02x}>", static_cast<unsigned>(character.code));
    } else if (is_deceptive(character.code)) {
        out += fmt::format("<U+{:04X}>", static_cast<std::uint32_t>(character.code));
    } else {
        out += character.bytes;
    }
}

bool is_plain(const Character& character) {
    return character.valid && !is_control(character.code) && !is_deceptive(character.code);
}

/// Appends a character that is not plain as C would have it in a string.
void append_escaped(std::string& out, const Character& character) {
    if (character.code == '\n') {
        out += "\\n";
    } else if (character.code == '\t') {
        out += "\\t";
    } else if (character.code == '\r') {
        out += "\\r";
    } else {
        for (const char byte : character.bytes)
            out += fmt::format("\\{:03o}", static_cast<unsigned>(static_cast<unsigned char>(byte)));
    }
}

}  // namespace

Character first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const Character invalid{byte(0), text.substr(0, 1), false};
    const std::size_t length = sequence_length(byte(0));
    if (length == 0 || text.size() < length) return invalid;
    if (length == 1) return {byte(0), text.substr(0, 1), true};
    static constexpr std::array<unsigned char, 5> masks = {0, 0x7F, 0x1F, 0x0F, 0x07};
    static constexpr std::array<char32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
    char32_t code = byte(0) & masks[length];
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return invalid;
        code = (code << 6) | (byte(i) & 0x3FU);
    }
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < least[length] || surrogate || code > 0x10FFFF) return invalid;
    return {code, text.substr(0, length), true};
}

std::string one_line(std::string_view text) {
    std::string out;
    const auto separate = [&] {
        if (!out.empty() && out.back() != ' ') out += ' ';
    };
    out.reserve(text.size());
    for (out += take_printable(text, '!'); !text.empty(); out += take_printable(text, '!')) {
        if (text.front() == ' ') {
            separate();
            text.remove_prefix(1);
            continue;
        }
        const Character character = first_character(text);
        if (character.valid && character.code == 0x1B) {
            text.remove_prefix(escape_sequence_length(text));
            continue;
        }
        text.remove_prefix(character.bytes.size());
        if (character.valid && is_control(character.code)) {
            separate();
        } else {
            append_visible(out, character);
        }
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

std::string many_lines(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (out += take_printable(text, ' '); !text.empty(); out += take_printable(text, ' ')) {
        const Character character = first_character(text);
        if (character.valid && character.code == 0x1B) {
            text.remove_prefix(escape_sequence_length(text));
            continue;
        }
        text.remove_prefix(character.bytes.size());
        if (!character.valid || !is_control(character.code)) {
            append_visible(out, character);
        } else if (character.code == '\t') {
            out += "    ";
        } else if (character.code == '\n' || (character.code == '\r' && !text.starts_with('\n'))) {
            out += '\n';
        }
    }
    return out;
}

std::string printable(std::string_view path) {
    std::string out = "\"";
    while (!path.empty()) {
        const Character character = first_character(path);
        path.remove_prefix(character.bytes.size());
        if (character.code == '"' || character.code == '\\') out += '\\';
        if (is_plain(character)) {
            out += character.bytes;
        } else {
            append_escaped(out, character);
        }
    }
    return out + '"';
}

std::string shown_path(std::string_view path) {
    const bool bare = !path.empty() && path.front() != ' ' && path.back() != ' ' &&
                      path.find_first_of("\"\\") == std::string_view::npos && is_plain_text(path);
    return bare ? std::string(path) : printable(path);
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t most = 60;
    std::string out = "\"";
    while (!text.empty() && out.size() <= most) {
        const Character character = first_character(text);
        text.remove_prefix(character.bytes.size());
        if (is_plain(character)) {
            out += character.bytes;
        } else {
            append_escaped(out, character);
        }
    }
    return out + (text.empty() ? "\"" : "…\"");
}

bool is_plain_text(std::string_view text) {
    for (take_printable(text, ' '); !text.empty(); take_printable(text, ' ')) {
        const Character character = first_character(text);
        if (!is_plain(character)) return false;
        text.remove_prefix(character.bytes.size());
    }
    return true;
}

std::string clipped_to_bytes(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return std::string(text);
    if (bytes < ellipsis.size()) return {};
    std::size_t end = bytes - ellipsis.size();
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    return std::string(text.substr(0, end)) + std::string(ellipsis);
}

}  // namespace ratchet
