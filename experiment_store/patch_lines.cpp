#include "experiment_store/patch_lines.hpp"

#include <algorithm>

#include "experiment_store/characters.hpp"

namespace ratchet {

namespace {

/// The second number after this sign, or 1 where there is only one.
std::int64_t lines_of_range(std::string_view header, char sign) {
    std::int64_t number = 0;
    bool second = false;
    for (const char c : header.substr(std::min(header.find(sign) + 1, header.size()))) {
        if (c == ',') {
            second = true;
            number = 0;
        } else if (is_digit(c)) {
            number = std::min<std::int64_t>(number * 10 + (c - '0'), 1'000'000'000);
        } else {
            break;
        }
    }
    return second ? number : 1;
}

/// A name as git quotes it: in double quotes, with C's escapes.
std::string unquoted(std::string_view name) {
    if (name.size() < 2 || name.front() != '"' || name.back() != '"') return std::string(name);
    static constexpr std::string_view letters = "abfnrtv\"\\";
    static constexpr std::string_view meanings = "\a\b\f\n\r\t\v\"\\";
    std::string plain;
    name = name.substr(1, name.size() - 2);
    for (std::size_t at = 0; at < name.size(); ++at) {
        if (name[at] != '\\' || at + 1 == name.size()) {
            plain += name[at];
        } else if (const std::size_t letter = letters.find(name[++at]); letter != std::string_view::npos) {
            plain += meanings[letter];
        } else {
            unsigned octal = 0;
            for (int digits = 0; digits < 3 && at < name.size() && is_digit(name[at]); ++digits)
                octal = octal * 8 + static_cast<unsigned>(name[at++] - '0');
            plain += static_cast<char>(octal & 0xffU);
            --at;
        }
    }
    return plain;
}

/// "a/src/x.cpp" behind "--- " or "+++ ": the path, or nothing for /dev/null.
std::string path_of(std::string_view name) {
    name = name.substr(0, name.find('\t'));
    while (name.ends_with('\r'))
        name.remove_suffix(1);
    std::string plain = unquoted(name);
    if (plain == "/dev/null") return {};
    return plain.substr(std::min(plain.find('/') + 1, plain.size()));
}

}  // namespace

bool PatchLines::inside_hunk(std::string_view line) {
    if (old_lines_ <= 0 && new_lines_ <= 0) return false;
    const char sign = line.empty() ? ' ' : line.front();
    text_ = line.substr(std::min<std::size_t>(1, line.size()));
    kind_ = sign == '+' ? PatchLine::added : sign == '-' ? PatchLine::removed : PatchLine::context;
    if (sign == '\\') {  // "\ No newline at end of file"
        kind_ = PatchLine::other;
        return true;
    }
    if (sign != '+') --old_lines_;
    if (sign != '-') --new_lines_;
    return true;
}

void PatchLines::read_header(std::string_view line) {
    constexpr std::size_t sign = 4;
    text_ = line;
    kind_ = PatchLine::other;
    if (line.starts_with("@@ ")) {
        old_lines_ = lines_of_range(line, '-');
        new_lines_ = lines_of_range(line, '+');
        kind_ = PatchLine::hunk;
    } else if (line.starts_with("--- ")) {
        old_path_ = path_of(line.substr(sign));
    } else if (line.starts_with("+++ ")) {
        path_ = path_of(line.substr(sign));
        if (path_.empty()) path_ = old_path_;
        kind_ = PatchLine::file;
    }
}

bool PatchLines::next() {
    if (rest_.empty()) return false;
    const std::string_view line = rest_.substr(0, rest_.find('\n'));
    rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
    if (!inside_hunk(line)) read_header(line);
    return true;
}

}  // namespace ratchet
