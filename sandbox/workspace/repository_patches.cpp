// What becomes of a patch: a tree, and a commit.

#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include <fmt/core.h>
#include "experiment_store/crash_point.hpp"

#include "experiment_store/errors.hpp"
#include "sandbox/workspace/directory.hpp"
#include "sandbox/workspace/patch_text.hpp"
#include "sandbox/workspace/repository.hpp"
#include "sandbox/workspace/repository_handles.hpp"
#include "sandbox/workspace/tree_listing.hpp"

namespace ratchet {
namespace {

constexpr const char* our_name = "ratchet";
constexpr const char* our_address = "ratchet@localhost";

/// libgit2 fsyncs each object and the folder that it stands in, but not `objects`, into which that folder may
/// be new.
void sync_new_object_folders(const std::filesystem::path& common) {
    sync_folder(common / "objects");
}

/// libgit2 (1.5) calls a commit made that it could not write, and only its last error tells.
void require_written(git_repository* objects, const git_oid& commit) {
    const bool no_room = git_found_no_room();
    const std::string text = "writing the candidate's commit: " + last_git_error();
    GitOdb odb;
    check_git(git_repository_odb(out(odb), objects), "opening the object database");
    if (git_odb_exists(odb.get(), &commit) != 0) return;
    if (no_room) throw NoRoom(text);
    throw MachineryError(text);
}

/// False where the patch makes a file whose place is taken by something that it does not remove: libgit2
/// would overwrite it, with all that a folder holds.
bool makes_only_new_files(git_diff* diff, const git_tree* tree) {
    std::set<std::string> removed;
    for (std::size_t i = 0; i < git_diff_num_deltas(diff); ++i) {
        const git_diff_delta* delta = git_diff_get_delta(diff, i);
        if (delta->status != GIT_DELTA_ADDED && delta->old_file.path != nullptr)
            removed.insert(delta->old_file.path);
    }
    const auto is_free = [&](const std::string& path) {
        GitTreeEntry entry;
        if (git_tree_entry_bypath(out(entry), tree, path.c_str()) < 0) return true;
        if (git_tree_entry_type(entry.get()) != GIT_OBJECT_TREE) return removed.contains(path);
        GitTree folder;
        check_git(git_tree_lookup(out(folder), git_tree_owner(tree), git_tree_entry_id(entry.get())),
                  "reading a tree");
        const std::string prefix = path + "/";
        const std::vector<std::string> files = files_in(folder.get());
        return std::all_of(files.begin(), files.end(),
                           [&](const std::string& file) { return removed.contains(prefix + file); });
    };
    for (std::size_t i = 0; i < git_diff_num_deltas(diff); ++i) {
        const git_diff_delta* delta = git_diff_get_delta(diff, i);
        if (delta->status != GIT_DELTA_ADDED) continue;
        const std::string path = delta->new_file.path;
        if (!is_free(path)) return false;
        for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
            const std::string above = path.substr(0, slash);
            GitTreeEntry entry;
            if (git_tree_entry_bypath(out(entry), tree, above.c_str()) == 0 &&
                git_tree_entry_type(entry.get()) != GIT_OBJECT_TREE && !removed.contains(above)) {
                return false;
            }
        }
    }
    return true;
}

/// libgit2 says the same of a patch that does not fit and of a commit whose objects are gone; the first is a
/// finding about the patch, the second is not. Throws MachineryError where they are.
void require_objects(const ScratchRepository& scratch, const std::filesystem::path& common,
                     const git_oid& commit) {
    const TreeListing listing(scratch.get(), common, commit);
    GitOdb odb;
    check_git(git_repository_odb(out(odb), scratch.get()), "opening the object database");
    for (const TrackedFile& file : listing.files()) {
        if (file.in_submodule || git_odb_exists(odb.get(), &file.blob) != 0) continue;
        throw MachineryError(fmt::format("git has lost the content of {} in the commit {}",
                                         printable(file.path), to_hex(commit)));
    }
}

/// Whether something was written into git, at the first try or at a later one: `git gc` removes folders of
/// objects that are empty, also one in which an object is about to stand. To write it again does no harm: it
/// is named by what is in it.
template <typename Write>
bool is_written(const Write& write) {
    constexpr int tries = 5;
    for (int i = 1; i < tries; ++i) {
        if (write()) return true;
        if (git_found_no_room()) return false;
    }
    return write();
}

}  // namespace

