#include "sandbox/workspace/worktree.hpp"

#include <unistd.h>

#include <algorithm>
#include <tuple>

#include <fmt/core.h>

#include "experiment_store/crash_point.hpp"
#include "experiment_store/errors.hpp"
#include "sandbox/workspace/worktree_state.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;

bool is_before(const struct timespec& a, const struct timespec& b) {
    return std::tie(a.tv_sec, a.tv_nsec) < std::tie(b.tv_sec, b.tv_nsec);
}

bool is_same(const struct timespec& a, const struct timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

mode_t permissions(const TrackedFile& file) {
    return file.mode == GIT_FILEMODE_BLOB_EXECUTABLE ? 0755 : 0644;
}

}  // namespace

WorktreeState::WorktreeState(RepositoryHandles& of, fs::path in, const std::string& campaign,
                             const std::string& called)
    : repository(of),
      folder(std::move(in)),
      name(called),
      metadata(of.common, folder / name, campaign, called),
      scratch(of.common),
      trash(folder / ("." + called + ".removed")) {}

Descriptor WorktreeState::open_root() {
    const Descriptor parent = open_trusted_folder(folder);
    FolderCursor cursor(parent.get());
    cursor.make(name, trash);
    return open_folder(parent.get(), name);
}

std::shared_ptr<const Target> WorktreeState::target_of(const CommitId& commit) {
    if (!target || target->commit != commit) {
        target = std::make_shared<const Target>(repository.objects.get(), repository.common, commit);
    }
    if (known_identity != target->content.identity()) {
        known.clear();  // the same blob may be written in another way now
        known_identity = target->content.identity();
    }
    return target;
}

bool WorktreeState::is_untouched(const TrackedFile& file, const struct stat& status) const {
    const auto found = known.find(file.path);
    if (found == known.end()) return false;
    const auto& [blob, mode, before] = found->second;
    return mode == file.mode && git_oid_equal(&blob, &file.blob) != 0 && before.st_ino == status.st_ino &&
           before.st_dev == status.st_dev && before.st_size == status.st_size &&
           before.st_mode == status.st_mode && before.st_nlink == status.st_nlink &&
           is_same(before.st_mtim, status.st_mtim) && is_same(before.st_ctim, status.st_ctim) &&
           is_before(status.st_ctim, known_until);
}

bool WorktreeState::is_as_committed(const Target& commit, const TrackedFile& file, int parent,
                                    const std::string& entry, const struct stat& status) const {
    if (file.mode == GIT_FILEMODE_LINK) {
        if (!S_ISLNK(status.st_mode)) return false;
        const auto goal = link_target(parent, entry);
        git_oid id = {};
        check_git(git_odb_hash(&id, goal ? goal->data() : "", goal ? goal->size() : 0, GIT_OBJECT_BLOB),
                  "hashing");
        return goal && git_oid_equal(&id, &file.blob) != 0;
    }
    if (!S_ISREG(status.st_mode)) return false;
    if (((status.st_mode & S_IXUSR) != 0) != (file.mode == GIT_FILEMODE_BLOB_EXECUTABLE)) return false;
    if (is_untouched(file, status)) return true;
    const ExpectedContent expected = commit.content.expected(file);
    if (static_cast<std::uint64_t>(status.st_size) != expected.size) return false;
    const Descriptor open = open_file(parent, entry);
    return open && expected.is_in(open.get());
}

