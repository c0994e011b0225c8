#pragma once

#include <filesystem>
#include <string>

#include "sandbox/workspace/directory.hpp"

namespace ratchet {

/// What git keeps of a linked worktree, below <common directory>/worktrees, as gitrepository-layout(5) has
/// it. Made by hand: git's own way checks files out, takes a hundred times longer, and leaves a branch.
class LeaseMetadata {
  public:
    /// Finds or makes the metadata of the worktree at `worktree`. It is locked, so that the user's `git
    /// worktree prune` leaves it alone. A worktree of the user's that happens to have the name is not
    /// touched.
    LeaseMetadata(const std::filesystem::path& common, std::filesystem::path worktree,
                  const std::string& campaign, const std::string& name);

    /// Why it is locked, as it stands in the metadata, with its newline.
    static std::string reason(const std::string& name, const std::string& campaign);
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    /// What the worktree's `.git` file must contain.
    [[nodiscard]] std::string pointer() const;
    /// Writes anew whatever is missing or wrong; HEAD becomes this commit, detached.
    void repair(const std::string& head) const;
    /// Away at once, into `trash`.
    void remove(Trash& trash) const;

  private:
    [[nodiscard]] bool is_ours(const std::filesystem::path& folder) const;
    /// Makes the folder where there is none, takes out of it what is not git's, and locks it.
    void lock() const;

    std::filesystem::path worktree_;
    std::filesystem::path folder_;
    std::string reason_;  ///< of the lock; it also tells ours from others'
};

}  // namespace ratchet
