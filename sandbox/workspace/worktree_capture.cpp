// From the differences that were found to a patch, and from a patch to the files.

#include <fmt/core.h>

#include <utility>

#include "sandbox/workspace/hunk_headers.hpp"
#include "sandbox/workspace/worktree_changes.hpp"

namespace ratchet {
namespace {

GitTree lookup_tree(git_repository* repository, const git_oid& id) {
    GitTree tree;
    check_git(git_tree_lookup(out(tree), repository, &id), "reading a tree");
    return tree;
}

/// The tree of the commit with these changes, in the scratch repository.
GitTree changed_tree(const ScratchRepository& scratch, const git_oid& base,
                     const std::vector<Change>& changes) {
    GitIndex index;
    check_git(git_index_new(out(index)), "making an index");
    check_git(git_index_read_tree(index.get(), lookup_tree(scratch.get(), base).get()), "reading a tree");
    // Deletions first: a folder may stand where a file was.
    for (const Change& change : changes) {
        if (change.mode == 0)
            check_git(git_index_remove(index.get(), change.path.c_str(), 0), "building a tree");
    }
    for (const Change& change : changes) {
        if (change.mode == 0) continue;
        git_index_entry entry = {};
        entry.mode = change.mode;
        entry.path = change.path.c_str();
        check_git(
            git_blob_create_from_buffer(&entry.id, scratch.get(), change.bytes.data(), change.bytes.size()),
            "building a tree");
        check_git(git_index_add(index.get(), &entry), "building a tree");
    }
    git_oid id = {};
    check_git(git_index_write_tree_to(&id, index.get(), scratch.get()), "building a tree");
    return lookup_tree(scratch.get(), id);
}

/// git's stable patch id. It does not look into binary files, so that their ids are added where there are
/// any.
std::string patch_id_of(git_diff* diff) {
    git_oid id = {};
    check_git(git_diff_patchid(&id, diff, nullptr), "making a patch id");
    std::string binaries;
    for (std::size_t i = 0; i < git_diff_num_deltas(diff); ++i) {
        const git_diff_delta* delta = git_diff_get_delta(diff, i);
        if ((delta->flags & GIT_DIFF_FLAG_BINARY) != 0) {
            binaries += fmt::format("{} {}\n", to_hex(delta->old_file.id), to_hex(delta->new_file.id));
        }
    }
    if (!binaries.empty()) {
        const std::string text = to_hex(id) + "\n" + binaries;
        check_git(git_odb_hash(&id, text.data(), text.size(), GIT_OBJECT_BLOB), "making a patch id");
    }
    return to_hex(id);
}

/// Writes the patch, file by file, until it is too large.
void write_patch(git_diff* diff, const CapturePolicy& policy, CapturedDiff& result) {
    for (std::size_t i = 0; i < git_diff_num_deltas(diff); ++i) {
        GitPatch patch;
        check_git(git_patch_from_diff(out(patch), diff, i), "writing a patch");
        GitBuffer text;
        check_git(git_patch_to_buf(text.get(), patch.get()), "writing a patch");
        result.diff += with_hunk_headers(patch.get(), text.view(), policy);
        if (result.diff.size() > policy.most_bytes) {
            result.refused = Rejection::too_large;
            result.reason = fmt::format("the diff has more than {} bytes", policy.most_bytes);
            return;
        }
        std::size_t added = 0;
        std::size_t removed = 0;
        check_git(git_patch_line_stats(nullptr, &added, &removed, patch.get()), "counting lines");
        const git_diff_delta* delta = git_patch_get_delta(patch.get());
        const std::string path =
            delta->status == GIT_DELTA_DELETED ? delta->old_file.path : delta->new_file.path;
        if (!result.files.empty() &&
            result.files.back().path == path) {  // a file became a symlink: two patches
            result.files.back().added += static_cast<int>(added);
            result.files.back().removed += static_cast<int>(removed);
        } else {
            result.files.push_back({path, static_cast<int>(added), static_cast<int>(removed)});
        }
    }
    result.patch_id = patch_id_of(diff);
}

GitDiff compare(git_repository* repository, git_tree* before, git_tree* after, std::vector<Change>& changes,
                std::uint32_t more_flags) {
    std::vector<char*> paths;
    paths.reserve(changes.size());
    for (Change& change : changes)
        paths.push_back(change.path.data());
    git_diff_options options = complete_diff();
    options.flags |= GIT_DIFF_DISABLE_PATHSPEC_MATCH | more_flags;
    options.pathspec = {paths.data(), paths.size()};
    GitDiff diff;
    check_git(git_diff_tree_to_tree(out(diff), repository, before, after, &options), "comparing trees");
    return diff;
}

CapturedDiff captured(const ScratchRepository& scratch, const git_oid& base, std::vector<Change>& changes,
                      const CapturePolicy& policy) {
    const GitTree before = lookup_tree(scratch.get(), base);
    const GitTree after = changed_tree(scratch, base, changes);
    // The patch is all that is kept of the worktree: it must give back what stands there, byte for byte.
    // Where the text form does not (libgit2 has odd corners), the binary form does.
    for (const std::uint32_t more_flags :
         {std::uint32_t{0}, static_cast<std::uint32_t>(GIT_DIFF_FORCE_BINARY)}) {
        CapturedDiff result;
        write_patch(compare(scratch.get(), before.get(), after.get(), changes, more_flags).get(), policy,
                    result);
        git_oid id = {};
        if (result.refused || result.diff.empty()) return result;
        if (apply_patch(scratch.get(), before.get(), result.diff, id) &&
            git_oid_equal(&id, git_tree_id(after.get())) != 0) {
            return result;
        }
    }
    CapturedDiff result;
    result.refused = Rejection::unsafe;
    result.reason = "the changes cannot be written as a patch that gives them back";
    return result;
}

}  // namespace

CapturedDiff Worktree::capture(const CommitId& parent, const CapturePolicy& policy) {
    WorktreeState& own = *state_;
    const auto target = own.target_of(parent);
    const Descriptor root = own.open_root();
    ChangeFinder finder(own, *target, policy);
    std::vector<Change> changes = finder.find(root.get());
    CapturedDiff result;
    if (finder.refusal()) {
        result.refused = finder.refusal()->rejection;
        result.reason = finder.refusal()->reason;
        return result;
    }
    if (changes.empty()) return result;
    result = captured(own.scratch, target->listing.tree(), changes, policy);
    own.scratch.clear();
    return result;
}

}  // namespace ratchet
