// Making a worktree equal to a commit again, whatever was done to it.

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include <fmt/core.h>

#include "experiment_store/crash_point.hpp"
#include "experiment_store/errors.hpp"
#include "sandbox/workspace/directory.hpp"
#include "sandbox/workspace/worktree_state.hpp"

namespace ratchet {
namespace {

constexpr std::string_view git_file = ".git";

/// Folders that a reset leaves alone, except for tracked files in them.
class KeptFolders {
  public:
    explicit KeptFolders(const std::vector<std::string>& folders) {
        for (std::string folder : folders) {
            while (folder.ends_with('/'))
                folder.pop_back();
            if (!folder.empty()) folders_.push_back(std::move(folder));
        }
    }
    [[nodiscard]] bool holds(std::string_view path) const {
        return std::any_of(folders_.begin(), folders_.end(), [&](const std::string& folder) {
            return path == folder || is_below(folder, path);
        });
    }
    [[nodiscard]] bool is_above_one(std::string_view path) const {
        return std::any_of(folders_.begin(), folders_.end(),
                           [&](const std::string& folder) { return is_below(path, folder); });
    }

  private:
    std::vector<std::string> folders_;
};

/// True where the file can stay. What was only read stays; what looks touched stays only if its contents,
/// mode and time are right, it has no second name, and carries no attributes.
bool is_pristine(WorktreeState& own, const Target& target, const TrackedFile& file, int folder,
                 const std::string& name, const struct stat& status) {
    if (own.is_untouched(file, status)) return true;
    const bool is_link = file.mode == GIT_FILEMODE_LINK;
    const mode_t mode = file.mode == GIT_FILEMODE_BLOB_EXECUTABLE ? 0755 : 0644;
    if (status.st_nlink != 1 || (!is_link && (status.st_mode & 07777) != mode)) return false;
    if (const auto known = own.known.find(file.path); known != own.known.end()) {
        const struct timespec& before = known->second.status.st_mtim;
        if (before.tv_sec != status.st_mtim.tv_sec || before.tv_nsec != status.st_mtim.tv_nsec) return false;
    }
    if (!own.is_as_committed(target, file, folder, name, status)) return false;
    if (const Descriptor open = is_link ? Descriptor() : open_file(folder, name);
        open && has_attributes(open.get())) {
        return false;
    }
    own.remember(file, status);
    return true;
}

/// Gives a folder the mode that a checkout makes and no attributes. Default access lists would be handed on
/// to every file that is made in it; those of an overlay would hide what is below.
void make_plain(int folder, const std::string& prefix) {
    struct stat own = {};
    if (::fstat(folder, &own) != 0 || ((own.st_mode & 07777) != 0755 && ::fchmod(folder, 0755) != 0)) {
        throw_errno("resetting the mode of " + printable(prefix));
    }
    remove_attributes(folder);
}

/// One reset: first away with all that does not belong, then the files that are missing.
class WorktreeReset {
  public:
    WorktreeReset(WorktreeState& own, const Target& target, const std::vector<std::string>& keep)
        : own_(own), target_(target), kept_(keep) {}

    /// Returns the number of files that had to be written.
    std::size_t run(int root) {
        present_.assign(target_.listing.files().size(), false);
        clean(root, "");
        FolderCursor cursor(root);
        std::size_t written = 0;
        for (std::size_t i = 0; i < present_.size(); ++i) {
            if (present_[i]) continue;
            const TrackedFile& file = target_.listing.files()[i];
            own_.check_out(target_, file, cursor.make(folder_of(file.path), own_.trash),
                           std::string(name_of_path(file.path)));
            ++written;
        }
        for (const Submodule& submodule : target_.listing.submodules())
            cursor.make(submodule.path, own_.trash);
        return written;
    }

  private:
    void clean(int folder, const std::string& prefix) {
        make_plain(folder, prefix);
        for (const std::string& name : names_in(folder)) {
            if (prefix.empty() && name == git_file) continue;
            const std::string path = prefix + name;
            const auto status = status_of(folder, name);
            if (!status) continue;
            if (const TrackedFile* file = target_.listing.find(path)) {
                if (is_pristine(own_, target_, *file, folder, name, *status)) {
                    present_[static_cast<std::size_t>(file - target_.listing.files().data())] = true;
                } else {
                    own_.trash.take(folder, name);
                }
            } else if (S_ISDIR(status->st_mode) &&
                       (target_.listing.has_folder(path) || kept_.is_above_one(path))) {
                if (const Descriptor inner = open_folder(folder, name)) clean(inner.get(), path + "/");
            } else if (!kept_.holds(path)) {
                own_.trash.take(folder, name);
            }
        }
    }

