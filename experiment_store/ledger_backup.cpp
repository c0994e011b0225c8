#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string_view>

#include "experiment_store/ledger_implementation.hpp"
#include "experiment_store/migrations.hpp"

// A copy of the ledger that is whole and on the disk, or not there at all.

namespace ratchet {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void cannot(const std::string& doing, const fs::path& file) {
    throw UserError(fmt::format("cannot {} {}: {}", doing, file.string(), std::strerror(errno)),
                    "Choose a folder that you may write to and that has room.");
}

void sync_to_disk(const fs::path& path, int flags) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
    if (descriptor < 0) cannot("open", path);
    const int result = ::fsync(descriptor);
    const int error = errno;
    ::close(descriptor);
    errno = error;
    if (result != 0) cannot("write to the disk", path);
}

/// The header of an SQLite file says whose it is (at 68) and how it is written (at 19): a ledger in use has a
/// write-ahead log (2), a backup has none (1). So a ledger in use is never taken for a backup.
bool looks_like_backup(const fs::path& file) {
    constexpr std::size_t read_version = 19;
    constexpr std::size_t application = 68;
    std::array<unsigned char, 100> header{};
    std::ifstream stream(file, std::ios::binary);
    if (!stream.read(reinterpret_cast<char*>(header.data()), header.size())) return false;
    unsigned id = 0;
    for (std::size_t i = 0; i < 4; ++i)
        id = id << 8U | header.at(application + i);
    return id == static_cast<unsigned>(ledger_application_id) && header.at(read_version) == 1;
}

/// The campaign of a ledger of any version: all of them have this.
std::optional<std::string> campaign_in(const fs::path& file) {
    try {
        return Database(file, Database::Mode::read_only).value<std::string>("SELECT name FROM campaign");
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

void require_older_backup(const fs::path& file, const std::optional<std::string>& campaign) {
    std::error_code failed;
    const bool regular = fs::is_regular_file(fs::symlink_status(file, failed));
    if (regular && looks_like_backup(file) && campaign && campaign_in(file) == campaign) return;
    throw UserError(
        fmt::format("{} is not a backup of this campaign's ledger and is left as it is", file.string()),
        "Choose another name: --force replaces an older backup of the same campaign, and nothing else.");
}

/// Where the copy grows. It is ours alone: two backups into one file must not write into each other's copy.
class UnfinishedCopy {
  public:
    explicit UnfinishedCopy(fs::path file)
        : file_(std::move(file)),
          descriptor_(::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644)) {
        if (descriptor_ < 0) cannot("make", file_);
        try {
            take();
        } catch (...) {
            ::close(descriptor_);
            throw;
        }
    }
    /// What was not given its name is nobody's.
    ~UnfinishedCopy() {
        std::error_code ignored;
        if (!named_) fs::remove(file_, ignored);
        ::close(descriptor_);
    }
    UnfinishedCopy(const UnfinishedCopy&) = delete;
    UnfinishedCopy& operator=(const UnfinishedCopy&) = delete;

    [[nodiscard]] const fs::path& file() const { return file_; }

    /// Without `replace` only where nothing has that name by now.
    void rename_to(const fs::path& to, bool replace) {
        constexpr unsigned no_replace = 1;  // RENAME_NOREPLACE
        named_ = ::renameat2(AT_FDCWD, file_.c_str(), AT_FDCWD, to.c_str(), replace ? 0U : no_replace) == 0;
        // A file system that cannot promise it: then look, and rename.
        if (!named_ && errno == EINVAL && ::access(to.c_str(), F_OK) != 0)
            named_ = ::rename(file_.c_str(), to.c_str()) == 0;
        if (!named_) cannot("make", to);
    }

  private:
    void take() const {
        // Some network file systems cannot lock; a backup there is worth more than the lock.
        const bool busy = ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
        struct stat ours = {};
        struct stat named = {};
        // Whoever had the lock until now may have given the file its name since it was opened here.
        const bool gone = ::fstat(descriptor_, &ours) != 0 || ::lstat(file_.c_str(), &named) != 0 ||
                          ours.st_ino != named.st_ino || ours.st_dev != named.st_dev;
        if (busy || gone) {
            throw UserError(fmt::format("another backup is being written to {}", file_.string()),
                            "Wait for its end, or choose another name.");
        }
        if (!S_ISREG(ours.st_mode) || !may_be_of_a_killed_one(ours.st_size)) {
            throw UserError(
                fmt::format("{}, where the copy would grow, is something else and is left as it is",
                            file_.string()),
                "Choose another name for the backup, or move that file away.");
        }
        std::error_code ignored;
        fs::remove(file_.string() + "-journal", ignored);
        if (::ftruncate(descriptor_, 0) != 0) cannot("write", file_);
    }

    [[nodiscard]] bool may_be_of_a_killed_one(off_t size) const {
        constexpr std::string_view magic("SQLite format 3\0", 16);
        std::array<char, magic.size()> start{};
        if (size == 0) return true;
        return ::pread(descriptor_, start.data(), start.size(), 0) == static_cast<ssize_t>(start.size()) &&
               std::string_view(start.data(), start.size()) == magic;
    }

    fs::path file_;
    int descriptor_ = -1;
    bool named_ = false;
};

}  // namespace

void Ledger::backup(const fs::path& file, bool replace) const {
    const Database& database = implementation_->database;
    std::error_code failed;
    const bool taken = fs::exists(fs::symlink_status(file, failed));
    if (taken && !replace) {
        throw UserError(fmt::format("there is a file {} already", file.string()),
                        "Choose another name; --force replaces an older backup of the same campaign.");
    }
    if (taken) {
        require_older_backup(file, implementation_->database.value<std::string>("SELECT name FROM campaign"));
    }
    UnfinishedCopy unfinished(file.string() + ".unfinished");
    {
        Database copy(unfinished.file(), Database::Mode::read_write);
        database.copy_to(copy);
        // A damaged copy must not take the place of an older one that is whole.
        const auto state = copy.value<std::string>("PRAGMA integrity_check(1)");
        if (state != "ok") {
            throw DamagedLedger(fmt::format("the ledger is damaged and was not copied: {}",
                                            state->substr(0, state->find('\n'))));
        }
        copy.script("PRAGMA journal_mode = DELETE");  // one file, which needs nothing beside it
    }
    sync_to_disk(unfinished.file(), 0);
    unfinished.rename_to(file, replace);
    sync_to_disk(file.has_parent_path() ? file.parent_path() : ".", O_DIRECTORY);
}

}  // namespace ratchet
