// A patch applied to the files of a worktree, all or nothing.

#include <unistd.h>

#include <climits>

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/core.h>

#include "experiment_store/crash_point.hpp"
#include "experiment_store/errors.hpp"
#include "sandbox/workspace/entry_names.hpp"
#include "sandbox/workspace/hunks.hpp"
#include "sandbox/workspace/worktree_changes.hpp"

namespace ratchet {
namespace {

/// What stands at a path, as the repository would hold it.
struct Content {
    std::uint32_t mode = 0;
    std::string bytes;
};
using Contents = std::map<std::string, std::optional<Content>>;

/// A path that can be made below a folder without leading out of it: no longer, and no deeper, than a capture
/// takes it.
bool is_plain_path(std::string_view path) {
    if (path.empty() || path.front() == '/' || path.size() > most_path_bytes) return false;
    if (std::count(path.begin(), path.end(), '/') > most_depth) return false;
    while (!path.empty()) {
        const std::string_view component = path.substr(0, path.find('/'));
        if (component.empty() || component == "." || component == ".." || is_git_name(component) ||
            component.size() > NAME_MAX) {
            return false;
        }
        path.remove_prefix(std::min(path.size(), component.size() + 1));
    }
    return true;
}

class Application {
  public:
    Application(WorktreeState& own, const Target& target, int root)
        : own_(own), target_(target), cursor_(root) {}

    bool run(std::string_view text) {
        const GitDiff diff = read_patch(text);
        if (!diff) return false;
        if (!read_before(diff.get())) return false;
        if (!apply_exactly(text) && !apply_with_offsets(diff.get())) return false;
        if (!has_room()) return false;
        write();
        return true;
    }

  private:
    bool read_before(git_diff* diff) {
        for (std::size_t i = 0; i < git_diff_num_deltas(diff); ++i) {
            const git_diff_delta* delta = git_diff_get_delta(diff, i);
            for (const char* path : {delta->old_file.path, delta->new_file.path}) {
                if (path == nullptr || before_.contains(path)) continue;
                if (!is_plain_path(path)) return false;
                before_[path] = content_at(path);
            }
        }
        return true;
    }

    std::optional<Content> content_at(const std::string& path) {
        const int folder = cursor_.open(folder_of(path));
        const std::string name(name_of_path(path));
        const auto status = folder < 0 ? std::nullopt : status_of(folder, name);
        if (!status) return std::nullopt;
        if (S_ISLNK(status->st_mode))
            return Content{GIT_FILEMODE_LINK, link_target(folder, name).value_or("")};
        const Descriptor file = open_file(folder, name);
        if (!file) return std::nullopt;
        const bool executable = (status->st_mode & S_IXUSR) != 0;
        std::string bytes = read_all(file.get(), static_cast<std::uint64_t>(status->st_size));
        return Content{executable ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB,
                       target_.content.to_repository(path, std::move(bytes), "")};
    }

    bool apply_exactly(std::string_view text) {
        git_repository* scratch = own_.scratch.get();
        GitIndex index;
        check_git(git_index_new(out(index)), "making an index");
        for (const auto& [path, content] : before_) {
            if (!content) continue;
            git_index_entry entry = {};
            entry.mode = content->mode;
            entry.path = path.c_str();
            check_git(
                git_blob_create_from_buffer(&entry.id, scratch, content->bytes.data(), content->bytes.size()),
                "reading the worktree");
            check_git(git_index_add(index.get(), &entry), "reading the worktree");
        }
        git_oid id = {};
        check_git(git_index_write_tree_to(&id, index.get(), scratch), "reading the worktree");
        GitTree tree;
        check_git(git_tree_lookup(out(tree), scratch, &id), "reading the worktree");
        if (!apply_patch(scratch, tree.get(), text, id)) return false;
        check_git(git_tree_lookup(out(tree), scratch, &id), "applying a patch");
        for (const auto& [path, unused] : before_)
            after_[path] = content_in(tree.get(), path);
        return true;
    }

    [[nodiscard]] std::optional<Content> content_in(const git_tree* tree, const std::string& path) const {
        GitTreeEntry entry;
        if (git_tree_entry_bypath(out(entry), tree, path.c_str()) < 0) return std::nullopt;
        if (git_tree_entry_type(entry.get()) != GIT_OBJECT_BLOB) return std::nullopt;
        GitBlob blob;
        check_git(git_blob_lookup(out(blob), own_.scratch.get(), git_tree_entry_id(entry.get())),
                  "applying a patch");
        return Content{static_cast<std::uint32_t>(git_tree_entry_filemode(entry.get())),
                       {static_cast<const char*>(git_blob_rawcontent(blob.get())),
                        static_cast<std::size_t>(git_blob_rawsize(blob.get()))}};
    }

