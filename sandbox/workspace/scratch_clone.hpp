#pragma once

#include <filesystem>
#include <string>

#include "sandbox/workspace/repository.hpp"

namespace ratchet {

/// The user's repository once more, with its HEAD checked out and detached, to try things in: what happens in
/// it reaches nothing of the user's. It has no branches, no remotes and none of the user's configuration;
/// objects, those of submodules and of Git LFS are further names of the same files (git never changes one in
/// place), or copies where the folder is on another file system.
class ScratchClone {
  public:
    /// `folder` is an empty one of the caller's, and the caller's to take away. Throws UserError where the
    /// repository cannot be cloned.
    ScratchClone(const Repository& repository, std::filesystem::path folder);

    [[nodiscard]] const std::filesystem::path& root() const { return folder_; }
    /// Makes HEAD the user's commit with this one file in it, also in the checkout, and takes all branches
    /// and other references away that came to be here. `file` is relative to the root.
    void commit_file(const std::filesystem::path& file, const std::string& text) const;

  private:
    std::filesystem::path folder_;
    CommitId base_;
};

}  // namespace ratchet
