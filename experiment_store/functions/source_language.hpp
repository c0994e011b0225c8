#pragma once

#include <string>
#include <string_view>

namespace ratchet {

/// The languages whose functions are known. C stands for C, C++, CUDA and their headers, JavaScript for
/// TypeScript too.
enum class Language { none, c, python, rust, go, javascript, ruby, java };

/// By the file's name.
Language language_of(std::string_view path);

/// The same source with blanks in the place of what is no code: comments, the contents of strings and
/// characters, preprocessor lines (and all branches of an #if but one). Line breaks stay, so that each
/// character keeps its place.
std::string code_only(Language language, std::string_view source);

/// In the place of the first character of each further line of a text in Python and Ruby: no line begins
/// here.
inline constexpr char text_goes_on = '\x01';

}  // namespace ratchet
