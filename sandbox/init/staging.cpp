#include "sandbox/init/staging.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sandbox/init/failure.hpp"
#include "sandbox/init/report.hpp"
#include "sandbox/init/watched.hpp"

namespace ratchet::init {
namespace {

void write_file(const char* file, const std::string& text) {
    const int descriptor = ::open(file, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0 || ::write(descriptor, text.data(), text.size()) < 0) fail(file);
    ::close(descriptor);
}

void make_namespaces() {
    const uid_t uid = ::getuid();
    const gid_t gid = ::getgid();
    if (uid == 0) {
        if (::unshare(CLONE_NEWNS) != 0) fail("cannot make a mount namespace");
    } else {
        if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) fail("cannot make a user namespace");
        write_file("/proc/self/setgroups", "deny");
        write_file("/proc/self/uid_map", std::to_string(uid) + " " + std::to_string(uid) + " 1");
        write_file("/proc/self/gid_map", std::to_string(gid) + " " + std::to_string(gid) + " 1");
    }
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) fail("cannot make mounts private");
}

/// What the tree holds where something has to be mounted is the command's own doing: such a run did not
/// start, which is a result. Everything else is a failure of ours.
[[noreturn]] void fail_at(const std::string& place, const std::string& what) {
    if (place == "tree" || place.starts_with("tree/")) {
        report("{\"ending\":\"not-started\",\"error\":" +
               quoted(what + " " + place.substr(0, 500) + ": " + std::strerror(errno)) + "}");
        _exit(125);
    }
    fail(what + " " + place);
}

