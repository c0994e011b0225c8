#include "sandbox/workspace/directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fmt/core.h>

#include "experiment_store/crash_point.hpp"
#include "experiment_store/errors.hpp"

namespace ratchet {
namespace {

constexpr std::size_t most_at_once = 100'000;
constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

/// glibc changes the mode of the entry itself, or fails for a symlink; it never follows one.
bool change_mode(int parent, const std::string& name, mode_t mode) {
    return ::fchmodat(parent, name.c_str(), mode, AT_SYMLINK_NOFOLLOW) == 0;
}

}  // namespace

void throw_errno(const std::string& doing_what) {
    const int reason = errno;
    const std::string text = fmt::format("{}: {}", doing_what, std::strerror(reason));
    if (means_no_room(reason)) throw NoRoom(text);
    throw MachineryError(text);
}

void make_folders(const std::filesystem::path& folder) {
    std::error_code failed;
    if (std::filesystem::is_directory(folder, failed)) return;
    const DurableStep step("folder/make");
    std::filesystem::create_directories(folder, failed);
    if (!failed) return;
    errno = failed.value();
    throw_errno("making " + printable(folder.native()));
}

Descriptor open_trusted_folder(const std::filesystem::path& path) {
    Descriptor folder(::open(path.c_str(), folder_flags));
    if (!folder) throw_errno(fmt::format("opening the folder {}", printable(path.native())));
    return folder;
}

void open_up(int folder) {
    struct stat status = {};
    if (::fstat(folder, &status) == 0 && (status.st_mode & S_IRWXU) != S_IRWXU) {
        ::fchmod(folder, status.st_mode | S_IRWXU);  // where it fails, the next step says so
    }
}

Descriptor open_worktree(const std::filesystem::path& path) {
    const Descriptor parent = open_trusted_folder(path.parent_path());
    Descriptor tree = open_folder(parent.get(), path.filename().string());
    if (!tree) throw_errno(fmt::format("opening the folder {}", printable(path.native())));
    return tree;
}

Descriptor open_folder(int parent, const std::string& name) {
    int number = ::openat(parent, name.c_str(), folder_flags);
    if (number < 0 && errno == EACCES && change_mode(parent, name, S_IRWXU)) {
        number = ::openat(parent, name.c_str(), folder_flags);
    }
    if (number < 0 && errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
        throw_errno(fmt::format("opening the folder {}", printable(name)));
    }
    Descriptor folder(number);
    if (folder) open_up(number);
    return folder;
}

Descriptor open_file(int parent, const std::string& name) {
    constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int number = ::openat(parent, name.c_str(), flags);
    if (number < 0 && errno == EACCES && change_mode(parent, name, S_IRUSR | S_IWUSR)) {
        number = ::openat(parent, name.c_str(), flags);
    }
    if (number < 0 && errno != ENOENT && errno != ENOTDIR && errno != ELOOP && errno != ENXIO) {
        throw_errno(fmt::format("opening the file {}", printable(name)));
    }
    Descriptor file(number);
    struct stat status = {};
    if (file && (::fstat(number, &status) != 0 || !S_ISREG(status.st_mode))) return {};
    return file;
}

std::vector<std::string> names_in(int folder, std::size_t most) {
    const int again = ::openat(folder, ".", folder_flags);
    if (again < 0) throw_errno("reading a folder");
    const std::unique_ptr<DIR, CloseFolder> stream(::fdopendir(again));  // which owns `again` from now on
    if (!stream) throw_errno("reading a folder");
    std::vector<std::string> names;
    while (const dirent* entry = names.size() < most ? ::readdir(stream.get()) : nullptr) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::optional<struct stat> status_of(int parent, const std::string& name) {
    struct stat status = {};
    if (::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return status;
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw_errno(fmt::format("looking at {}", printable(name)));
}

std::optional<std::string> link_target(int parent, const std::string& name) {
    std::string target(PATH_MAX, '\0');
    const ssize_t length = ::readlinkat(parent, name.c_str(), target.data(), target.size());
    if (length < 0) return std::nullopt;
    target.resize(static_cast<std::size_t>(length));
    return target;
}

std::string read_all(int file, std::uint64_t limit) {
    struct stat status = {};
    if (::fstat(file, &status) != 0) throw_errno("reading a file");
    std::string bytes(std::min(limit, static_cast<std::uint64_t>(status.st_size)), '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t count = ::read(file, bytes.data() + done, bytes.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw_errno("reading a file");
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    bytes.resize(done);
    return bytes;
}

void write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(file, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw_errno("writing a file");
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

void sync_folder(const std::filesystem::path& folder) {
    const Descriptor descriptor = open_trusted_folder(folder);
    if (::fsync(descriptor.get()) != 0) throw_errno(fmt::format("syncing {}", printable(folder.native())));
}

namespace {

/// The names of the attributes that a checkout does not make.
std::vector<std::string> attributes_of(int file) {
    std::string names(XATTR_LIST_MAX, '\0');
    const ssize_t length = ::flistxattr(file, names.data(), names.size());
    names.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    std::vector<std::string> found;
    for (std::string_view rest = names; !rest.empty();) {
        const std::string_view name = rest.substr(0, rest.find('\0'));
        if (!name.starts_with("security.")) found.emplace_back(name);
        rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    }
    return found;
}

/// Calls `change` for each entry of a folder and of those below it, the folders before what is in them. One
/// descriptor is open at a time, whatever the depth: ".." leads back, so nobody else may be at work there.
template <typename Change>
void for_each_below(int root, const Change& change) {
    struct Level {
        std::vector<std::string> names;
        std::size_t next = 0;
    };
    Descriptor folder(::openat(root, ".", folder_flags));
    if (!folder) throw_errno("reading a folder");
    std::vector<Level> levels;
    levels.push_back({names_in(folder.get()), 0});
    while (true) {
        Level& level = levels.back();
        if (level.next == level.names.size()) {
            levels.pop_back();
            if (levels.empty()) return;
            folder = Descriptor(::openat(folder.get(), "..", folder_flags));
            if (!folder) throw_errno("reading a folder");
            continue;
        }
        const std::string& name = level.names[level.next++];
        const auto status = status_of(folder.get(), name);
        if (!status) continue;
        change(folder.get(), name, *status);
        if (!S_ISDIR(status->st_mode)) continue;
        if (Descriptor inner = open_folder(folder.get(), name)) {
            folder = std::move(inner);
            levels.push_back({names_in(folder.get()), 0});
        }
    }
}

}  // namespace

bool has_attributes(int file) {
    return !attributes_of(file).empty();
}

void remove_attributes(int file) {
    for (const std::string& name : attributes_of(file))
        ::fremovexattr(file, name.c_str());  // some file systems keep theirs
}

void give_all(int folder, uid_t owner, gid_t group) {
    if (::fchown(folder, owner, group) != 0) throw_errno("giving a folder away");
    for_each_below(folder, [&](int parent, const std::string& name, const struct stat& status) {
        if (status.st_uid == owner && status.st_gid == group) return;
        if (::fchownat(parent, name.c_str(), owner, group, AT_SYMLINK_NOFOLLOW) != 0)
            throw_errno(fmt::format("giving {} away", printable(name)));
    });
}

std::uint64_t bytes_below(int folder) {
    std::uint64_t bytes = 0;
    for_each_below(folder, [&](int, const std::string&, const struct stat& status) {
        if (S_ISREG(status.st_mode)) bytes += static_cast<std::uint64_t>(status.st_size);
    });
    return bytes;
}

void remove_tree(const std::filesystem::path& path) {
    std::filesystem::path place = path;
    place += ".removed";
    Trash trash(place);
    trash.empty();  // what a killed process left
    std::error_code ignored;
    if (!std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) return;
    const DurableStep step("tree/remove");
    trash.take(open_trusted_folder(path.parent_path()).get(), path.filename().string());
    trash.empty();
}

void try_to_remove_tree(const std::filesystem::path& path) noexcept {
    try {
        remove_tree(path);
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    }
}

void Trash::open() {
    if (descriptor_) return;
    std::error_code ignored;
    std::filesystem::create_directories(folder_, ignored);
    descriptor_ = open_trusted_folder(folder_);
}

bool move_entry(int parent, const std::string& name, const std::filesystem::path& target) {
    if (::renameat(parent, name.c_str(), AT_FDCWD, target.c_str()) == 0) return true;
    // Moving a folder writes its "..": that needs the right to write in it.
    return errno == EACCES && change_mode(parent, name, S_IRWXU) &&
           ::renameat(parent, name.c_str(), AT_FDCWD, target.c_str()) == 0;
}

void Trash::move(int parent, const std::string& name) {
    const DurableStep step("worktree/throw away");
    open();
    while (true) {
        const std::string place = std::to_string(count_++);
        if (status_of(descriptor_.get(), place)) continue;
        if (move_entry(parent, name, folder_ / place)) return;
        throw_errno(fmt::format("removing {}", printable(name)));
    }
}

void Trash::take(int parent, const std::string& name) {
    if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return;
    if (errno != EISDIR && errno != EPERM) throw_errno(fmt::format("removing {}", printable(name)));
    if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0) return;
    move(parent, name);
}

void Trash::empty() {
    if (!descriptor_ && !std::filesystem::exists(folder_)) return;
    const DurableStep step("worktree/empty the trash");
    open();
    for (auto names = names_in(descriptor_.get()); !names.empty(); names = names_in(descriptor_.get())) {
        for (const std::string& name : names) {
            if (const Descriptor folder = open_folder(descriptor_.get(), name)) {
                // Not all at once: there may be millions.
                for (auto some = names_in(folder.get(), most_at_once); !some.empty();
                     some = names_in(folder.get(), most_at_once)) {
                    for (const std::string& inner : some)
                        take(folder.get(), inner);
                }
                if (::unlinkat(descriptor_.get(), name.c_str(), AT_REMOVEDIR) != 0) {
                    throw_errno(fmt::format("removing {}", printable(name)));
                }
            } else if (::unlinkat(descriptor_.get(), name.c_str(), 0) != 0) {
                throw_errno(fmt::format("removing {}", printable(name)));
            }
        }
    }
    descriptor_ = Descriptor();
    count_ = 0;
    std::filesystem::remove(folder_);
}

int FolderCursor::open(std::string_view path) {
    return go(path, nullptr);
}

int FolderCursor::make(std::string_view path, Trash& trash) {
    return go(path, &trash);
}

int FolderCursor::go(std::string_view path, Trash* trash) {
    std::size_t depth = 0;
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        const std::string name(path.substr(0, slash));
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
        if (depth < levels_.size() && levels_[depth].name == name) {
            ++depth;
            continue;
        }
        levels_.resize(depth);
        const int parent = depth == 0 ? root_ : levels_.back().folder.get();
        Descriptor folder = open_folder(parent, name);
        if (!folder && trash == nullptr) return -1;
        if (!folder) {
            trash->take(parent, name);
            if (::mkdirat(parent, name.c_str(), 0755) != 0)
                throw_errno(fmt::format("making {}", printable(name)));
            folder = open_folder(parent, name);
            if (!folder || ::fchmod(folder.get(), 0755) != 0)
                throw_errno(fmt::format("making {}", printable(name)));
        }
        levels_.push_back({name, std::move(folder)});
        ++depth;
    }
    levels_.resize(depth);
    return depth == 0 ? root_ : levels_.back().folder.get();
}

std::string_view folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view name_of_path(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_below(std::string_view folder, std::string_view path) {
    return path.size() > folder.size() && path[folder.size()] == '/' && path.starts_with(folder);
}

}  // namespace ratchet
