#pragma once

// For the .cpp files of this folder only: it includes libgit2.

#include <string>
#include <string_view>

#include "sandbox/workspace/git_handle.hpp"
#include "sandbox/workspace/worktree.hpp"

namespace ratchet {

/// One file's patch with the policy's words in the headers of its hunks.
std::string with_hunk_headers(git_patch* patch, std::string_view text, const CapturePolicy& policy);

}  // namespace ratchet