class Stage {
  public:
    Stage(long long bytes, uid_t owner) : owner_(owner) {
        // An inode costs about 1 KiB of the kernel's memory: with this many, not more than the data itself
        // may.
        const std::string options =
            "mode=0755,size=" + std::to_string(bytes) + ",nr_inodes=" + std::to_string(bytes / 1024 + 1024);
        if (::mount("ratchet", stage, "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0)
            fail("cannot mount tmpfs");
        root_ = ::open(stage, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root_ < 0) fail(stage);
    }

    void bind(int source, const std::string& place, bool read_only) {
        const int tree =
            ::open_tree(source, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
        if (tree < 0) fail("cannot clone the mount for " + place);
        mount_attr attributes{};
        attributes.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (read_only ? MOUNT_ATTR_RDONLY : 0U);
        if (::mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) != 0) {
            fail("cannot restrict the mount for " + place);
        }
        const int target = open_or_make(place, is_folder(source));
        if (::move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0) {
            fail_at(place, "cannot mount at");
        }
        ::close(target);
        ::close(tree);
    }

    void mask(const std::string& place) {
        const int there = open_existing(place);
        if (there < 0) return;
        const bool folder = is_folder(there);
        ::close(there);
        const int source = open_or_make(folder ? "empty-folder" : "empty-file", folder);
        bind(source, place, true);
        ::close(source);
    }

    void protect(const std::string& place) {
        const int there = open_existing(place);
        if (there < 0) return;
        bind(there, place, true);
        ::close(there);
    }

    void overlay(const StagingStep& step) {
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
        std::string options = "lowerdir=" + lower + ",upperdir=" + path_of(upper) +
                              ",workdir=" + path_of(work) + ",index=off,metacopy=off,volatile";
        options += ::getuid() == 0 ? ",redirect_dir=off" : ",userxattr";
        const int target = open_or_make(step.place, true);
        const std::string path = "/proc/self/fd/" + std::to_string(target);
        if (::mount("ratchet", path.c_str(), "overlay", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
            fail_at(step.place, "cannot mount an overlay at");
        }
        ::close(target);
        if (step.keep_upper) keep(upper);
    }

  private:
    static bool is_folder(int descriptor) {
        struct stat status{};
        return ::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
    }

    /// As an overlay's option has it: separators escaped.
    static std::string path_of(const std::string& place) {
        std::string result = std::string(stage) + "/";
        for (const char c : place) {
            if (c == ':' || c == ',' || c == '\\') result += '\\';
            result += c;
        }
        return result;
    }

    void keep(const std::string& upper) const {
        const int folder = open_place(upper);
        if (folder < 0 || ::dup2(folder, upper_descriptor) < 0) fail("cannot use " + upper);
        ::close(folder);
    }

    int open_place(const std::string& place) const {
        open_how how{};
        how.flags = O_PATH | O_CLOEXEC;
        how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
        return static_cast<int>(::syscall(SYS_openat2, root_, place.c_str(), &how, sizeof how));
    }

    /// -1 where nothing is there.
    int open_existing(const std::string& place) const {
        const int there = open_place(place);
        if (there < 0 && errno != ENOENT) fail_at(place, "cannot use");
        return there;
    }

    int open_or_make(const std::string& place, bool folder) {
        const int there = open_place(place);
        if (there >= 0) return there;
        if (errno != ENOENT) fail_at(place, "cannot use");
        const std::size_t slash = place.rfind('/');
        const int parent =
            slash == std::string::npos ? ::dup(root_) : open_or_make(place.substr(0, slash), true);
        const std::string name = slash == std::string::npos ? place : place.substr(slash + 1);
        const int made = folder ? ::mkdirat(parent, name.c_str(), 0755)
                                : ::mknodat(parent, name.c_str(), S_IFREG | 0644, 0);
        if (made != 0) fail_at(place, "cannot make");
        // Only root can give it away, and only root has to.
        if (::geteuid() == 0 && ::fchownat(parent, name.c_str(), owner_, owner_, AT_SYMLINK_NOFOLLOW) != 0) {
            fail("cannot give away " + place);
        }
        ::close(parent);
        const int descriptor = open_place(place);
        if (descriptor < 0) fail_at(place, "cannot use");
        return descriptor;
    }

    /// An overlay's root has the mode and the owner of its upper folder: those of the lower one are meant.
    void look_like(const std::string& place, const std::string& model) {
        struct stat status{};
        const int lower = open_place(model);
        if (lower < 0 || ::fstat(lower, &status) != 0) fail("cannot use " + model);
        ::close(lower);
        ::fchmodat(root_, place.c_str(), status.st_mode & 07777, 0);
        // In a user namespace an owner that is not mapped cannot be set; it stays ours then.
        if (::fchownat(root_, place.c_str(), status.st_uid, status.st_gid, 0) != 0) return;
    }

    uid_t owner_;
    int root_ = -1;
    int overlays_ = 0;
};

}  // namespace

void set_stage(const std::vector<StagingStep>& steps, long long bytes, uid_t owner) {
    make_namespaces();
    // Opened before the stage covers /tmp, where sources may lie, and within the new namespace: a mount of
    // another one cannot be cloned.
    std::vector<int> sources;
    for (const StagingStep& step : steps) {
        const bool needed =
            step.kind == StagingStep::Kind::bind || step.kind == StagingStep::Kind::bind_read_only;
        sources.push_back(needed ? ::open(step.source.c_str(), O_PATH | O_CLOEXEC) : -1);
        if (needed && sources.back() < 0) fail(step.source);
    }
    ::umask(0);
    Stage here(bytes, owner);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const StagingStep& step = steps[i];
        switch (step.kind) {
            case StagingStep::Kind::bind:
                here.bind(sources[i], step.place, false);
                break;
            case StagingStep::Kind::bind_read_only:
                here.bind(sources[i], step.place, true);
                break;
            case StagingStep::Kind::overlay:
                here.overlay(step);
                break;
            case StagingStep::Kind::mask:
                here.mask(step.place);
                break;
            case StagingStep::Kind::protect:
                here.protect(step.place);
                break;
        }
        if (sources[i] >= 0) ::close(sources[i]);
    }
    ::umask(022);
}

}  // namespace ratchet::init