void WorktreeState::check_out(const Target& commit, const TrackedFile& file, int parent,
                              const std::string& entry) {
    const DurableStep step("worktree/write a file");
    const ExpectedContent expected = commit.content.expected(file);
    struct stat status = {};
    if (file.mode == GIT_FILEMODE_LINK) {
        GitBlob blob;
        check_git(git_blob_lookup(out(blob), file.repository, &file.blob), "reading " + printable(file.path));
        const std::string goal(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                               static_cast<std::size_t>(git_blob_rawsize(blob.get())));
        if (::symlinkat(goal.c_str(), parent, entry.c_str()) != 0)
            throw_errno("making " + printable(file.path));
        if (const auto made = status_of(parent, entry)) remember(file, *made);
        return;
    }
    const mode_t mode = permissions(file);
    const Descriptor open(
        ::openat(parent, entry.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!open) throw_errno("making " + printable(file.path));
    expected.write_to(open.get());
    if (::fstat(open.get(), &status) != 0) throw_errno("making " + printable(file.path));
    if ((status.st_mode & 07777) != mode) {  // whatever the umask is
        if (::fchmod(open.get(), mode) != 0 || ::fstat(open.get(), &status) != 0) {
            throw_errno("making " + printable(file.path));
        }
    }
    remember(file, status);
}

void WorktreeState::remember(const TrackedFile& file, const struct stat& status) {
    known.insert_or_assign(file.path, KnownFile{file.blob, file.mode, status});
}

void WorktreeState::write_metadata(const Target& commit, int root, bool files_changed) {
    const std::string git(".git");
    const std::string pointer = metadata.pointer();
    const auto status = status_of(root, git);
    const bool is_plain = status && S_ISREG(status->st_mode) && status->st_nlink == 1;
    const Descriptor present = is_plain ? open_file(root, git) : Descriptor();
    if (!present || read_all(present.get(), pointer.size() + 1) != pointer) {
        trash.take(root, git);
        const Descriptor fresh(
            ::openat(root, git.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
        if (!fresh) throw_errno("making the worktree's .git");
        write_all(fresh.get(), pointer);
    }
    metadata.repair(commit.commit.hex);
    struct stat index = {};
    const bool is_current = index_commit == commit.commit.hex && !files_changed &&
                            ::stat((metadata.folder() / "index").c_str(), &index) == 0 &&
                            index.st_ino == index_status.st_ino &&
                            is_same(index.st_ctim, index_status.st_ctim);
    if (!is_current) write_index(commit);
}

void WorktreeState::write_index(const Target& commit) {
    const DurableStep step("worktree/write the index");
    const fs::path file = metadata.folder() / "index";
    fs::remove(file);
    GitIndex index;
    check_git(git_index_open(out(index), file.c_str()), "writing a worktree's index");
    for (const TrackedFile& tracked : commit.listing.files()) {
        if (tracked.in_submodule) continue;
        git_index_entry entry = {};
        if (const auto found = known.find(tracked.path); found != known.end()) {
            const struct stat& status = found->second.status;
            entry.ctime = {static_cast<int32_t>(status.st_ctim.tv_sec),
                           static_cast<uint32_t>(status.st_ctim.tv_nsec)};
            entry.mtime = {static_cast<int32_t>(status.st_mtim.tv_sec),
                           static_cast<uint32_t>(status.st_mtim.tv_nsec)};
            entry.dev = static_cast<uint32_t>(status.st_dev);
            entry.ino = static_cast<uint32_t>(status.st_ino);
            entry.uid = status.st_uid;
            entry.gid = status.st_gid;
            entry.file_size = static_cast<uint32_t>(status.st_size);
        }
        entry.mode = tracked.mode;
        entry.id = tracked.blob;
        entry.path = tracked.path.c_str();
        check_git(git_index_add(index.get(), &entry), "writing a worktree's index");
    }
    for (const Submodule& submodule : commit.listing.submodules()) {
        if (submodule.nested) continue;
        git_index_entry entry = {};
        entry.mode = GIT_FILEMODE_COMMIT;
        entry.id = submodule.commit;
        entry.path = submodule.path.c_str();
        check_git(git_index_add(index.get(), &entry), "writing a worktree's index");
    }
    check_git(git_index_write(index.get()), "writing a worktree's index");
    if (::stat(file.c_str(), &index_status) != 0) throw_errno("writing a worktree's index");
    index_commit = commit.commit.hex;
}

void WorktreeState::begin_watch(int root) {
    // The file system's own clock: whatever is written later has this change time or a later one. Equal ones
    // are looked into (the clock ticks a few hundred times a second only).
    struct stat status = {};
    if (::futimens(root, nullptr) != 0 || ::fstat(root, &status) != 0) throw_errno("touching a worktree");
    known_until = status.st_ctim;
}

Worktree::Worktree() = default;
Worktree::~Worktree() = default;
Worktree::Worktree(Worktree&&) noexcept = default;
Worktree& Worktree::operator=(Worktree&&) noexcept = default;

Worktree Worktree::lease(Repository& repository, const fs::path& folder, const std::string& campaign,
                         const std::string& name) {
    const DurableStep step("worktree/lease");
    make_folders(folder);
    Worktree result;
    result.state_ =
        std::make_unique<WorktreeState>(*repository.handles_, fs::canonical(folder), campaign, name);
    result.state_->trash.empty();  // what a killed process left
    result.state_->open_root();
    result.state_->metadata.repair(repository.head().hex);
    return result;
}

fs::path Worktree::path() const {
    return state_->path();
}

void Worktree::remove() {
    const DurableStep step("worktree/release");
    WorktreeState& own = *state_;
    // Git forgets it first: a folder that git does not know is taken away by the next lease, but not the
    // reverse.
    own.metadata.remove(own.trash);
    crash_point("worktree/release", "forgotten by git");
    {
        const Descriptor parent = open_trusted_folder(own.folder);
        own.trash.take(parent.get(), own.name);
    }
    own.trash.empty();
    own.known.clear();
    own.index_commit.clear();
}

}  // namespace ratchet
