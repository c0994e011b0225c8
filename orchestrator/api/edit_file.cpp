#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "orchestrator/api/tools.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const std::string& why) {
    throw std::runtime_error(why);
}

std::string content_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    if (!stream) refuse("the file cannot be read");
    return std::move(text).str();
}

/// In place, so that the file keeps its rights and a link stays one.
void write_text(const fs::path& file, const std::string& text) {
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream << text;
    stream.close();
    if (!stream) refuse("the file cannot be written");
}

std::size_t line_at(const std::string& text, std::size_t place) {
    return 1 + static_cast<std::size_t>(
                   std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(place), '\n'));
}

std::string trimmed(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

/// What helps to find the place: models mistake white space most of all.
std::string why_it_is_not_there(const std::string& text, const std::string& wanted) {
    std::string why = "old_string does not occur in the file";
    const std::string first_line = trimmed(wanted.substr(0, wanted.find('\n')));
    const std::size_t place = first_line.empty() ? std::string::npos : text.find(first_line);
    if (place == std::string::npos) return why + "; read the file again";
    return why +
           fmt::format(", though line {} holds its first line: compare white space and the lines after it",
                       line_at(text, place));
}

}  // namespace

std::string edit_file(const fs::path& file, const std::string& old_string, const std::string& new_string) {
    if (old_string.empty()) refuse("old_string is empty; `write` makes a new file");
    std::error_code error;
    if (!fs::is_regular_file(file, error)) refuse("there is no such file; `write` makes a new one");
    std::string text = content_of(file);
    const std::size_t place = text.find(old_string);
    if (place == std::string::npos) refuse(why_it_is_not_there(text, old_string));
    std::size_t times = 0;
    for (std::size_t at = place; at != std::string::npos; at = text.find(old_string, at + 1))
        ++times;
    if (times > 1) {
        refuse(fmt::format("old_string occurs {} times; take in more lines around it, so that it occurs once",
                           times));
    }
    if (old_string == new_string) refuse("new_string is the same as old_string");
    text.replace(place, old_string.size(), new_string);
    write_text(file, text);
    return fmt::format("replaced at line {}", line_at(text, place));
}

std::string write_file(const fs::path& file, const std::string& text) {
    std::error_code error;
    const bool was_there = fs::exists(file, error);
    if (was_there && !fs::is_regular_file(file, error)) refuse("what stands there is no file");
    fs::create_directories(file.parent_path(), error);
    if (error) refuse("its folder cannot be made: " + error.message());
    write_text(file, text);
    return was_there ? "replaced" : "made";
}

}  // namespace ratchet
