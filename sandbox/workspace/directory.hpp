#pragma once

// Files below a hostile folder, by descriptors only: no function here ever follows a symlink.

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/process/descriptor.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {

/// Throws MachineryError("<doing what>: <strerror>") for the current errno; NoRoom where the disk is full.
[[noreturn]] void throw_errno(const std::string& doing_what);

/// Makes a folder of our own, and those above it, where it is missing. Throws NoRoom, MachineryError.
void make_folders(const std::filesystem::path& folder);

/// Opens a folder of our own (its path is trusted).
Descriptor open_trusted_folder(const std::filesystem::path& path);
/// Opens the folder `name` in `parent`, giving the owner back the rights that were taken from it. Nothing
/// where there is no such folder or it is something else.
Descriptor open_folder(int parent, const std::string& name);
/// Gives the owner back the rights on a folder that were taken from it.
void open_up(int folder);
/// The same for a tree in a folder of ours, whatever ran in it. Throws MachineryError where there is none.
Descriptor open_worktree(const std::filesystem::path& path);
/// Opens a regular file for reading (never blocks on a FIFO), giving the owner the right to read back.
/// Nothing where it is no regular file.
Descriptor open_file(int parent, const std::string& name);
/// Names in the folder, sorted by bytes, without "." and "..". Where there are more than `most`, any so many.
std::vector<std::string> names_in(int folder, std::size_t most = std::numeric_limits<std::size_t>::max());
std::optional<struct stat> status_of(int parent, const std::string& name);
/// Where the symlink points; nothing where it cannot be read.
std::optional<std::string> link_target(int parent, const std::string& name);
/// The whole of an open file, of which at most `limit` bytes are taken.
std::string read_all(int file, std::uint64_t limit);
void write_all(int file, std::string_view bytes);
/// Extended attributes (access lists, notes to a later run) that a checkout does not make; a security
/// module's own labels do not count.
bool has_attributes(int file);
/// Takes them away, from a file or a folder, as far as the file system lets go of them.
void remove_attributes(int file);
/// Gives a folder and all that is in it to a user, however deep and odd it is. Only where nobody else is at
/// work in it. Nothing is followed.
void give_all(int folder, uid_t owner, gid_t group);
/// What the regular files below a folder hold, in bytes.
std::uint64_t bytes_below(int folder);
/// Removes a file or a folder with all that is in it, however deep and odd it is; the folder that holds it is
/// trusted. Nothing where it is not there.
void remove_tree(const std::filesystem::path& path);
/// The same, but what cannot be removed stays, for the next run to try again.
void try_to_remove_tree(const std::filesystem::path& path) noexcept;
/// Moves an entry of a hostile folder to a path of ours on the same file system, where nothing is yet; a
/// folder that its owner may not write to is opened to them first. False, with errno, where it cannot be
/// moved.
bool move_entry(int parent, const std::string& name, const std::filesystem::path& target);
/// Makes the folder's entries durable.
void sync_folder(const std::filesystem::path& folder);

/// Takes things away however deep, unreadable or oddly named they are. Folders are first moved into a folder
/// of our own on the same file system, and flattened there: no recursion, no long paths.
class Trash {
  public:
    /// `folder` is made when it is first needed; it must be on the file system of what is thrown away.
    explicit Trash(std::filesystem::path folder) : folder_(std::move(folder)) {}
    /// Removes `name` from `parent`: files at once, folders when empty() is called.
    void take(int parent, const std::string& name);
    /// Empties and removes the folder, also of what an earlier process left in it.
    void empty();

  private:
    void move(int parent, const std::string& name);
    void open();
    std::filesystem::path folder_;
    Descriptor descriptor_;
    std::uint64_t count_ = 0;
};

/// Goes from folder to folder below a root, keeping the way there open, so that a sorted list of paths costs
/// few system calls.
class FolderCursor {
  public:
    explicit FolderCursor(int root) : root_(root) {}
    /// The folder with this path ("" is the root, else "a/b"), or -1 where it is not there.
    int open(std::string_view path);
    /// The same, but makes what is missing and throws away what stands in the way.
    int make(std::string_view path, Trash& trash);

  private:
    int go(std::string_view path, Trash* trash);
    struct Level {
        std::string name;
        Descriptor folder;
    };
    int root_;
    std::vector<Level> levels_;
};

/// "a/b" of "a/b/c", and "c".
std::string_view folder_of(std::string_view path);
std::string_view name_of_path(std::string_view path);
/// "a/b" is below "a"; "a" and "ab" are not.
bool is_below(std::string_view folder, std::string_view path);

}  // namespace ratchet