    bool apply_with_offsets(git_diff* diff) {
        after_ = before_;
        for (std::size_t i = 0; i < git_diff_num_deltas(diff); ++i) {
            GitPatch patch;
            check_git(git_patch_from_diff(out(patch), diff, i), "reading a patch");
            const git_diff_delta* delta = git_patch_get_delta(patch.get());
            const bool is_new = delta->status == GIT_DELTA_ADDED;
            const std::string from = is_new ? delta->new_file.path : delta->old_file.path;
            const std::optional<Content> earlier = after_[from];
            if (is_new == earlier.has_value() || (delta->flags & GIT_DIFF_FLAG_BINARY) != 0) return false;
            auto bytes = apply_hunks(patch.get(), earlier ? earlier->bytes : std::string_view{});
            if (!bytes) return false;
            if (delta->status != GIT_DELTA_COPIED) after_[from].reset();
            if (delta->status == GIT_DELTA_DELETED) {
                if (!bytes->empty()) return false;
                continue;
            }
            std::uint32_t mode = delta->new_file.mode;
            if (mode == 0) mode = earlier ? earlier->mode : static_cast<std::uint32_t>(GIT_FILEMODE_BLOB);
            after_[delta->new_file.path] = Content{mode, std::move(*bytes)};
        }
        return true;
    }

    /// True where a folder holds nothing but files that the patch removes.
    bool goes_away(int parent, const std::string& name, const std::string& path) {
        const Descriptor folder = open_folder(parent, name);
        if (!folder) return before_.contains(path) && before_[path] && !after_[path];
        const auto names = names_in(folder.get());
        return std::all_of(names.begin(), names.end(), [&](const std::string& inner) {
            return goes_away(folder.get(), inner, path + "/" + inner);
        });
    }

    /// False where a new file would need the place of something that the patch does not know of.
    bool has_room() {
        for (const auto& [path, content] : after_) {
            if (!content || before_[path]) continue;
            const int folder = cursor_.open(folder_of(path));
            const std::string name(name_of_path(path));
            if (folder >= 0 && status_of(folder, name) && !goes_away(folder, name, path)) return false;
            for (std::string_view above = folder_of(path); !above.empty(); above = folder_of(above)) {
                const int outer = cursor_.open(folder_of(above));
                const auto status =
                    outer < 0 ? std::nullopt : status_of(outer, std::string(name_of_path(above)));
                const auto goes = after_.find(std::string(above));
                if (status && !S_ISDIR(status->st_mode) && (goes == after_.end() || goes->second))
                    return false;
            }
        }
        return true;
    }

    void write() {
        for (const auto& [path, content] : after_) {
            if (content || !before_[path]) continue;
            const int folder = cursor_.open(folder_of(path));
            if (folder >= 0) own_.trash.take(folder, std::string(name_of_path(path)));
        }
        for (auto& [path, content] : after_) {
            const auto& earlier = before_[path];
            if (!content || (earlier && earlier->mode == content->mode && earlier->bytes == content->bytes))
                continue;
            const int folder = cursor_.make(folder_of(path), own_.trash);
            const std::string name(name_of_path(path));
            own_.trash.take(folder, name);
            write_content(folder, name, path, *content);
        }
    }

    void write_content(int folder, const std::string& name, const std::string& path, const Content& content) {
        if (content.mode == GIT_FILEMODE_LINK) {
            if (::symlinkat(content.bytes.c_str(), folder, name.c_str()) != 0)
                throw_errno("making " + printable(path));
            return;
        }
        const mode_t mode = content.mode == GIT_FILEMODE_BLOB_EXECUTABLE ? 0755 : 0644;
        const Descriptor file(
            ::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
        if (!file || ::fchmod(file.get(), mode) != 0) throw_errno("making " + printable(path));
        write_all(file.get(), target_.content.to_worktree(path, content.bytes));
    }

    WorktreeState& own_;
    const Target& target_;
    FolderCursor cursor_;
    Contents before_;
    Contents after_;
};

}  // namespace

bool Worktree::apply(const std::string& diff) {
    const DurableStep step("worktree/apply");
    WorktreeState& own = *state_;
    if (!own.target) throw MachineryError("a patch was to be applied to a worktree that has no commit yet");
    const Descriptor root = own.open_root();
    const bool applied = Application(own, *own.target, root.get()).run(diff);
    own.scratch.clear();
    own.trash.empty();
    return applied;
}

}  // namespace ratchet
