// The refs that are ours: pins below refs/ratchet/, and the campaign's branch.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
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

std::string branch_name(const std::string& campaign) {
    return fmt::format("refs/heads/ratchet/{}", campaign);
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

/// A ref of ours whose file names no commit: libgit2 can neither read nor replace it. It says nothing that
/// the ledger does not say.
bool is_damaged(git_repository* repository, const std::string& reference) {
    GitReference existing;
    const int found = git_reference_lookup(out(existing), repository, reference.c_str());
    if (found == 0 || found == GIT_ENOTFOUND) return false;
    const git_error* error = git_error_last();
    return error != nullptr && error->klass == GIT_ERROR_REFERENCE;
}

/// The names of all loose refs below this prefix, without it, readable or not.
std::vector<std::string> loose_references(const fs::path& common, const std::string& prefix) {
    std::vector<std::string> names;
    std::error_code failed;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(common / prefix, failed)) {
        const std::string name = entry.path().lexically_relative(common / prefix).string();
        if (entry.is_regular_file(failed) && !name.ends_with(".lock")) names.push_back(name);
    }
    return names;
}

}  // namespace

void Repository::pin(const std::string& campaign, const std::string& name, const CommitId& commit) {
    const DurableStep step("git/pin");
    const std::string reference = pin_name(campaign, name);
    const git_oid id = to_oid(commit.hex);
    const WithoutReflog guard(handles_->common, reference);
    remove_stale_lock(handles_->common, reference);
    GitReference made;
    if (is_damaged(handles_->objects.get(), reference))
        git_reference_remove(handles_->objects.get(), reference.c_str());
    check_git(git_reference_create(out(made), handles_->objects.get(), reference.c_str(), &id, 1, nullptr),
              fmt::format("writing the ref {}", reference));
    crash_point("git/pin", "written");
    sync_reference_folders(*handles_, reference);
}

std::optional<CommitId> Repository::pinned(const std::string& campaign, const std::string& name) const {
    git_oid id = {};
    const std::string reference = pin_name(campaign, name);
    const int result = git_reference_name_to_id(&id, handles_->objects.get(), reference.c_str());
    if (result == GIT_ENOTFOUND || is_damaged(handles_->objects.get(), reference)) return std::nullopt;
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

std::vector<PinnedCommit> Repository::pins(const std::string& campaign) const {
    const std::string prefix = pin_name(campaign, "");
    GitReferenceIterator iterator;
    check_git(git_reference_iterator_glob_new(out(iterator), handles_->objects.get(), (prefix + "*").c_str()),
              "listing the refs below " + prefix);
    std::map<std::string, CommitId> pins;
    const char* name = nullptr;
    int result = 0;
    while ((result = git_reference_next_name(&name, iterator.get())) == 0) {
        git_oid id = {};
        const bool whole = git_reference_name_to_id(&id, handles_->objects.get(), name) == 0;
        pins[std::string(name).substr(prefix.size())] = whole ? CommitId{to_hex(id)} : CommitId{};
    }
    if (result != GIT_ITEROVER) check_git(result, "listing the refs below " + prefix);
    for (std::string& damaged : loose_references(handles_->common, prefix))
        pins.try_emplace(std::move(damaged));  // libgit2 passes over what it cannot read
    std::vector<PinnedCommit> list;
    for (auto& [of, commit] : pins)
        list.push_back({of, std::move(commit)});
    return list;
}

std::optional<CommitId> Repository::branch(const std::string& campaign) const {
    git_oid id = {};
    if (git_reference_name_to_id(&id, handles_->objects.get(), branch_name(campaign).c_str()) < 0)
        return std::nullopt;
    return CommitId{to_hex(id)};
}

BranchMove Repository::could_move_branch(const std::string& campaign, const CommitId& to,
                                         const std::vector<CommitId>& ours) const {
    git_repository* objects = handles_->objects.get();
    const std::string reference = branch_name(campaign);
    const git_oid target = to_oid(to.hex);
    GitReference existing;
    const int found = git_reference_lookup(out(existing), objects, reference.c_str());
    if (found < 0 && found != GIT_ENOTFOUND) return BranchMove::impossible;
    if (existing && git_reference_type(existing.get()) != GIT_REFERENCE_DIRECT) return BranchMove::not_ours;
    if (existing && git_oid_equal(git_reference_target(existing.get()), &target) != 0)
        return BranchMove::unchanged;
    // Also where it does not exist: an unborn branch can be checked out.
    if (is_checked_out(handles_->common, reference)) return BranchMove::checked_out;
    if (!existing) {
        GitReference above;  // a branch `ratchet`: a ref is no folder for other refs
        const bool in_the_way = git_reference_lookup(out(above), objects, "refs/heads/ratchet") == 0;
        return in_the_way ? BranchMove::impossible : BranchMove::moved;
    }
    const CommitId tip{to_hex(*git_reference_target(existing.get()))};
    return std::find(ours.begin(), ours.end(), tip) == ours.end() ? BranchMove::not_ours : BranchMove::moved;
}

BranchMove Repository::move_branch(const std::string& campaign, const CommitId& to,
                                   const std::vector<CommitId>& ours) {
    const BranchMove could = could_move_branch(campaign, to, ours);
    if (could != BranchMove::moved) return could;
    git_repository* objects = handles_->objects.get();
    const std::string reference = branch_name(campaign);
    const git_oid target = to_oid(to.hex);
    const DurableStep step("git/move the branch");
    const WithoutReflog guard(handles_->common, reference);
    remove_stale_lock(handles_->common, reference);
    GitReference made;
    if (const std::optional<CommitId> before = branch(campaign)) {
        if (std::find(ours.begin(), ours.end(), *before) == ours.end()) return BranchMove::not_ours;
        const git_oid tip = to_oid(before->hex);
        const int result =
            git_reference_create_matching(out(made), objects, reference.c_str(), &target, 1, &tip, nullptr);
        if (result == GIT_EMODIFIED) return BranchMove::not_ours;  // somebody moved it just now
        if (result < 0) return not_moved(reference);
    } else {
        const int result = git_reference_create(out(made), objects, reference.c_str(), &target, 0, nullptr);
        if (result < 0) return not_moved(reference);
    }
    crash_point("git/move the branch", "written");
    sync_reference_folders(*handles_, reference);
    return BranchMove::moved;
}

}  // namespace ratchet