ScratchRepository::ScratchRepository(const std::filesystem::path& common) {
    constexpr int before_all_others = 999;
    check_git(git_repository_open_bare(out(repository_), common.c_str()), "opening the repository");
    GitOdb odb;
    check_git(git_repository_odb(out(odb), repository_.get()), "opening the object database");
    check_git(git_mempack_new(&memory_), "making an object database in memory");
    check_git(git_odb_add_backend(odb.get(), memory_, before_all_others),
              "making an object database in memory");
}

void ScratchRepository::clear() {
    git_mempack_reset(memory_);
}

git_diff_options complete_diff() {
    git_diff_options options = {};
    check_git(git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION), "setting up a comparison");
    options.flags = GIT_DIFF_SHOW_BINARY | GIT_DIFF_IGNORE_SUBMODULES;
    options.context_lines = 3;
    options.interhunk_lines = 0;
    options.id_abbrev = object_id_digits;
    options.max_size = -1;  // no file is taken for binary because of its size
    options.old_prefix = "a";
    options.new_prefix = "b";
    return options;
}

GitDiff read_patch(std::string_view text) {
    const std::string readable = readable_patch(text);
    GitDiff diff;
    const int result = git_diff_from_buffer(out(diff), readable.data(), readable.size());
    if (result < 0 || git_diff_num_deltas(diff.get()) == 0) diff.reset();
    return diff;
}

bool apply_patch(git_repository* repository, git_tree* tree, std::string_view patch, git_oid& result) {
    const GitDiff diff = read_patch(patch);
    if (!diff) return false;
    if (!makes_only_new_files(diff.get(), tree)) return false;
    GitIndex index;
    git_apply_options options = {};
    check_git(git_apply_options_init(&options, GIT_APPLY_OPTIONS_VERSION), "setting up a patch");
    if (git_apply_to_tree(out(index), repository, tree, diff.get(), &options) < 0) return false;
    return git_index_write_tree_to(&result, index.get(), repository) == 0;
}

bool Repository::is_candidate(const CommitId& commit) const {
    const git_oid id = to_oid(commit.hex);
    GitCommit object;
    check_git(git_commit_lookup(out(object), handles_->objects.get(), &id),
              "reading the commit " + commit.hex);
    const git_signature* committer = git_commit_committer(object.get());
    return std::string_view(committer->name) == our_name && std::string_view(committer->email) == our_address;
}

std::optional<TreeId> Repository::tree_with(const CommitId& parent, const std::string& diff) const {
    const ScratchRepository scratch(handles_->common);
    const GitTree tree = tree_of_commit(scratch.get(), to_oid(parent.hex));
    git_oid id = {};
    if (!apply_patch(scratch.get(), tree.get(), diff, id)) {
        require_objects(scratch, handles_->common, to_oid(parent.hex));
        return std::nullopt;
    }
    return TreeId{to_hex(id)};
}

std::optional<CommitId> Repository::commit_of(const CommitId& parent, const std::string& diff,
                                              const std::string& message, Timestamp at) {
    git_repository* objects = handles_->objects.get();
    const git_oid parent_id = to_oid(parent.hex);
    GitCommit parent_commit;
    check_git(git_commit_lookup(out(parent_commit), objects, &parent_id), "reading the commit " + parent.hex);
    GitTree tree;
    check_git(git_commit_tree(out(tree), parent_commit.get()), "reading the tree of " + parent.hex);
    git_oid tree_id = *git_tree_id(tree.get());
    if (!diff.empty()) {
        // First in memory: a patch that does not apply must leave no objects.
        const ScratchRepository scratch(handles_->common);
        if (!apply_patch(scratch.get(), tree.get(), diff, tree_id)) {
            require_objects(scratch, handles_->common, parent_id);
            return std::nullopt;
        }
    }
    const DurableStep step("git/objects");
    if (!diff.empty() && !is_written([&] { return apply_patch(objects, tree.get(), diff, tree_id); }))
        check_git(-1, "writing the objects of a proposal");
    crash_point("git/objects", "tree written");
    GitTree new_tree;
    check_git(git_tree_lookup(out(new_tree), objects, &tree_id), "reading the proposal's tree");
    GitSignature signature;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    check_git(git_signature_new(out(signature), our_name, our_address, seconds, 0), "making a signature");
    git_oid id = {};
    // The type of its list of parents differs between versions; the variadic form has stayed the same.
    const bool has_commit = is_written([&] {
        return git_commit_create_v(&id, objects, nullptr, signature.get(), signature.get(), nullptr,
                                   message.c_str(), new_tree.get(), 1, parent_commit.get()) >= 0;
    });
    if (!has_commit) check_git(-1, "writing the candidate's commit");
    require_written(objects, id);
    crash_point("git/objects", "commit written");
    sync_new_object_folders(handles_->common);
    return CommitId{to_hex(id)};
}

}  // namespace ratchet
