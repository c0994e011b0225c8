#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ratchet {

// Text that came from a run, an agent or a file name may carry anything: escape sequences that repaint a
// terminal, marks that turn the reading direction, invisible letters, fences that pretend to end the data.
// Whatever is shown goes through one of these functions first. All of them return valid UTF-8.

/// For one line of a terminal or a table: control characters and line breaks become a space, escape
/// sequences disappear, invalid bytes and invisible or direction-changing characters are spelled out
/// (`<ff>`, `<U+202E>`). Runs of spaces become one; no space at either end.
std::string one_line(std::string_view text);

/// The same for several lines: line feeds stay, tabs become spaces, a carriage return ends a line.
std::string many_lines(std::string_view text);

/// A path as people can read it: as it is where every character is plain, else in double quotes with C
/// escapes (`"a\nb"`), so that two different paths never look alike.
std::string shown_path(std::string_view path);

/// One line that can stand inside a fenced block of a prompt: `one_line`, and nothing in it can close a
/// fence. At most `bytes` long.
std::string prompt_line(std::string_view text, std::size_t bytes);

/// A fenced block of a prompt that says whose text it is and that it is data; its content cannot end it.
/// The block is at most `bytes` long (what is left out in the middle is said); empty where not even the
/// frame fits.
std::string fenced(std::string_view label, std::string_view content, std::size_t bytes);

/// The longest beginning of valid UTF-8 that is at most this long and splits no character; "…" stands at
/// its end where something was cut off.
std::string clipped_to_bytes(std::string_view text, std::size_t bytes);

/// The columns that a terminal needs for this line (wide characters need two, combining ones none).
std::size_t columns_of(std::string_view line);

/// The same line in at most this many columns, with "…" at its end where something was cut off.
std::string clipped_to_columns(std::string_view line, std::size_t columns);

}  // namespace ratchet
