#include "sandbox/init/staging.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

#include "sandbox/init/stage.hpp"
#include "sandbox/init/watched.hpp"

namespace ratchet::init {
namespace {

using Kind = StagingStep::Kind;

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

void take_overlay(Arguments& arguments, StagingStep& step) {
    step.place = arguments.take("--overlay");
    for (long long count = arguments.take_number("--overlay"); count > 0; --count)
        step.lower.push_back(arguments.take("--overlay"));
    step.upper = arguments.take("--overlay");
    step.work = arguments.take("--overlay");
}

/// The mounts at the source of a bind, as they are now.
int clone_source(const StagingStep& step) {
    int source = ::open(step.source.c_str(), O_PATH | O_CLOEXEC);
    if (source < 0) fail(step.source);
    if (!step.below.empty()) {
        open_how how{};
        how.flags = O_PATH | O_CLOEXEC;
        how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
        const int below =
            static_cast<int>(::syscall(SYS_openat2, source, step.below.c_str(), &how, sizeof how));
        if (below < 0) fail(step.source + ", below it " + step.below);
        ::close(source);
        source = below;
    }
    const int mounts =
        ::open_tree(source, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
    // Out of the way of the descriptors that have fixed numbers.
    const int kept = mounts < 0 ? -1 : ::fcntl(mounts, F_DUPFD_CLOEXEC, first_free_descriptor);
    if (kept < 0) fail("cannot clone the mount of " + step.source);
    ::close(source);
    ::close(mounts);
    return kept;
}

bool is_bind(Kind kind) {
    return kind == Kind::bind || kind == Kind::bind_read_only || kind == Kind::bind_device;
}

}  // namespace

bool take_step(const std::string& option, Arguments& arguments, std::vector<StagingStep>& steps) {
    if (option == "--keep-upper" && !steps.empty()) {
        steps.back().keep_upper = true;
        return true;
    }
    constexpr std::pair<const char*, Kind> options[] = {
        {"--bind", Kind::bind},
        {"--ro-bind", Kind::bind_read_only},
        {"--ro-bind-below", Kind::bind_read_only},
        {"--dev-bind", Kind::bind_device},
        {"--overlay", Kind::overlay},
        {"--mask", Kind::mask},
        {"--protect", Kind::protect},
        {"--tmpfs", Kind::tmpfs},
        {"--terminals", Kind::terminals},
        {"--dir", Kind::folder},
        {"--symlink", Kind::link},
        {"--file", Kind::file},
        {"--seal", Kind::seal},
    };
    for (const auto& [name, kind] : options) {
        if (option != name) continue;
        StagingStep step;
        step.kind = kind;
        if (kind == Kind::overlay) {
            take_overlay(arguments, step);
        } else {
            if (is_bind(kind) || kind == Kind::link) step.source = arguments.take(name);
            if (option == "--ro-bind-below") step.below = arguments.take(name);
            if (kind == Kind::file) step.descriptor = static_cast<int>(arguments.take_number(name));
            if (kind == Kind::tmpfs) {
                step.bytes = arguments.take_number(name);
                step.mode = arguments.take(name);
            }
            step.place = arguments.take(name);
        }
        steps.push_back(std::move(step));
        return true;
    }
    return false;
}

void set_stage(const std::vector<StagingStep>& steps, long long bytes, uid_t owner) {
    make_namespaces();
    // Before the stage covers /tmp, which may be shown or lie above what is, and within the new namespace: a
    // mount of another one cannot be cloned.
    std::vector<int> sources;
    for (const StagingStep& step : steps)
        sources.push_back(is_bind(step.kind) ? clone_source(step) : -1);
    ::umask(0);
    Stage here(bytes, owner);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        here.take(steps[i], sources[i]);
        if (sources[i] >= 0) ::close(sources[i]);
    }
    ::umask(022);
}

}  // namespace ratchet::init
