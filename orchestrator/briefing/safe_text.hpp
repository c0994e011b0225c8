#pragma once

// Outside text in a prompt and in the columns of a terminal; sandbox/safe_text.hpp makes it safe.

#include <cstddef>
#include <string>
#include <string_view>

#include "sandbox/safe_text.hpp"

namespace ratchet {

/// One line that can stand inside a fenced block of a prompt: `one_line`, and nothing in it can close a
/// fence. At most `bytes` long.
std::string prompt_line(std::string_view text, std::size_t bytes);

/// A piece of code in a line of Markdown that nothing in it can end. At most `bytes` of it.
std::string prompt_code(std::string_view text, std::size_t bytes);

/// A fenced block of a prompt that says whose text it is and that it is data; its content cannot end it.
/// The block is at most `bytes` long (what is left out in the middle is said); empty where not even the
/// frame fits.
std::string fenced(std::string_view label, std::string_view content, std::size_t bytes);

/// The columns that a terminal needs for this line (wide characters need two, combining ones none).
std::size_t columns_of(std::string_view line);

/// The same line in at most this many columns, with "…" at its end where something was cut off.
std::string clipped_to_columns(std::string_view line, std::size_t columns);

}  // namespace ratchet
