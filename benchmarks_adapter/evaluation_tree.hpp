#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/experiment.hpp"
#include "sandbox/confinement.hpp"
#include "sandbox/process/stop_signal.hpp"
#include "sandbox/workspace/repository.hpp"
#include "sandbox/workspace/worktree.hpp"

namespace ratchet {

/// Where an evaluation keeps its things on the host.
struct EvaluationFolders {
    std::filesystem::path worktrees;
    std::filesystem::path prepared;  ///< outputs of [prepare]; on the worktrees' disk
    std::filesystem::path logs;
    std::filesystem::path state;  ///< hidden from every sandbox that may see git
    std::filesystem::path benchmark_lock;
};

/// Where a tree of this name keeps the caches that it took over from another one.
std::filesystem::path cache_folder(const EvaluationFolders& folders, const std::string& tree);

/// A command to be run on a built tree.
struct TreeCommand {
    std::string shell_command;
    Milliseconds timeout = std::chrono::minutes(10);
    CaptureLimits capture;
    std::vector<int> processors;  ///< by number; empty: all
    std::vector<std::pair<std::string, std::string>> environment;
    std::filesystem::path log;     ///< empty: none
    bool watches_harness = false;  ///< RunResult::altered tells of a protected file that it touched
};

class Preparation;

/// A pristine worktree in which one commit is checked out, prepared and built, and in which commands then
/// run, each from the same clean built tree.
class EvaluationTree {
  public:
    EvaluationTree(const std::string& name, Repository& repository, Confinement& confinement,
                   const Campaign& campaign, const EvaluationFolders& folders);

    /// The commit that stands here, built; empty: none.
    [[nodiscard]] const CommitId& built() const { return built_; }
    /// Checks the commit out, with the caches of what stood here where it stands on that, and runs [prepare]
    /// where this state of its inputs is new. Returns the failed run, if any.
    std::optional<StageRun> check_out(const CommitId& commit, const StopSignal& stop);
    /// Builds what is checked out. `cache` is the tree whose caches it takes over (copy on write); none: its
    /// own stay.
    StageRun build(const EvaluationTree* cache, const std::filesystem::path& log, const StopSignal& stop);
    /// Changes what is checked out by a command, before it is built: a sabotage. Returns the failed run, if
    /// any.
    std::optional<StageRun> alter(const std::string& command, const StopSignal& stop);
    /// The next check-out brings no caches along.
    void forget_caches() { built_ = {}; }
    /// Runs a command on the built tree; what it writes vanishes.
    RunResult run(const TreeCommand& command, const StopSignal& stop);
    /// Takes the worktree away.
    void release();

  private:
    [[nodiscard]] ConfinedCommand command_in_tree(const std::string& command, Milliseconds timeout) const;
    [[nodiscard]] std::filesystem::path cache_upper(const std::string& folder) const;
    [[nodiscard]] std::vector<std::string> in_folder(const std::vector<std::string>& paths) const;
    RunResult prepare(const Preparation& preparation, const CommitId& maker, const StopSignal& stop);
    [[nodiscard]] bool is_protected(std::string_view path) const;
    void undo_in_protected_places();
    void explain_what_is_missing(RunResult& result) const;
    /// The protected files of what is checked out, relative to the tree.
    const std::vector<std::string>& guarded();

    std::string name_;
    Repository& repository_;
    Confinement& confinement_;
    const Campaign& campaign_;
    EvaluationFolders folders_;
    Worktree worktree_;
    CommitId checked_out_;
    CommitId built_;
    bool altered_ = false;  ///< what stands here is not what was checked out
    const EvaluationTree* cache_ = nullptr;
    std::vector<Mount> prepared_mounts_;
    std::optional<std::vector<std::string>> guarded_;
    std::vector<std::string> undone_;  ///< what the build had made in protected places
};

/// The record of a command that is no sample.
StageRun stage_run(Stage stage, const std::string& name, const RunResult& result,
                   const std::filesystem::path& log);

}  // namespace ratchet
