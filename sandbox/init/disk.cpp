#include "sandbox/init/disk.hpp"

#include <ftw.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace ratchet::init {
namespace {

// A file's inode and its place in a folder take disk as well.
constexpr long long least_file_bytes = 4096;
// The tree is weighed each time that the file system has lost another quarter of the limit.
constexpr long long weighings = 4;

// nftw(3) takes a function without a context. This process has one thread, and weighs one tree.
timespec weighed_since;
long long weight;
long long enough;

int weigh(const char*, const struct stat* status, int, FTW*) {
    // A command can set every time of a file but this one.
    const bool changed =
        status->st_ctim.tv_sec > weighed_since.tv_sec ||
        (status->st_ctim.tv_sec == weighed_since.tv_sec && status->st_ctim.tv_nsec >= weighed_since.tv_nsec);
    if (changed) weight += std::max<long long>(512LL * status->st_blocks, least_file_bytes);
    return weight > enough ? 1 : 0;
}

/// What the files below take that were changed since then; stops counting beyond `most`.
long long bytes_written(const std::string& tree, const timespec& since, long long most) {
    weighed_since = since;
    weight = 0;
    enough = most;
    // FTW_CHDIR: paths may be longer than the kernel takes in one piece.
    ::nftw(tree.c_str(), weigh, 64, FTW_PHYS | FTW_CHDIR);
    return weight;
}

long long lost(unsigned long before, unsigned long now, unsigned long unit) {
    return before > now ? static_cast<long long>(before - now) * static_cast<long long>(unit) : 0;
}

}  // namespace

DiskWatch::DiskWatch(std::string tree, long long bytes) : tree_(std::move(tree)), bytes_(bytes) {
    if (bytes_ == 0) return;
    ::statvfs(tree_.c_str(), &before_);
    // The clock that files are stamped with: it goes in ticks, and so is never ahead of a stamp.
    ::clock_gettime(CLOCK_REALTIME_COARSE, &since_);
}

std::string DiskWatch::excess() {
    struct statvfs now{};
    if (bytes_ == 0 || ::statvfs(tree_.c_str(), &now) != 0) return {};
    const long long gone = std::max(lost(before_.f_bfree, now.f_bfree, now.f_frsize),
                                    lost(before_.f_ffree, now.f_ffree, least_file_bytes));
    if (gone > 2 * bytes_) return "file system";
    if (gone < weighed_at_ + bytes_ / weighings) return {};
    weighed_at_ = gone;
    if (bytes_written(tree_, since_, bytes_) > bytes_) return "tree";
    return {};
}

}  // namespace ratchet::init
