#include "sandbox/workspace/hunk_headers.hpp"

#include <algorithm>

namespace ratchet {
namespace {

std::string content_of(git_repository* repository, const git_diff_file& file) {
    GitBlob blob;
    if (git_oid_is_zero(&file.id) != 0 || git_blob_lookup(out(blob), repository, &file.id) < 0) return {};
    return {static_cast<const char*>(git_blob_rawcontent(blob.get())),
            static_cast<std::size_t>(git_blob_rawsize(blob.get()))};
}

ChangedLines changed_lines(git_patch* patch, std::size_t hunk) {
    ChangedLines changed;
    const int lines = git_patch_num_lines_in_hunk(patch, hunk);
    for (int i = 0; i < lines; ++i) {
        const git_diff_line* line = nullptr;
        check_git(git_patch_get_line_in_hunk(&line, patch, hunk, static_cast<std::size_t>(i)),
                  "reading a patch");
        if (line->origin == GIT_DIFF_LINE_DELETION)
            changed.removed.push_back(static_cast<std::size_t>(std::max(0, line->old_lineno)));
        if (line->origin == GIT_DIFF_LINE_ADDITION)
            changed.added.push_back(static_cast<std::size_t>(std::max(0, line->new_lineno)));
    }
    return changed;
}

}  // namespace

std::string with_hunk_headers(git_patch* patch, std::string_view text, const CapturePolicy& policy) {
    const std::size_t hunks = git_patch_num_hunks(patch);
    if (!policy.hunk_headers || hunks == 0) return std::string(text);
    const git_diff_delta* delta = git_patch_get_delta(patch);
    git_repository* repository = git_patch_owner(patch);
    std::vector<ChangedLines> changes;
    for (std::size_t hunk = 0; hunk < hunks; ++hunk)
        changes.push_back(changed_lines(patch, hunk));
    const char* path = delta->status == GIT_DELTA_DELETED ? delta->old_file.path : delta->new_file.path;
    const auto headers = policy.hunk_headers(path, content_of(repository, delta->old_file),
                                             content_of(repository, delta->new_file), changes);
    if (!headers || headers->size() != hunks) return std::string(text);
    std::string result;
    std::size_t hunk = 0;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
        text.remove_prefix(line.size());
        // No other line of a patch begins so: those of the files have a sign in front.
        const std::size_t ranges = line.starts_with("@@ ") ? line.find(" @@", 3) : std::string_view::npos;
        if (ranges == std::string_view::npos || hunk == hunks) {
            result += line;
        } else {
            result.append(line.substr(0, ranges + 3)).append(headers->at(hunk++)).append(1, '\n');
        }
    }
    return result;
}

}  // namespace ratchet
