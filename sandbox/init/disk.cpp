#include "sandbox/init/disk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace ratchet::init {
namespace {

// A file's inode and its place in a folder take disk as well.
constexpr long long least_file_bytes = 4096;
// The tree is weighed each time that the file system has lost another quarter of the limit.
constexpr long long weighings = 4;

// Deeper than any build nests its folders, and not deeper than descriptors can be held open.
constexpr int most_depth = 200;

/// Adds up what was changed since then; ends as soon as there is enough to tell.
class Scales {
  public:
    Scales(const timespec& since, long long enough) : since_(since), enough_(enough) {}

    /// Takes the descriptor over. Nothing is followed; what cannot be read is not weighed.
    void put_on(int folder, int depth) {
        DIR* const entries = folder < 0 ? nullptr : ::fdopendir(folder);
        if (entries == nullptr) {
            if (folder >= 0) ::close(folder);
            return;
        }
        if (depth > most_depth) weight_ = enough_ + 1;
        while (weight_ <= enough_) {
            const dirent* const entry = ::readdir(entries);
            if (entry == nullptr) break;
            const std::string_view name = entry->d_name;
            struct stat status{};
            if (name == "." || name == ".." ||
                ::fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
                continue;
            if (is_changed(status))
                weight_ += std::max<long long>(512LL * status.st_blocks, least_file_bytes);
            if (S_ISDIR(status.st_mode)) {
                put_on(::openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                       depth + 1);
            }
        }
        ::closedir(entries);
    }
    [[nodiscard]] long long weight() const { return weight_; }

  private:
    /// A command can set every time of a file but this one.
    [[nodiscard]] bool is_changed(const struct stat& status) const {
        return status.st_ctim.tv_sec > since_.tv_sec ||
               (status.st_ctim.tv_sec == since_.tv_sec && status.st_ctim.tv_nsec >= since_.tv_nsec);
    }
    timespec since_;
    long long enough_;
    long long weight_ = 0;
};

/// What the files below take that were changed since then; stops counting beyond `most`.
long long bytes_written(const std::string& tree, const timespec& since, long long most) {
    Scales scales(since, most);
    scales.put_on(::open(tree.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0);
    return scales.weight();
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
