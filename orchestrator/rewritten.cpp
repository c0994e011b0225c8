#include "orchestrator/rewritten.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "experiment_store/diff_tokens.hpp"

namespace ratchet {

namespace {

/// Beyond a hunk's own lines, which have three lines of context already.
constexpr std::int64_t lines_around = 8;

std::string_view without_white_space(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// Where git sees the beginning of a function: a line that begins with a name.
bool begins_function(std::string_view line) {
    const char c = line.empty() ? ' ' : line.front();
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

/// The lines from `first` to before `last`, and those around them up to the ends of their function.
std::pair<std::int64_t, std::int64_t> surrounding(const std::vector<std::string_view>& lines,
                                                  const HunkPlace& hunk) {
    const auto count = static_cast<std::int64_t>(lines.size());
    const auto line = [&](std::int64_t at) { return lines[static_cast<std::size_t>(at)]; };
    std::int64_t first = std::clamp<std::int64_t>(hunk.first_line - 1, 0, count);
    std::int64_t last = std::clamp<std::int64_t>(first + hunk.lines, first, count);
    for (std::int64_t i = 0;
         i < lines_around && first > 0 && !(first < count && begins_function(line(first))); ++i)
        --first;
    for (std::int64_t i = 0; i < lines_around && last < count && !begins_function(line(last)); ++i)
        ++last;
    return {first, last};
}

/// How many of the lines around the hunks there were, and how many are still there.
struct Survival {
    std::int64_t lines = 0;
    std::int64_t left = 0;
};

Survival survival(const FileChange& change, const std::string& then, const std::string& now) {
    std::map<std::string_view, int> left;
    for (const std::string_view line : lines_of(now))
        ++left[without_white_space(line)];
    const std::vector<std::string_view> lines = lines_of(then);
    Survival survival;
    std::int64_t counted = 0;
    for (const HunkPlace& hunk : change.places) {
        const auto [first, last] = surrounding(lines, hunk);
        for (std::int64_t i = std::max(first, counted); i < last; ++i) {
            const std::string_view line = without_white_space(lines[static_cast<std::size_t>(i)]);
            if (line.size() < 2) continue;  // a bracket
            ++survival.lines;
            if (left[line]-- > 0) ++survival.left;
        }
        counted = std::max(counted, last);
    }
    return survival;
}

}  // namespace

std::string rewritten_file(std::string_view patch, const FileContents& then, const FileContents& now) {
    for (const FileChange& change : read_changes(patch)) {
        const std::optional<std::string> before = then(change.path);
        const std::optional<std::string> after = now(change.path);
        if (before == after) continue;
        if (!before || !after) return std::string(change.path);
        const Survival lines = survival(change, *before, *after);
        if (2 * lines.left < lines.lines) return std::string(change.path);
    }
    return {};
}

bool untouched_since(std::string_view patch, const FileContents& then, const FileContents& now) {
    const std::vector<FileChange> changes = read_changes(patch);
    return !changes.empty() && std::all_of(changes.begin(), changes.end(), [&](const FileChange& change) {
        return then(change.path) == now(change.path);
    });
}

}  // namespace ratchet
