#include "benchmarks_adapter/evaluation_tree.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "benchmarks_adapter/preparation.hpp"
#include "experiment_store/crash_point.hpp"
#include "experiment_store/errors.hpp"
#include "sandbox/declared_command.hpp"
#include "sandbox/workspace/directory.hpp"
#include "sandbox/workspace/scope.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t tail_bytes = 4096;

/// How a path of the campaign's folder is called from the repository's root.
std::string from_root(const std::string& folder, const std::string& path) {
    return folder.empty() ? path : folder + "/" + path;
}

std::string tail_of(const RunResult& result) {
    std::string tail = result.output.last(tail_bytes / 2);
    if (!tail.empty() && !tail.ends_with('\n')) tail += '\n';
    tail += result.errors.last(tail_bytes - std::min(tail.size(), tail_bytes / 2));
    if (!result.diagnosis.empty()) {
        if (!tail.empty() && !tail.ends_with('\n')) tail += '\n';
        tail += result.diagnosis;
    }
    return tail;
}

}  // namespace

StageRun stage_run(Stage stage, const std::string& name, const RunResult& result, const fs::path& log) {
    StageRun run;
    run.stage = stage;
    run.name = name;
    run.succeeded = result.succeeded();
    run.timed_out = result.ending == Ending::timed_out;
    run.exit_status = result.exit_status;
    run.figures = result.figures;
    run.tail = tail_of(result);
    if (!log.empty() && fs::exists(log))
        run.log_file = (log.parent_path().filename() / log.filename()).string();
    return run;
}

EvaluationTree::EvaluationTree(const std::string& name, Repository& repository, Confinement& confinement,
                               const Campaign& campaign, const EvaluationFolders& folders)
    : name_(name),
      repository_(repository),
      confinement_(confinement),
      campaign_(campaign),
      folders_(folders),
      worktree_(Worktree::lease(repository, folders.worktrees, campaign.name, name)) {}

std::vector<std::string> EvaluationTree::in_folder(const std::vector<std::string>& paths) const {
    std::vector<std::string> result;
    result.reserve(paths.size());
    for (const auto& path : paths)
        result.push_back(from_root(campaign_.folder, path));
    return result;
}

std::optional<StageRun> EvaluationTree::check_out(const CommitId& commit, const StopSignal& stop) {
    // What other code left in the caches must not come back: of a champion that was vetoed, of a sabotage.
    const bool caches_are_of_its_line = !built_.empty() && !altered_ && repository_.stands_on(commit, built_);
    built_ = {};
    checked_out_ = {};
    altered_ = false;
    prepared_mounts_.clear();
    guarded_.reset();
    undone_.clear();
    worktree_.reset(commit,
                    caches_are_of_its_line ? in_folder(campaign_.build.cache) : std::vector<std::string>());
    confinement_.give(worktree_.path());
    checked_out_ = commit;
    if (!campaign_.prepare) return std::nullopt;

    const Preparation preparation(repository_, campaign_, folders_.prepared);
    const CommitId maker = preparation.maker_of(commit);
    if (!preparation.is_made(maker)) {
        const RunResult result = prepare(preparation, maker, stop);
        // Whatever else it left, and in the caches too, is of no further use and may be linked with the
        // outputs.
        worktree_.reset(commit);
        confinement_.give(worktree_.path());
        if (!result.succeeded()) return stage_run(Stage::built, "prepare", result, {});
    }
    prepared_mounts_ = preparation.mounts(maker);
    return std::nullopt;
}

RunResult EvaluationTree::prepare(const Preparation& preparation, const CommitId& maker,
                                  const StopSignal& stop) {
    worktree_.reset(maker);
    confinement_.give(worktree_.path());
    ConfinedCommand command = command_in_tree(campaign_.prepare->command, campaign_.prepare->timeout);
    command.network = true;
    RunResult result = confinement_.run(command, stop);
    if (!result.succeeded()) return result;
    result.diagnosis = preparation.take(maker, worktree_, confinement_);
    if (!result.diagnosis.empty()) result.exit_status = 1;
    return result;
}

fs::path cache_folder(const EvaluationFolders& folders, const std::string& tree) {
    return folders.worktrees / (tree + ".cache");
}

fs::path EvaluationTree::cache_upper(const std::string& folder) const {
    std::string flat;  // one name for each folder
    for (const char c : folder)
        flat += c == '/' ? "%2F" : c == '%' ? "%25" : std::string(1, c);
    return cache_folder(folders_, name_) / flat;
}

