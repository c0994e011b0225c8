#include "sandbox/workspace/hunks.hpp"

#include <algorithm>
#include <vector>

namespace ratchet {
namespace {

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end == std::string_view::npos ? end : end + 1));
        text.remove_prefix(lines.back().size());
    }
    return lines;
}

struct Hunk {
    Lines before;
    Lines after;
    std::size_t start = 0;  ///< first line of `before`, from 0
};

void without_newline(Lines& lines) {
    if (!lines.empty() && lines.back().ends_with('\n')) lines.back().remove_suffix(1);
}

Hunk read_hunk(git_patch* patch, std::size_t index) {
    Hunk result;
    const git_diff_hunk* hunk = nullptr;
    std::size_t count = 0;
    check_git(git_patch_get_hunk(&hunk, &count, patch, index), "reading a patch");
    result.start =
        static_cast<std::size_t>(std::max(0, hunk->old_lines == 0 ? hunk->old_start : hunk->old_start - 1));
    for (std::size_t i = 0; i < count; ++i) {
        const git_diff_line* line = nullptr;
        check_git(git_patch_get_line_in_hunk(&line, patch, index, i), "reading a patch");
        const std::string_view content(line->content, line->content_len);
        switch (line->origin) {
            case GIT_DIFF_LINE_CONTEXT:
                result.before.push_back(content);
                result.after.push_back(content);
                break;
            case GIT_DIFF_LINE_DELETION:
                result.before.push_back(content);
                break;
            case GIT_DIFF_LINE_ADDITION:
                result.after.push_back(content);
                break;
            // "\ No newline at end of file" belongs to the line before it.
            case GIT_DIFF_LINE_CONTEXT_EOFNL:
                without_newline(result.before);
                without_newline(result.after);
                break;
            case GIT_DIFF_LINE_ADD_EOFNL:
                without_newline(result.before);
                break;
            case GIT_DIFF_LINE_DEL_EOFNL:
                without_newline(result.after);
                break;
            default:
                break;
        }
    }
    return result;
}

bool stands_at(const Lines& lines, const Lines& wanted, std::size_t at) {
    return at + wanted.size() <= lines.size() &&
           std::equal(wanted.begin(), wanted.end(), lines.begin() + static_cast<std::ptrdiff_t>(at));
}

/// The place of `wanted` nearest to `expected`, not before `first`.
std::optional<std::size_t> find_place(const Lines& lines, const Lines& wanted, std::size_t expected,
                                      std::size_t first) {
    if (wanted.empty())
        return expected >= first && expected <= lines.size() ? std::optional(expected) : std::nullopt;
    for (std::size_t distance = 0; distance <= lines.size(); ++distance) {
        if (expected >= distance && expected - distance >= first &&
            stands_at(lines, wanted, expected - distance)) {
            return expected - distance;
        }
        if (expected + distance >= first && stands_at(lines, wanted, expected + distance))
            return expected + distance;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> apply_hunks(git_patch* patch, std::string_view text) {
    const Lines lines = lines_of(text);
    std::string result;
    std::size_t done = 0;       // lines of the text that are in the result
    std::ptrdiff_t offset = 0;  // by which the last hunk had moved
    const auto copy_until = [&](std::size_t end) {
        for (; done < end; ++done)
            result += lines[done];
    };
    for (std::size_t i = 0; i < git_patch_num_hunks(patch); ++i) {
        const Hunk hunk = read_hunk(patch, i);
        const std::ptrdiff_t guess =
            std::max<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(hunk.start) + offset);
        const auto expected = std::min(static_cast<std::size_t>(guess), lines.size());
        const auto place = find_place(lines, hunk.before, expected, done);
        if (!place) return std::nullopt;
        offset = static_cast<std::ptrdiff_t>(*place) - static_cast<std::ptrdiff_t>(hunk.start);
        copy_until(*place);
        for (const std::string_view line : hunk.after)
            result += line;
        done += hunk.before.size();
    }
    copy_until(lines.size());
    return result;
}

}  // namespace ratchet
