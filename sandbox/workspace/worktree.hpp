#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiment_store/experiment.hpp"
#include "sandbox/workspace/repository.hpp"

namespace ratchet {

struct CapturePolicy {
    std::vector<std::string>
        ignored;  ///< paths or folders that are never part of a proposal (outputs of [prepare], notes)
    std::size_t most_bytes = std::size_t{4} << 20;  ///< of the diff; more is too-large
    std::size_t most_files = 2000;
};

/// What an agent left in its worktree, as a diff; the worktree is hostile input.
struct CapturedDiff {
    std::string diff;
    std::vector<TouchedFile> files;
    std::string patch_id;
    std::optional<Rejection> refused;  ///< unsafe or too-large
    std::string reason;
};

struct WorktreeState;

/// A leased, reused, detached worktree below the campaign's folder. Git metadata is always that of the
/// repository itself, never what stands in the worktree's `.git`.
class Worktree {
  public:
    /// Leases the worktree of this name in `folder` (made at first use, repaired where it is damaged). It
    /// leaves no branch. A lease belongs to one process (the campaign's lock holds others off).
    static Worktree lease(Repository& repository, const std::filesystem::path& folder,
                          const std::string& campaign, const std::string& name);
    ~Worktree();
    Worktree(Worktree&&) noexcept;
    Worktree& operator=(Worktree&&) noexcept;

    [[nodiscard]] std::filesystem::path path() const;
    /// Makes the worktree equal to the commit: tracked files reset (contents, modes, symlinks), everything
    /// else removed (ignored files and nested repositories too) but for `keep` (folders, relative).
    void reset(const CommitId& commit, const std::vector<std::string>& keep = {});
    /// The difference between the worktree and `parent`; new files count, ignored ones (by the repository's
    /// own .gitignore) do not. Never follows a symlink, runs no filter, reads no global configuration.
    CapturedDiff capture(const CommitId& parent, const CapturePolicy& policy);
    /// Puts back the tracked files among `paths` (exact paths) as the commit has them; returns those that
    /// differed.
    std::vector<std::string> restore(const CommitId& commit, const std::vector<std::string>& paths);
    /// Applies a patch to the files of the worktree, all or nothing; false where it does not apply.
    bool apply(const std::string& diff);
    /// Takes the worktree and its metadata away for good.
    void remove();

  private:
    Worktree();
    std::unique_ptr<WorktreeState> state_;
};

}  // namespace ratchet
