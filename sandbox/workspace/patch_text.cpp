#include "sandbox/workspace/patch_text.hpp"

#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace ratchet {
namespace {

constexpr std::string_view file_header = "diff --git ";

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end == std::string_view::npos ? end : end + 1);
    text.remove_prefix(line.size());
    return line;
}

/// In a hunk no line begins like this: there is always a mark before it.
bool is_file_header(std::string_view line) {
    if (!line.starts_with(file_header)) return false;
    line.remove_prefix(file_header.size());
    return line.starts_with("a/") || line.starts_with("\"a/");
}

std::string_view without_end(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    return line;
}

std::string git_quoted(std::string_view name) {
    std::string result = "\"";
    for (const char c : name) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + '"';
}

bool needs_quotes(std::string_view name) {
    return !name.starts_with('"') && name.find(' ') != std::string_view::npos;
}

/// The two names of "a/name b/name": without quotes it can only be told apart where they are the same.
std::optional<std::pair<std::string_view, std::string_view>> same_names(std::string_view names) {
    if (names.size() % 2 == 0) return std::nullopt;
    const std::string_view first = names.substr(0, names.size() / 2);
    const std::string_view second = names.substr(names.size() / 2 + 1);
    const bool are_same = names[first.size()] == ' ' && first.starts_with("a/") && second.starts_with("b/") &&
                          first.substr(2) == second.substr(2);
    return are_same ? std::optional(std::pair(first, second)) : std::nullopt;
}

/// The lines before a file's hunks.
class FileHeader {
  public:
    void add(std::string_view line) { lines_.push_back(line); }
    [[nodiscard]] bool empty() const { return lines_.empty(); }
    [[nodiscard]] bool ends_with_index() const { return !empty() && lines_.back().starts_with("index "); }

    [[nodiscard]] std::string text() const {
        std::string result;
        for (const std::string_view line : lines_)
            result += rewritten(line);
        return result;
    }

  private:
    [[nodiscard]] std::string rewritten(std::string_view line) const {
        if (line.starts_with(file_header)) return names_line(line);
        constexpr std::array<std::string_view, 6> keys = {"--- ",       "+++ ",       "rename from ",
                                                          "rename to ", "copy from ", "copy to "};
        for (const std::string_view key : keys) {
            if (!line.starts_with(key)) continue;
            std::string_view name = without_end(line.substr(key.size()));
            if (name.ends_with('\t')) name.remove_suffix(1);  // so git ends a name with spaces there
            if (needs_quotes(name)) return std::string(key) + git_quoted(name) + "\n";
        }
        return std::string(line);
    }

    [[nodiscard]] std::string names_line(std::string_view line) const {
        const std::string_view names = without_end(line.substr(file_header.size()));
        if (names.starts_with('"')) return std::string(line);
        auto both = same_names(names);
        const std::string from = "a/" + std::string(value("rename from ", "copy from "));
        const std::string to = "b/" + std::string(value("rename to ", "copy to "));
        if (!both && names == from + " " + to) both = std::pair<std::string_view, std::string_view>(from, to);
        if (!both || (!needs_quotes(both->first) && !needs_quotes(both->second))) return std::string(line);
        return std::string(file_header) + git_quoted(both->first) + " " + git_quoted(both->second) + "\n";
    }

    [[nodiscard]] std::string_view value(std::string_view key, std::string_view other_key) const {
        for (const std::string_view line : lines_) {
            if (line.starts_with(key)) return without_end(line.substr(key.size()));
            if (line.starts_with(other_key)) return without_end(line.substr(other_key.size()));
        }
        return {};
    }

    std::vector<std::string_view> lines_;
};

}  // namespace

std::string readable_patch(std::string_view patch) {
    constexpr std::string_view end_of_mail = "-- \n";  // what libgit2 takes for the end of such a part
    std::string result;
    FileHeader header;
    bool in_patch = false;
    const auto flush = [&] {
        result += header.text();
        if (header.ends_with_index()) result += end_of_mail;
        header = FileHeader();
    };
    while (!patch.empty()) {
        const std::string_view line = take_line(patch);
        if (is_file_header(line)) {
            flush();
            header.add(line);
            in_patch = true;
        } else if (header.empty()) {
            if (in_patch) result += line;  // what stands before it, as in a mail, may look like anything
        } else if (line.starts_with("@@ ") || line.starts_with("GIT binary patch")) {
            result += header.text();
            result += line;
            header = FileHeader();
        } else {
            header.add(line);
        }
    }
    flush();
    return result;
}

}  // namespace ratchet
