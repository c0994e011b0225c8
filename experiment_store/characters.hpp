#pragma once

// Classes of ASCII characters, whatever the locale says. A byte of a longer UTF-8 character is in none of
// them but is_beyond_ascii.

namespace ratchet {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
constexpr bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
constexpr bool is_letter(char c) {
    return is_upper(c) || is_lower(c);
}
constexpr bool is_beyond_ascii(char c) {
    return static_cast<unsigned char>(c) >= 0x80;
}
/// What most languages let a name consist of.
constexpr bool is_name_character(char c) {
    return is_letter(c) || is_digit(c) || c == '_' || is_beyond_ascii(c);
}
/// The lower-case letter of an upper-case one; anything else as it is.
constexpr char lower(char c) {
    return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace ratchet
