#pragma once

// For the .cpp files of this folder only: it includes libgit2.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "experiment_store/experiment.hpp"
#include "sandbox/workspace/ignore_rules.hpp"
#include "sandbox/workspace/worktree_state.hpp"

namespace ratchet {

constexpr int most_depth = 200;                ///< of folders; one descriptor is open for each level
constexpr std::size_t most_path_bytes = 4000;  ///< a longer path no program can open

/// One path at which the worktree differs from a commit, as the repository would hold it.
struct Change {
    std::string path;
    std::uint32_t mode = 0;  ///< 0: deleted
    std::string bytes;
};

/// What is not taken from a worktree, and why.
struct Refusal {
    Rejection rejection = Rejection::unsafe;
    std::string reason;
};

/// Finds the differences between a worktree and a commit. Hostile input: no symlink is followed, nothing
/// blocks, no more is read than the policy allows.
class ChangeFinder {
  public:
    ChangeFinder(WorktreeState& state, const Target& target, const CapturePolicy& policy)
        : state_(state), target_(target), policy_(policy) {}

    /// Sorted by path. After a refusal they are incomplete.
    std::vector<Change> find(int root);
    [[nodiscard]] const std::optional<Refusal>& refusal() const { return refusal_; }

  private:
    void visit(int folder, const std::string& prefix, bool ignored, int depth);
    void visit_entry(int folder, const std::string& name, const std::string& path, bool ignored, int depth);
    void visit_folder(int folder, const std::string& name, const std::string& path, bool ignored, int depth);
    void take(int folder, const std::string& name, const std::string& path, const TrackedFile* before,
              const struct stat& status);
    void take_link(int folder, const std::string& name, const std::string& path);
    void take_file(int folder, const std::string& name, const std::string& path, const TrackedFile* before,
                   const struct stat& status);
    [[nodiscard]] bool leads_out(std::string path, std::string goal) const;
    [[nodiscard]] bool has_good_name(std::string_view path);
    void refuse_collisions();
    void refuse_steering(const std::string& path);
    void refuse_ignore_files();
    void add(Change change);
    void refuse(Rejection rejection, const std::string& reason);
    [[nodiscard]] bool is_excluded(std::string_view path) const;
    [[nodiscard]] bool is_in_submodule(std::string_view path) const;

    WorktreeState& state_;
    const Target& target_;
    const CapturePolicy& policy_;
    IgnoreRules ignore_;
    std::vector<bool> seen_;  ///< for each file of the commit
    std::vector<Change> changes_;
    std::uint64_t read_bytes_ = 0;
    std::uint64_t ignore_bytes_ = 0;
    std::size_t entries_ = 0;
    std::optional<Refusal> refusal_;
};

/// True where a symlink at `path` stays in the tree: relative, `..` only at its beginning and no higher than
/// the root, and not into a `.git`.
bool is_safe_link(std::string_view path, std::string_view goal);

}  // namespace ratchet
