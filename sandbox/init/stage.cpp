#include "sandbox/init/stage.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sandbox/init/failure.hpp"
#include "sandbox/init/report.hpp"
#include "sandbox/init/watched.hpp"

namespace ratchet::init {
namespace {

constexpr unsigned long long restricted = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

/// What the tree holds where something has to be mounted is the command's own doing, and what another
/// declared folder holds there is the campaign's: such a run did not start, which is a result. Everything
/// else is a failure of ours.
[[noreturn]] void fail_at(const std::string& place, const std::string& what) {
    const bool in_tree = place == staged_tree || place.starts_with(std::string(staged_tree) + "/");
    if (in_tree || errno == ELOOP || errno == ENOTDIR || errno == EROFS) {
        const std::string shown = place.substr(std::min(place.size(), std::strlen(staged_root)), 500);
        report("{\"ending\":\"not-started\",\"error\":" +
               quoted(what + " " + shown + ": " + std::strerror(errno)) + "}");
        _exit(125);
    }
    fail(what + " " + place);
}

bool is_folder(int descriptor) {
    struct stat status{};
    return ::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
}

/// As an overlay's option has it: separators escaped.
std::string path_of(const std::string& place) {
    std::string result = std::string(stage) + "/";
    for (const char c : place) {
        if (c == ':' || c == ',' || c == '\\') result += '\\';
        result += c;
    }
    return result;
}

/// An inode costs about 1 KiB of the kernel's memory: with this many, not more than the data itself may.
std::string size_options(long long bytes) {
    return "size=" + std::to_string(bytes) + ",nr_inodes=" + std::to_string(bytes / 1024 + 1024);
}

}  // namespace

Stage::Stage(long long bytes, uid_t owner) : owner_(owner) {
    if (::mount("ratchet", stage, "tmpfs", MS_NOSUID | MS_NODEV,
                ("mode=0755," + size_options(bytes)).c_str()) != 0)
        fail("cannot mount tmpfs");
    const int root = ::open(stage, O_PATH | O_DIRECTORY | O_CLOEXEC);
    root_ = root < 0 ? -1 : ::fcntl(root, F_DUPFD_CLOEXEC, first_free_descriptor);
    if (root_ < 0) fail(stage);
    ::close(root);
}

void Stage::take(const StagingStep& step, int mounts) {
    switch (step.kind) {
        case StagingStep::Kind::bind:
            return show(mounts, step.place, restricted);
        case StagingStep::Kind::bind_read_only:
            return show(mounts, step.place, restricted | MOUNT_ATTR_RDONLY);
        case StagingStep::Kind::bind_device:
            return show(mounts, step.place, MOUNT_ATTR_NOSUID);
        case StagingStep::Kind::overlay:
            return overlay(step);
        case StagingStep::Kind::mask:
            return mask(step.place);
        case StagingStep::Kind::protect:
            return protect(step.place);
        case StagingStep::Kind::tmpfs:
            return tmpfs(step);
        case StagingStep::Kind::terminals:
            return terminals(step.place);
        case StagingStep::Kind::folder:
            ::close(open_or_make(step.place, true));
            return;
        case StagingStep::Kind::link:
            return link(step);
        case StagingStep::Kind::file:
            return file(step);
        case StagingStep::Kind::seal:
            return seal(step.place);
    }
}

void Stage::show(int mounts, const std::string& place, unsigned long long attributes) {
    mount_attr changes{};
    changes.attr_set = attributes;
    if (::mount_setattr(mounts, "", AT_EMPTY_PATH | AT_RECURSIVE, &changes, sizeof changes) != 0)
        fail("cannot restrict the mount for " + place);
    const int target = open_or_make(place, is_folder(mounts));
    if (::move_mount(mounts, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
        fail_at(place, "cannot mount at");
    ::close(target);
}

void Stage::show_read_only(int folder_or_file, const std::string& place) {
    const int mounts =
        ::open_tree(folder_or_file, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
    if (mounts < 0) fail("cannot clone the mount for " + place);
    show(mounts, place, restricted | MOUNT_ATTR_RDONLY);
    ::close(mounts);
}

void Stage::mask(const std::string& place) {
    const int there = open_existing(place);
    if (there < 0) return;
    const bool folder = is_folder(there);
    ::close(there);
    const int source = open_or_make(folder ? "empty-folder" : "empty-file", folder);
    show_read_only(source, place);
    ::close(source);
}

void Stage::protect(const std::string& place) {
    const int there = open_existing(place);
    if (there < 0) return;
    show_read_only(there, place);
    ::close(there);
}

void Stage::overlay(const StagingStep& step) {
    std::string lower;
    for (const std::string& place : step.lower) {
        ::close(open_or_make(place, true));
        if (!lower.empty()) lower += ':';
        lower += path_of(place);
    }
    std::string upper = step.upper;
    std::string work = step.work;
    if (upper.empty()) {
        const std::string number = std::to_string(++overlays_);
        upper = "upper" + number;
        work = "work" + number;
        ::close(open_or_make(upper, true));
        ::close(open_or_make(work, true));
        look_like(upper, step.lower.front());
    }
    // volatile: an overlay's end would else flush the whole file system below `upper` to the disk, for a
    // cache.
    std::string options = "lowerdir=" + lower + ",upperdir=" + path_of(upper) + ",workdir=" + path_of(work) +
                          ",index=off,metacopy=off,volatile";
    options += ::getuid() == 0 ? ",redirect_dir=off" : ",userxattr";
    mount_at(step.place, "overlay", MS_NOSUID | MS_NODEV, options);
    if (step.keep_upper) keep(upper);
}

void Stage::tmpfs(const StagingStep& step) {
    std::string options = "mode=" + step.mode + "," + size_options(step.bytes);
    // In a user namespace it is its maker's anyway, who is the owner.
    if (::geteuid() == 0) options += ",uid=" + std::to_string(owner_) + ",gid=" + std::to_string(owner_);
    mount_at(step.place, "tmpfs", MS_NOSUID | MS_NODEV, options);
}

void Stage::terminals(const std::string& place) {
    mount_at(place, "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620");
}

void Stage::link(const StagingStep& step) {
    std::string name;
    const int parent = open_parent(step.place, name);
    if (::symlinkat(step.source.c_str(), parent, name.c_str()) != 0) fail_at(step.place, "cannot make");
    ::close(parent);
}

void Stage::file(const StagingStep& step) {
    std::string name;
    const int parent = open_parent(step.place, name);
    const int made =
        ::openat(parent, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (made < 0) fail_at(step.place, "cannot make");
    struct stat status{};
    if (::fstat(step.descriptor, &status) != 0) fail("cannot read what is to stand in " + step.place);
    for (off_t done = 0; done < status.st_size;) {
        const auto left = static_cast<std::size_t>(status.st_size - done);
        if (::sendfile(made, step.descriptor, &done, left) <= 0) fail("cannot write " + step.place);
    }
    ::close(made);
    ::close(step.descriptor);
    ::close(parent);
}

void Stage::seal(const std::string& place) {
    const int there = open_existing(place);
    mount_attr changes{};
    changes.attr_set = MOUNT_ATTR_RDONLY;
    if (there < 0 || ::mount_setattr(there, "", AT_EMPTY_PATH, &changes, sizeof changes) != 0)
        fail("cannot seal " + place);
    ::close(there);
}

void Stage::mount_at(const std::string& place, const char* type, unsigned long flags,
                     const std::string& options) {
    const int target = open_or_make(place, true);
    const std::string path = "/proc/self/fd/" + std::to_string(target);
    if (::mount("ratchet", path.c_str(), type, flags, options.c_str()) != 0)
        fail_at(place, std::string("cannot mount ") + type + " at");
    ::close(target);
}

void Stage::keep(const std::string& upper) const {
    const int folder = open_place(upper);
    // Whatever happens to have the number itself would be lost.
    const int aside = folder < 0 ? -1 : ::fcntl(folder, F_DUPFD_CLOEXEC, first_free_descriptor);
    if (aside < 0) fail("cannot use " + upper);
    ::close(folder);
    if (::fcntl(upper_descriptor, F_GETFD) >= 0) {
        errno = EBUSY;
        fail("cannot use descriptor " + std::to_string(upper_descriptor));
    }
    if (::dup2(aside, upper_descriptor) < 0) fail("cannot use " + upper);
    ::close(aside);
}

int Stage::open_place(const std::string& place) const {
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    return static_cast<int>(::syscall(SYS_openat2, root_, place.c_str(), &how, sizeof how));
}

int Stage::open_existing(const std::string& place) const {
    const int there = open_place(place);
    if (there < 0 && errno != ENOENT) fail_at(place, "cannot use");
    return there;
}

int Stage::open_or_make(const std::string& place, bool folder) {
    const int there = open_existing(place);
    if (there >= 0) return there;
    std::string name;
    const int parent = open_parent(place, name);
    const int made =
        folder ? ::mkdirat(parent, name.c_str(), 0755) : ::mknodat(parent, name.c_str(), S_IFREG | 0644, 0);
    if (made != 0) fail_at(place, "cannot make");
    give_away(parent, name);
    ::close(parent);
    const int descriptor = open_place(place);
    if (descriptor < 0) fail_at(place, "cannot use");
    return descriptor;
}

int Stage::open_parent(const std::string& place, std::string& name) {
    const std::size_t slash = place.rfind('/');
    name = slash == std::string::npos ? place : place.substr(slash + 1);
    return slash == std::string::npos ? ::dup(root_) : open_or_make(place.substr(0, slash), true);
}

/// Only root can, and only root has to.
void Stage::give_away(int parent, const std::string& name) const {
    if (::geteuid() == 0 && ::fchownat(parent, name.c_str(), owner_, owner_, AT_SYMLINK_NOFOLLOW) != 0)
        fail("cannot give away " + name);
}

/// An overlay's root has the mode and the owner of its upper folder: those of the lower one are meant.
void Stage::look_like(const std::string& place, const std::string& model) {
    struct stat status{};
    const int lower = open_place(model);
    if (lower < 0 || ::fstat(lower, &status) != 0) fail("cannot use " + model);
    ::close(lower);
    ::fchmodat(root_, place.c_str(), status.st_mode & 07777, 0);
    // In a user namespace an owner that is not mapped cannot be set; it stays ours then.
    if (::fchownat(root_, place.c_str(), status.st_uid, status.st_gid, 0) != 0) return;
}

}  // namespace ratchet::init
