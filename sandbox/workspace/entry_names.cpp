#include "sandbox/workspace/entry_names.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include "sandbox/safe_text.hpp"

namespace ratchet {
namespace {

/// ".gitmodules", and how NTFS may call it in eight characters.
struct SteeringFile {
    std::string_view name;
    std::string_view short_name;  ///< up to its tilde
};
constexpr std::array<SteeringFile, 3> steering_files = {
    {{".gitattributes", "gitatt"}, {".gitmodules", "gitmod"}, {".lfsconfig", "lfscon"}}};

std::string lower_case(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return result;
}

std::string without_hfs_ignored(std::string_view name) {
    // U+200C..F, U+202A..E, U+206A..F, U+FEFF, in UTF-8.
    std::string result;
    for (std::size_t i = 0; i < name.size();) {
        const std::string_view three = name.substr(i, 3);
        const auto last = three.size() == 3 ? static_cast<unsigned char>(three[2]) : 0U;
        const bool skipped = (three.starts_with("\xE2\x80") &&
                              ((last >= 0x8C && last <= 0x8F) || (last >= 0xAA && last <= 0xAE))) ||
                             (three.starts_with("\xE2\x81") && last >= 0xAA && last <= 0xAF) ||
                             three == "\xEF\xBB\xBF";
        if (skipped) {
            i += 3;
        } else {
            result += name[i++];
        }
    }
    return result;
}

/// What file systems that see less than bytes make of a name: no case, no stream, no dots or spaces at its
/// end.
std::string reduced(std::string_view name) {
    std::string text = without_hfs_ignored(name);
    text = text.substr(0, text.find(':'));
    while (text.ends_with('.') || text.ends_with(' '))
        text.pop_back();
    return lower_case(text);
}

/// True for "gitmod~1" and the form that NTFS takes when the first four are taken, "gi7eba~1".
bool is_short_name(std::string_view text, std::string_view beginning) {
    const std::size_t tilde = text.find('~');
    if (tilde == std::string_view::npos || tilde + 1 >= text.size()) return false;
    if (text.find_first_not_of("0123456789", tilde + 1) != std::string_view::npos) return false;
    if (text.substr(0, tilde) == beginning) return true;
    return tilde == 6 && text.starts_with(beginning.substr(0, 2)) &&
           text.substr(2, 4).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

bool is_git_name(std::string_view name) {
    const std::string text = reduced(name);
    return text == ".git" || text == "git~1";
}

bool is_steering_file(std::string_view name) {
    const std::string text = reduced(name);
    return std::any_of(steering_files.begin(), steering_files.end(), [&](const SteeringFile& file) {
        return text == file.name || is_short_name(text, file.short_name);
    });
}

std::string problem_with_name(std::string_view name) {
    if (!is_plain_text(name)) return "has a name with characters that cannot be shown";
    if (name.find('\\') != std::string_view::npos) return "has a name with a backslash";
    if (name.find(':') != std::string_view::npos) return "has a name with a colon";
    if (name.ends_with('.') || name.ends_with(' ')) return "has a name that ends with a dot or a space";
    return {};
}

bool is_git_directory(const std::vector<std::string>& names) {
    const auto has = [&](std::string_view wanted) {
        return std::any_of(names.begin(), names.end(),
                           [&](const std::string& name) { return reduced(name) == wanted; });
    };
    return has("head") && (has("commondir") || (has("objects") && has("refs")));
}

std::string folded_path(std::string_view path) {
    const bool ascii = std::all_of(path.begin(), path.end(), [](char c) { return (c & 0x80) == 0; });
    if (ascii) return lower_case(path);
    constexpr auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE |
                                                            UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    utf8proc_uint8_t* folded = nullptr;
    const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(path.data()),
                                               static_cast<utf8proc_ssize_t>(path.size()), &folded, options);
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(folded, &std::free);
    if (size < 0) return lower_case(path);  // bytes that are no UTF-8: no file system takes them for letters
    return {reinterpret_cast<const char*>(folded), static_cast<std::size_t>(size)};
}

}  // namespace ratchet