    WorktreeState& own_;
    const Target& target_;
    KeptFolders kept_;
    std::vector<bool> present_;
};

/// What a build did to guarded paths is undone: its own files there are taken away, the commit's put back.
class GuardedRestore {
  public:
    GuardedRestore(WorktreeState& own, const Target& target, const PathRule& is_guarded,
                   const std::vector<std::string>& keep)
        : own_(own), target_(target), is_guarded_(is_guarded), kept_(keep) {}

    /// Returns the paths that were not as the commit has them.
    std::vector<std::string> run(int root) {
        present_.assign(target_.listing.files().size(), false);
        visit(root, "");
        FolderCursor cursor(root);
        for (std::size_t i = 0; i < present_.size(); ++i) {
            const TrackedFile& file = target_.listing.files()[i];
            if (present_[i] || !is_guarded_(file.path)) continue;
            const std::string name(name_of_path(file.path));
            const int folder = cursor.make(folder_of(file.path), own_.trash);
            if (status_of(folder, name)) own_.trash.take(folder, name);
            own_.check_out(target_, file, folder, name);
            differed_.push_back(file.path);
        }
        return std::move(differed_);
    }

  private:
    /// Only folders of the commit are entered: what is in a folder of the build's own is the build's.
    void visit(int folder, const std::string& prefix) {
        make_plain(folder, prefix);
        bool holds_guarded = false;
        bool has_bytecode = false;
        for (const std::string& name : names_in(folder)) {
            if (prefix.empty() && name == git_file) continue;
            const std::string path = prefix + name;
            const auto status = status_of(folder, name);
            if (!status) continue;
            if (const TrackedFile* file = target_.listing.find(path)) {
                if (!is_guarded_(path)) continue;
                holds_guarded = true;
                present_[static_cast<std::size_t>(file - target_.listing.files().data())] =
                    is_pristine(own_, target_, *file, folder, name, *status);
            } else if (S_ISDIR(status->st_mode) && target_.listing.has_folder(path)) {
                if (const Descriptor inner = open_folder(folder, name)) visit(inner.get(), path + "/");
            } else if (is_guarded_(path) && !kept_.holds(path) && !kept_.is_above_one(path)) {
                take(folder, name, path);
            } else {
                has_bytecode = has_bytecode || name == bytecode_folder;
            }
        }
        // Python executes what it finds there instead of the source, where size and time of that agree.
        if (holds_guarded && has_bytecode) take(folder, bytecode_folder, prefix + bytecode_folder);
    }

    void take(int folder, const std::string& name, const std::string& path) {
        own_.trash.take(folder, name);
        differed_.push_back(path);
    }

    static constexpr const char* bytecode_folder = "__pycache__";
    WorktreeState& own_;
    const Target& target_;
    const PathRule& is_guarded_;
    KeptFolders kept_;
    std::vector<bool> present_;
    std::vector<std::string> differed_;
};

}  // namespace

void Worktree::reset(const CommitId& commit, const std::vector<std::string>& keep) {
    const DurableStep step("worktree/reset");
    WorktreeState& own = *state_;
    const auto target = own.target_of(commit);
    const Descriptor root = own.open_root();
    const std::size_t written = WorktreeReset(own, *target, keep).run(root.get());
    std::erase_if(own.known, [&](const auto& entry) { return target->listing.find(entry.first) == nullptr; });
    own.begin_watch(root.get());
    crash_point("worktree/reset", "files written");
    own.write_metadata(*target, root.get(), written > 0);
    own.trash.empty();
}

std::vector<std::string> Worktree::restore(const CommitId& commit, const PathRule& is_guarded,
                                           const std::vector<std::string>& keep) {
    const DurableStep step("worktree/restore");
    WorktreeState& own = *state_;
    const auto target = own.target_of(commit);
    const Descriptor root = own.open_root();
    std::vector<std::string> differed = GuardedRestore(own, *target, is_guarded, keep).run(root.get());
    own.trash.empty();
    // The watch goes on from where it began: what was put back is looked into the next time.
    return differed;
}

}  // namespace ratchet