ConfinedCommand EvaluationTree::command_in_tree(const std::string& command, Milliseconds timeout) const {
    ConfinedCommand confined = declared_command(campaign_.sandbox);
    confined.shell_command = command;
    confined.tree = worktree_.path();
    confined.folder = campaign_.folder;
    confined.timeout = timeout;
    confined.mounts.insert(confined.mounts.end(), prepared_mounts_.begin(), prepared_mounts_.end());
    if (campaign_.sandbox.git) {
        confined.git_directory = repository_.common_directory();
        confined.hidden = folders_.state.parent_path();
    }
    return confined;
}

StageRun EvaluationTree::build(const EvaluationTree* cache, const fs::path& log, const StopSignal& stop) {
    cache_ = cache;
    RunResult result;
    result.ending = Ending::exited;  // no build command: nothing to build is a build that succeeded
    if (!campaign_.build.command.empty()) {
        ConfinedCommand command = command_in_tree(campaign_.build.command, campaign_.build.timeout);
        command.log_file = log;
        if (cache_ != nullptr) {
            const DurableStep step("worktree/make a cache");
            for (const auto& folder : in_folder(campaign_.build.cache)) {
                remove_tree(cache_upper(folder));
                fs::create_directories(cache_upper(folder));
                confinement_.give(cache_upper(folder));
                command.caches.push_back(
                    {{HostFolder(cache_->worktree_.path(), folder)}, folder, cache_upper(folder)});
            }
        }
        result = confinement_.run(command, stop);
        undo_in_protected_places();
    }
    if (result.succeeded()) built_ = checked_out_;
    return stage_run(Stage::built, "build", result, log);
}

bool EvaluationTree::is_protected(std::string_view path) const {
    return admit({campaign_.scope, campaign_.protect, campaign_.folder}, path) == Admission::protected_path;
}

/// A build is the candidate's: what it writes over a protected file, or lays beside it, must not be measured.
void EvaluationTree::undo_in_protected_places() {
    std::vector<std::string> keep = in_folder(campaign_.build.cache);
    if (campaign_.prepare) {
        for (std::string& output : in_folder(campaign_.prepare->outputs))
            keep.push_back(std::move(output));
    }
    undone_ =
        worktree_.restore(checked_out_, [this](std::string_view path) { return is_protected(path); }, keep);
    if (undone_.empty()) return;
    confinement_.give(worktree_.path());
    // What was put back is there; only what was taken away can be missed.
    std::erase_if(undone_, [this](const std::string& path) {
        return std::find(guarded().begin(), guarded().end(), path) != guarded().end();
    });
}

/// Where a command misses a file that the build had made and that was taken away: that, and what to do.
void EvaluationTree::explain_what_is_missing(RunResult& result) const {
    if (result.succeeded() || !result.diagnosis.empty()) return;
    const std::string errors = result.errors.last(16 << 10) + result.output.last(16 << 10);
    for (const std::string& path : undone_) {
        if (errors.find(fs::path(path).filename().string()) == std::string::npos) continue;
        result.diagnosis = fmt::format(
            "may miss {}, which the build made in a protected place and which was therefore taken away: let "
            "campaign.protect name the sources only, or build elsewhere",
            printable(path));
        return;
    }
}

const std::vector<std::string>& EvaluationTree::guarded() {
    if (!guarded_) {
        guarded_.emplace();
        for (auto& path : repository_.paths(checked_out_)) {
            if (is_protected(path)) guarded_->push_back(std::move(path));
        }
    }
    return *guarded_;
}

std::optional<StageRun> EvaluationTree::alter(const std::string& command, const StopSignal& stop) {
    altered_ = true;
    const RunResult result = confinement_.run(command_in_tree(command, campaign_.build.timeout), stop);
    if (result.succeeded()) return std::nullopt;
    return stage_run(Stage::built, "canary", result, {});
}

RunResult EvaluationTree::run(const TreeCommand& command, const StopSignal& stop) {
    ConfinedCommand confined = command_in_tree(command.shell_command, command.timeout);
    confined.access = TreeAccess::discarded;
    confined.capture = command.capture;
    confined.processors = command.processors;
    confined.log_file = command.log;
    if (command.watches_harness) confined.watched = guarded();
    confined.environment.insert(confined.environment.end(), command.environment.begin(),
                                command.environment.end());
    if (cache_ != nullptr) {
        for (const auto& folder : in_folder(campaign_.build.cache)) {
            confined.caches.push_back(
                {{HostFolder(cache_upper(folder)), HostFolder(cache_->worktree_.path(), folder)},
                 folder,
                 std::nullopt});
        }
    }
    RunResult result = confinement_.run(confined, stop);
    explain_what_is_missing(result);
    return result;
}

void EvaluationTree::release() {
    worktree_.remove();
    remove_tree(cache_folder(folders_, name_));
}

}  // namespace ratchet
