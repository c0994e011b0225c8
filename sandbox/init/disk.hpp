#pragma once

#include <sys/statvfs.h>
#include <time.h>

#include <string>

namespace ratchet::init {

/// Sees to it that a command does not fill the disk of a tree whose writes stay. Asking the file system what
/// is free costs next to nothing; only where it has lost much is the tree itself weighed.
class DiskWatch {
  public:
    /// From now on; `bytes` 0: nothing is watched.
    DiskWatch(std::string tree, long long bytes);

    [[nodiscard]] bool watches() const { return bytes_ > 0; }
    /// "tree": the files that the command changed take more than `bytes`, each at least 4 KiB. "file system":
    /// that has lost twice as much, for what was deleted and is still open cannot be weighed. Empty: neither.
    [[nodiscard]] std::string excess();

  private:
    std::string tree_;
    long long bytes_;
    struct statvfs before_{};
    timespec since_{};
    long long weighed_at_ = 0;  ///< bytes that were lost when it was weighed last
};

}  // namespace ratchet::init
