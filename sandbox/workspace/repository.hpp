#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiment_store/experiment.hpp"

namespace ratchet {

struct CommitDescription {
    CommitId id;
    std::string summary;  ///< first line of the message
};

/// What came of the wish to move the campaign's branch.
enum class BranchMove {
    moved,
    unchanged,
    checked_out,  ///< left alone: somebody works on it
    not_ours,     ///< left alone: its tip is no commit of this campaign
    impossible,   ///< left alone: e.g. a branch named `ratchet` stands in the way of `ratchet/<campaign>`
};

/// A ref below refs/ratchet/<campaign>/.
struct PinnedCommit {
    std::string name;  ///< a number, "champion", "without", or whatever somebody put there
    CommitId commit;   ///< empty where the ref is damaged and names none
};

struct RepositoryHandles;

/// The user's repository, seen through libgit2. Reads it, and writes only objects, refs below refs/ratchet/,
/// the campaign's branch and its own leased worktrees. The user's global git configuration is neither read
/// nor written.
class Repository {
  public:
    /// Finds the repository that contains `start`. Throws UserError for: no repository, a bare one, one
    /// without a commit, one that another user owns.
    static Repository open(const std::filesystem::path& start);
    ~Repository();
    Repository(Repository&&) noexcept;
    Repository& operator=(Repository&&) noexcept;

    [[nodiscard]] std::filesystem::path root() const;  ///< of the checkout that was found
    [[nodiscard]] std::filesystem::path common_directory()
        const;  ///< the git directory that all worktrees share
    [[nodiscard]] CommitId head() const;
    [[nodiscard]] bool has_local_changes() const;  ///< in tracked files of the user's checkout
    /// A branch, tag, or (abbreviated) commit id. Throws UserError where there is none.
    [[nodiscard]] CommitId resolve(const std::string& revision) const;
    [[nodiscard]] bool exists(const CommitId& commit) const;
    [[nodiscard]] CommitDescription describe(const CommitId& commit) const;
    [[nodiscard]] CommitId parent_of(
        const CommitId& commit) const;  ///< first parent; empty for a root commit
    /// Whether `commit` is `ancestor` or stands on it.
    [[nodiscard]] bool stands_on(const CommitId& commit, const CommitId& ancestor) const;
    /// Whether it is a commit that ratchet made of a proposal.
    [[nodiscard]] bool is_candidate(const CommitId& commit) const;
    [[nodiscard]] TreeId tree_of(const CommitId& commit) const;
    /// The contents of a regular file, as they are stored; nothing for anything else.
    [[nodiscard]] std::optional<std::string> file(const CommitId& commit, std::string_view path) const;
    /// Every path of the commit's tree, in git's order.
    [[nodiscard]] std::vector<std::string> paths(const CommitId& commit) const;
    /// One hash over the contents of these paths in the commit (missing ones count as missing).
    [[nodiscard]] std::string hash_of(const CommitId& commit, const std::vector<std::string>& paths) const;
    /// Git LFS pointer files whose objects are not in the local git directory, and submodules that are not
    /// there.
    [[nodiscard]] std::vector<std::string> missing_objects(const CommitId& commit) const;
    /// Whether git's files have the commit and all that it changes of `ground`. Looks at the disk, and not at
    /// what this process has read or written before: another git may have taken it away since.
    [[nodiscard]] bool holds(const CommitId& commit, const CommitId& ground) const;
    /// A binary-safe patch, as `git diff --binary --full-index --no-renames` prints it (binary parts are
    /// compressed in another way).
    [[nodiscard]] std::string diff(const CommitId& from, const CommitId& to) const;

    /// The files in which two commits differ, in git's order. (Lines are not counted.)
    [[nodiscard]] std::vector<std::string> changed_paths(const CommitId& from, const CommitId& to) const;
    /// The commit that these 4 to 40 hexadecimal digits abbreviate; nothing for any other text, for no commit
    /// of this repository, and where there are several.
    [[nodiscard]] std::optional<CommitId> abbreviated_commit(const std::string& digits) const;

    /// The commit that this diff makes of its parent: fixed author and committer, the given time, so that the
    /// same row of the ledger makes the same id. Nothing where the diff does not apply exactly (then no
    /// object is written). Objects are fsynced, with the folders that hold them.
    std::optional<CommitId> commit_of(const CommitId& parent, const std::string& diff,
                                      const std::string& message, Timestamp at);
    /// The tree that this diff makes of its parent's; nothing where it does not apply. Writes nothing.
    [[nodiscard]] std::optional<TreeId> tree_with(const CommitId& parent, const std::string& diff) const;
    /// refs/ratchet/<campaign>/<name> -> commit, durable; replaces. `name` is a number, "champion" or
    /// "without" (the champion less a step, while that is measured).
    void pin(const std::string& campaign, const std::string& name, const CommitId& commit);
    /// Nothing also where the ref is damaged.
    [[nodiscard]] std::optional<CommitId> pinned(const std::string& campaign, const std::string& name) const;
    /// All of the campaign's, the damaged ones too.
    [[nodiscard]] std::vector<PinnedCommit> pins(const std::string& campaign) const;
    void unpin(const std::string& campaign, const std::string& name);
    /// Where the branch ratchet/<campaign> points; nothing where it is missing.
    [[nodiscard]] std::optional<CommitId> branch(const std::string& campaign) const;
    /// Moves the branch ratchet/<campaign>, making it where it is missing, only while it is not checked out
    /// anywhere and its tip is one of `ours`.
    BranchMove move_branch(const std::string& campaign, const CommitId& to,
                           const std::vector<CommitId>& ours);
    /// What `move_branch` would come to, without moving anything.
    [[nodiscard]] BranchMove could_move_branch(const std::string& campaign, const CommitId& to,
                                               const std::vector<CommitId>& ours) const;

    /// Writes a git bundle (version 2) with these commits and all of their history, as refs
    /// refs/ratchet/<campaign>/<name>. The same commits make the same bytes, whatever else stands in the
    /// repository. `scratch` is a folder of the caller's for what is needed meanwhile. Throws UserError where
    /// the history is not all here (a shallow or partial clone).
    void write_bundle(const std::string& campaign, const std::map<std::string, CommitId>& commits,
                      const std::filesystem::path& file, const std::filesystem::path& scratch) const;
    /// Takes over the objects of a bundle; refs are left to the caller. The bundle is outside input: nothing
    /// is taken over before it is whole and each of `commits`, with its history, is there and can be checked
    /// out safely. Durable when it returns. Throws UserError that says what is wrong with it. `scratch`: as
    /// above, on the repository's own file system.
    void read_bundle(const std::filesystem::path& file, const std::vector<CommitId>& commits,
                     const std::filesystem::path& scratch);

  private:
    friend class Worktree;
    Repository();
    std::unique_ptr<RepositoryHandles> handles_;
};

}  // namespace ratchet
