#include "sandbox/init/watched.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace ratchet::init {
namespace {

enum class Presence { absent, present, unclear };

/// Without following a symlink on the way: the tree is hostile.
Presence presence(int folder, const std::string& path) {
    open_how how{};
    how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const int there = static_cast<int>(::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how));
    if (there < 0) return errno == ENOENT ? Presence::absent : Presence::unclear;
    ::close(there);
    return Presence::present;
}

std::string content(int descriptor) {
    struct stat status{};
    if (::fstat(descriptor, &status) != 0) return {};
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t count =
            ::pread(descriptor, text.data() + done, text.size() - done, static_cast<off_t>(done));
        if (count <= 0) break;
        done += static_cast<std::size_t>(count);
    }
    text.resize(done);
    return text;
}

}  // namespace

std::string first_altered(int list, int upper, int tree) {
    const std::string paths = content(list);
    // Most runs write nothing into the folders that are watched: one look at the top folder tells.
    std::string top;
    bool top_is_untouched = false;
    for (std::size_t begin = 0; begin < paths.size();) {
        const std::size_t end = paths.find('\0', begin);
        if (end == std::string::npos) break;
        const std::string path = paths.substr(begin, end - begin);
        begin = end + 1;
        const std::string path_top = path.substr(0, path.find('/'));
        if (path_top != top) {
            top = path_top;
            top_is_untouched = presence(upper, top) == Presence::absent;
        }
        if (top_is_untouched) continue;
        // Gone from the tree without a mark of its own: a folder above it was removed and made anew.
        if (presence(upper, path) != Presence::absent || presence(tree, path) != Presence::present)
            return path;
    }
    return {};
}

}  // namespace ratchet::init
