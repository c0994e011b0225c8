#pragma once

// Text that came from a run, an agent, a commit or a file name may carry anything: escape sequences that
// repaint a terminal, marks that turn the reading direction, invisible letters, bytes that are no text.
// Whatever is shown goes through one of these functions first. All of them return valid UTF-8.

#include <cstddef>
#include <string>
#include <string_view>

namespace ratchet {

/// For one line of a terminal, a log or a table: control characters and line breaks become a space, escape
/// sequences disappear, invalid bytes and invisible or direction-changing characters are spelled out
/// (`<ff>`, `<U+202E>`). Runs of spaces become one; no space at either end.
std::string one_line(std::string_view text);

/// The same for several lines: line feeds stay, tabs become spaces, a carriage return ends a line.
std::string many_lines(std::string_view text);

/// A path in double quotes, what is not plain as C escapes (`"a\nb"`), so that two different paths never
/// look alike.
std::string printable(std::string_view path);

/// The same, but without quotes where every character is plain.
std::string shown_path(std::string_view path);

/// Outside text for a message: in double quotes, at most 60 bytes of it, what is not plain as C escapes.
std::string in_quotes(std::string_view text);

/// Whether the text is well-formed UTF-8 without control, invisible or direction-changing characters.
bool is_plain_text(std::string_view text);

/// The longest beginning of valid UTF-8 that is at most this long and splits no character; "…" stands at
/// its end where something was cut off.
std::string clipped_to_bytes(std::string_view text, std::size_t bytes);

/// One character of UTF-8 text; `valid` is false for a byte that belongs to none.
struct Character {
    char32_t code = 0;
    std::string_view bytes;
    bool valid = true;
};

/// The first character of a text that is not empty. Overlong forms, surrogates and what is beyond U+10FFFF
/// are invalid (RFC 3629).
Character first_character(std::string_view text);

}  // namespace ratchet
