#pragma once

// What a name in a worktree means to git and to other file systems. Names are any bytes but NUL and '/'.

#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// True for `.git` and for the names that other file systems take for it (case, trailing dots and spaces,
/// `git~1`, streams, characters that HFS+ skips).
bool is_git_name(std::string_view name);

/// True for files that change what git does with other files or where it gets them from (`.gitattributes`,
/// `.gitmodules`, `.lfsconfig`), by any name that a file system takes for theirs.
bool is_steering_file(std::string_view name);

/// Why a new file or folder must not have this name, in a few words ("has a name with ..."); empty: it may.
/// A name is refused where it cannot be shown (control and invisible characters, bytes that are no UTF-8) or
/// where another system reads it as something else (a backslash, a colon, a dot or a space at the end).
std::string problem_with_name(std::string_view name);

/// True where a folder with these entries is a git directory to git, though it is not called `.git`: a bare
/// repository, whose configuration git obeys for whoever enters the folder.
bool is_git_directory(const std::vector<std::string>& names);

/// Equal for paths that some file system takes for one: without case, in one normal form of Unicode, and
/// without characters that are ignored (Unicode's default caseless matching, Unicode 15, 3.13). Slashes stay.
std::string folded_path(std::string_view path);

}  // namespace ratchet
