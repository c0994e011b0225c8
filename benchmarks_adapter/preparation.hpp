#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/experiment.hpp"
#include "sandbox/confinement.hpp"
#include "sandbox/workspace/repository.hpp"
#include "sandbox/workspace/worktree.hpp"

namespace ratchet {

/// What [prepare] makes: its outputs, one folder for each state of its inputs, kept from run to run.
///
/// The commit that gave the inputs their state makes the outputs, with its own scripts, for all that stand on
/// it and leave the inputs alone. So no candidate decides what another is given, unless it is kept.
class Preparation {
  public:
    /// `folder` must be on the worktrees' disk.
    Preparation(const Repository& repository, const Campaign& campaign, std::filesystem::path folder)
        : repository_(repository), campaign_(campaign), folder_(std::move(folder)) {}

    /// The commit that makes the outputs for this one: itself, or the oldest of ratchet's commits below it
    /// since which the inputs have not changed, or what that one stands on.
    [[nodiscard]] CommitId maker_of(const CommitId& commit) const;
    [[nodiscard]] bool is_made(const CommitId& maker) const;
    /// Moves the outputs that were just made out of the tree: all of them or none. Empty, or what is wrong
    /// with them.
    [[nodiscard]] std::string take(const CommitId& maker, const Worktree& tree,
                                   Confinement& confinement) const;
    /// Forgets what this commit made, if anything: it was refused, so that nothing will stand on it.
    void discard(const CommitId& refused) const;
    /// What shows the outputs in a tree, read-only.
    [[nodiscard]] std::vector<Mount> mounts(const CommitId& maker) const;

  private:
    [[nodiscard]] std::filesystem::path place_of(const CommitId& maker) const;
    [[nodiscard]] std::string move_outputs(const Worktree& tree, const std::filesystem::path& target) const;
    [[nodiscard]] std::string inputs_of(const CommitId& commit) const;

    const Repository& repository_;
    const Campaign& campaign_;
    std::filesystem::path folder_;
};

}  // namespace ratchet
