#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiment_store/changed_lines.hpp"
#include "experiment_store/experiment.hpp"
#include "sandbox/workspace/repository.hpp"

namespace ratchet {

/// Says of a path, relative to the tree, whether it is meant.
using PathRule = std::function<bool(std::string_view)>;

/// What the headers of a file's hunks shall say behind their ranges, one text a hunk: of its path, its
/// content before and after, and its changes. At most 74 bytes each, without a line feed. Nothing: they stay
/// as they are.
using HunkHeaders = std::function<std::optional<std::vector<std::string>>(
    std::string_view path, std::string_view before, std::string_view after,
    const std::vector<ChangedLines>& hunks)>;

struct CapturePolicy {
    std::vector<std::string>
        ignored;  ///< paths or folders that are never part of a proposal (outputs of [prepare], notes)
    std::size_t most_bytes = std::size_t{4} << 20;  ///< of the diff; more is too-large
    std::size_t most_files = 2000;
    /// Files and folders that are looked at, ignored ones too, besides those of the commit.
    std::size_t most_entries = 200'000;
    HunkHeaders hunk_headers;  ///< none: as libgit2 writes them
};

/// What an agent left in its worktree, as a diff; the worktree is hostile input.
///
/// Never part of it, without a word: FIFOs, sockets, devices, set-uid bits, extended attributes, empty
/// folders, what .gitignore files hide, and new files inside a submodule.
///
/// Refused as unsafe: a symlink that leads out of the tree (absolute, too many "..", ".." behind a name, into
/// a .git, through one of the commit's that leads out); a nested git repository, also a bare one, and any
/// name that some file system takes for ".git"; a changed or removed .gitattributes, .gitmodules or
/// .lfsconfig, which steer what git does with other files; a new name that cannot be shown, that other
/// systems read otherwise, or that some file system takes for another file's; a changed tracked file of a
/// submodule, since it cannot travel; what no patch gives back.
///
/// Refused as too-large: what exceeds the policy; a file that is, or has grown by, more than the policy's
/// bytes; 256 MiB of changed files to be read; folders nested deeper than 200; paths longer than 4,000 bytes;
/// .gitignore files of 64 MiB, or such as take minutes to be matched.
struct CapturedDiff {
    std::string diff;  ///< as `git diff --binary --full-index --no-renames`; empty where refused
    std::vector<TouchedFile> files;  ///< sorted by path
    /// As `git patch-id --stable` (which does not see white space); where binary files changed, a hash that
    /// also covers their contents. Empty where the diff is.
    std::string patch_id;
    std::optional<Rejection> refused;  ///< unsafe or too-large
    std::string reason;                ///< one line, safe to be shown
};

struct WorktreeState;

/// A leased, reused, detached worktree below the campaign's folder. Git metadata is always that of the
/// repository itself, never what stands in the worktree's `.git`, which is there for the git commands that an
/// agent runs. Line ends are converted as the commit's own .gitattributes and the repository's configuration
/// say; Git LFS objects and submodules are taken from the local git directory; no filter is ever run.
///
/// All functions throw MachineryError where the file system or the repository fails. The repository must
/// outlive the lease.
class Worktree {
  public:
    /// Leases the worktree `folder`/`name` (made at first use, repaired where it is damaged). It
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
    /// The difference between the worktree and `parent`, which gives back exactly what stands there
    /// (checked); new files count, ignored ones (by the repository's own .gitignore) do not. Never follows a
    /// symlink, runs no filter, reads no global configuration.
    CapturedDiff capture(const CommitId& parent, const CapturePolicy& policy);
    /// Makes the guarded paths as the commit has them, whatever a build did: its files are put back where
    /// contents, mode, attributes or names are not as checked out, other files are taken away (but for
    /// `keep`, folders), and Python's byte code beside guarded files. Returns the paths that differed.
    std::vector<std::string> restore(const CommitId& commit, const PathRule& is_guarded,
                                     const std::vector<std::string>& keep = {});
    /// Applies a patch (git's own format) to the files as they stand, all or nothing; hunks that have moved
    /// are found as `git apply` finds them. False where it does not apply. Only after a reset.
    bool apply(const std::string& diff);
    /// Takes the worktree and its metadata away for good.
    void remove();

  private:
    Worktree();
    std::unique_ptr<WorktreeState> state_;
};

}  // namespace ratchet
