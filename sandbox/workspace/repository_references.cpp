// The refs that are ours: pins below refs/ratchet/, and the campaign's branch.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <fmt/core.h>

#include "experiment_store/crash_point.hpp"
#include "sandbox/workspace/directory.hpp"
#include "sandbox/workspace/repository.hpp"
#include "sandbox/workspace/repository_handles.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;

std::string pin_name(const std::string& campaign, const std::string& name) {
    return fmt::format("refs/ratchet/{}/{}", campaign, name);
}

/// Makes the folders of a loose ref durable, which may be new, up to `refs`; libgit2 syncs the ref itself and
/// the folder that holds it.
void sync_reference_folders(RepositoryHandles& handles, const std::string& reference) {
    fs::path folder = fs::path(reference).parent_path();
    if (!handles.synced.insert(folder).second) return;
    while (folder.has_parent_path()) {
        folder = folder.parent_path();
        sync_folder(handles.common / folder);
    }
}

/// Our refs have no reflog, whatever core.logAllRefUpdates says; a log that was there already is left alone.
class WithoutReflog {
  public:
    WithoutReflog(const fs::path& common, const std::string& reference)
        : logs_(common / "logs"), log_(logs_ / reference), existed_(fs::exists(log_)) {}
    WithoutReflog(const WithoutReflog&) = delete;
    WithoutReflog& operator=(const WithoutReflog&) = delete;
    ~WithoutReflog() {
        if (existed_) return;
        std::error_code ignored;
        if (!fs::remove(log_, ignored)) return;
        // The empty folders that were made for it go too; a folder with anything in it stays.
        const fs::path keep = logs_ / "refs" / "heads";
        for (fs::path folder = log_.parent_path(); folder != keep && folder != logs_;
             folder = folder.parent_path()) {
            if (!fs::remove(folder, ignored) || ignored) return;
        }
    }

  private:
    fs::path logs_;
    fs::path log_;
    bool existed_;
};

/// A process that was killed while it wrote a ref leaves the ref's lock behind, and nobody could ever write
/// that ref again. Git holds such a lock for milliseconds: one that stands for two seconds on a ref of ours
/// is nobody's.
void remove_stale_lock(const fs::path& common, const std::string& reference) {
    fs::path lock = common / reference;
    lock += ".lock";
    std::error_code failed;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (fs::exists(lock, failed)) {
        if (std::chrono::steady_clock::now() >= deadline) {
            fs::remove(lock, failed);
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

std::string first_line(const fs::path& file) {
    std::error_code failed;
    // A HEAD of the oldest kind is a symlink to the branch's file.
    if (fs::is_symlink(file, failed)) return "ref: " + fs::read_symlink(file, failed).string();
    std::ifstream stream(file);
    std::string line;
    std::getline(stream, line);
    return line;
}

/// True where this git directory (the common one or a worktree's) has the branch checked out, or will have it
/// again when a rebase or a bisection ends.
bool uses_branch(const fs::path& git_directory, const std::string& reference) {
    constexpr std::string_view heads = "refs/heads/";
    const std::string branch = reference.substr(heads.size());
    return first_line(git_directory / "HEAD") == "ref: " + reference ||
           first_line(git_directory / "rebase-merge" / "head-name") == reference ||
           first_line(git_directory / "rebase-apply" / "head-name") == reference ||
           first_line(git_directory / "BISECT_START") == branch;
}

bool is_checked_out(const fs::path& common, const std::string& reference) {
    if (uses_branch(common, reference)) return true;
    std::error_code failed;
    const fs::directory_iterator worktrees(common / "worktrees", failed);
    return !failed && std::any_of(begin(worktrees), end(worktrees), [&](const fs::directory_entry& worktree) {
        return uses_branch(worktree.path(), reference);
    });
}

/// A full disk is for the user to mend; anything else that stands in the branch's way stays there.
BranchMove not_moved(const std::string& reference) {
    if (git_found_no_room()) check_git(-1, fmt::format("writing the ref {}", reference));
    return BranchMove::impossible;
}

}  // namespace

void Repository::pin(const std::string& campaign, const std::string& name, const CommitId& commit) {
    const DurableStep step("git/pin");
    const std::string reference = pin_name(campaign, name);
    const git_oid id = to_oid(commit.hex);
    const WithoutReflog guard(handles_->common, reference);
    remove_stale_lock(handles_->common, reference);
    GitReference made;
    check_git(git_reference_create(out(made), handles_->objects.get(), reference.c_str(), &id, 1, nullptr),
              fmt::format("writing the ref {}", reference));
    crash_point("git/pin", "written");
    sync_reference_folders(*handles_, reference);
}

std::optional<CommitId> Repository::pinned(const std::string& campaign, const std::string& name) const {
    git_oid id = {};
    const std::string reference = pin_name(campaign, name);
    const int result = git_reference_name_to_id(&id, handles_->objects.get(), reference.c_str());
    if (result == GIT_ENOTFOUND) return std::nullopt;
    check_git(result, fmt::format("reading the ref {}", reference));
    return CommitId{to_hex(id)};
}

void Repository::unpin(const std::string& campaign, const std::string& name) {
    const DurableStep step("git/unpin");
    const std::string reference = pin_name(campaign, name);
    const int result = git_reference_remove(handles_->objects.get(), reference.c_str());
    if (result != GIT_ENOTFOUND) check_git(result, fmt::format("removing the ref {}", reference));
    handles_->synced.erase(fs::path(reference).parent_path());  // it may have gone with its last ref
}

BranchMove Repository::move_branch(const std::string& campaign, const CommitId& to,
                                   const std::vector<CommitId>& ours) {
    git_repository* objects = handles_->objects.get();
    const std::string reference = fmt::format("refs/heads/ratchet/{}", campaign);
    const git_oid target = to_oid(to.hex);
    GitReference existing;
    const int found = git_reference_lookup(out(existing), objects, reference.c_str());
    if (found < 0 && found != GIT_ENOTFOUND) return BranchMove::impossible;
    if (existing && git_reference_type(existing.get()) != GIT_REFERENCE_DIRECT) return BranchMove::not_ours;
    if (existing && git_oid_equal(git_reference_target(existing.get()), &target) != 0)
        return BranchMove::unchanged;
    // Also where it does not exist: an unborn branch can be checked out.
    if (is_checked_out(handles_->common, reference)) return BranchMove::checked_out;
    const DurableStep step("git/move the branch");
    const WithoutReflog guard(handles_->common, reference);
    remove_stale_lock(handles_->common, reference);
    GitReference made;
    if (!existing) {
        const int result = git_reference_create(out(made), objects, reference.c_str(), &target, 0, nullptr);
        if (result < 0) return not_moved(reference);
    } else {
        const git_oid tip = *git_reference_target(existing.get());
        if (std::find(ours.begin(), ours.end(), CommitId{to_hex(tip)}) == ours.end())
            return BranchMove::not_ours;
        const int result =
            git_reference_create_matching(out(made), objects, reference.c_str(), &target, 1, &tip, nullptr);
        if (result == GIT_EMODIFIED) return BranchMove::not_ours;  // somebody moved it just now
        if (result < 0) return not_moved(reference);
    }
    crash_point("git/move the branch", "written");
    sync_reference_folders(*handles_, reference);
    return BranchMove::moved;
}

}  // namespace ratchet
