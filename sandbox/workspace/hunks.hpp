#pragma once

// For the .cpp files of this folder only: it includes libgit2.

#include <optional>
#include <string>
#include <string_view>

#include "sandbox/workspace/git_handle.hpp"

namespace ratchet {

/// Applies the text hunks of one file's patch as `git apply` does: a hunk whose lines have moved is found
/// again, at the place nearest to where it was, in order, with all of its context. (libgit2 itself takes
/// hunks only exactly where they say.) Nothing where a hunk finds no place.
std::optional<std::string> apply_hunks(git_patch* patch, std::string_view text);

}  // namespace ratchet
