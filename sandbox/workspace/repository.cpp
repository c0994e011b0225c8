#include "sandbox/workspace/repository.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "experiment_store/errors.hpp"
#include "sandbox/workspace/checkout_content.hpp"
#include "sandbox/workspace/directory.hpp"
#include "sandbox/workspace/repository_handles.hpp"
#include "sandbox/workspace/tree_listing.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;

std::string_view blob_content(const git_blob* blob) {
    return {static_cast<const char*>(git_blob_rawcontent(blob)),
            static_cast<std::size_t>(git_blob_rawsize(blob))};
}

GitCommit commit_object(git_repository* repository, const CommitId& id) {
    const git_oid oid = to_oid(id.hex);
    GitCommit commit;
    check_git(git_commit_lookup(out(commit), repository, &oid), "reading the commit " + id.hex);
    return commit;
}

/// A git directory without its trailing slash.
fs::path folder_path(const char* path) {
    std::string text = path;
    while (text.size() > 1 && text.ends_with('/'))
        text.pop_back();
    return text;
}

GitRepository discover(const fs::path& start) {
    GitRepository repository;
    const int result = git_repository_open_ext(out(repository), start.c_str(), 0, nullptr);
    if (result == GIT_ENOTFOUND) {
        throw UserError(
            fmt::format("There is no git repository at {} or above it.", start.string()),
            "Go to the project's folder, or make a repository of it: git init && git add . && git commit");
    }
    if (result < 0) {
        throw UserError(
            fmt::format("The git repository at {} cannot be opened: {}.", start.string(), last_git_error()));
    }
    return repository;
}

void require_own(const fs::path& path) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) throw_errno("looking at " + printable(path.native()));
    if (status.st_uid == ::geteuid()) return;
    throw UserError(fmt::format("The repository at {} belongs to another user (uid {}; this is uid {}).",
                                path.string(), status.st_uid, ::geteuid()),
                    "Run ratchet as that user, or work on a clone of your own.");
}

bool is_regular_file(git_filemode_t mode) {
    return mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE;
}

GitTreeEntry entry_at(const git_tree* tree, std::string_view path) {
    GitTreeEntry entry;
    const int result = git_tree_entry_bypath(out(entry), tree, std::string(path).c_str());
    if (result != GIT_ENOTFOUND) check_git(result, "looking for " + printable(path));
    return entry;
}

GitDiff diff_of(git_repository* objects, const CommitId& from, const CommitId& to) {
    const GitTree old_tree = tree_of_commit(objects, to_oid(from.hex));
    const GitTree new_tree = tree_of_commit(objects, to_oid(to.hex));
    const git_diff_options options = complete_diff();
    GitDiff diff;
    check_git(git_diff_tree_to_tree(out(diff), objects, old_tree.get(), new_tree.get(), &options),
              "comparing commits");
    return diff;
}

}  // namespace

Repository Repository::open(const fs::path& start) {
    start_git();
    Repository result;
    result.handles_ = std::make_unique<RepositoryHandles>();
    RepositoryHandles& own = *result.handles_;
    own.checkout = discover(start);
    own.common = folder_path(git_repository_commondir(own.checkout.get()));
    if (git_repository_is_bare(own.checkout.get()) != 0) {
        throw UserError(fmt::format("The repository at {} is bare: it has no checkout.", own.common.string()),
                        "Clone it and run ratchet in the clone.");
    }
    own.root = folder_path(git_repository_workdir(own.checkout.get()));
    require_own(own.root);
    require_own(own.common);
    if (git_repository_head_unborn(own.checkout.get()) != 0) {
        throw UserError(fmt::format("The repository at {} has no commit yet.", own.root.string()),
                        "Commit what there is first: git add . && git commit");
    }
    check_git(git_repository_open_bare(out(own.objects), own.common.c_str()), "opening the repository");
    return result;
}

Repository::Repository() = default;
Repository::~Repository() = default;
Repository::Repository(Repository&&) noexcept = default;
Repository& Repository::operator=(Repository&&) noexcept = default;

fs::path Repository::root() const {
    return handles_->root;
}

fs::path Repository::common_directory() const {
    return handles_->common;
}

CommitId Repository::head() const {
    git_oid id = {};
    check_git(git_reference_name_to_id(&id, handles_->checkout.get(), "HEAD"), "reading HEAD");
    return {to_hex(id)};
}

bool Repository::has_local_changes() const {
    git_status_options options = {};
    check_git(git_status_options_init(&options, GIT_STATUS_OPTIONS_VERSION), "looking for local changes");
    options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
    options.flags = GIT_STATUS_OPT_EXCLUDE_SUBMODULES;
    git_status_list* list = nullptr;
    check_git(git_status_list_new(&list, handles_->checkout.get(), &options), "looking for local changes");
    const bool any = git_status_list_entrycount(list) > 0;
    git_status_list_free(list);
    return any;
}

CommitId Repository::resolve(const std::string& revision) const {
    GitObject object;
    GitObject commit;
    int result = git_revparse_single(out(object), handles_->checkout.get(), revision.c_str());
    if (result == 0) result = git_object_peel(out(commit), object.get(), GIT_OBJECT_COMMIT);
    if (result < 0) {
        throw UserError(fmt::format("There is no commit {} in this repository.", printable(revision)),
                        "Name a branch, a tag or a commit id.");
    }
    return {to_hex(*git_object_id(commit.get()))};
}

bool Repository::exists(const CommitId& commit) const {
    if (commit.empty()) return false;
    const git_oid id = to_oid(commit.hex);
    GitCommit object;
    GitTree tree;
    if (git_commit_lookup(out(object), handles_->objects.get(), &id) < 0) return false;
    return git_commit_tree(out(tree), object.get()) == 0;
}

CommitDescription Repository::describe(const CommitId& commit) const {
    const GitCommit object = commit_object(handles_->objects.get(), commit);
    const char* summary = git_commit_summary(object.get());
    return {commit, summary != nullptr ? summary : ""};
}

CommitId Repository::parent_of(const CommitId& commit) const {
    const GitCommit object = commit_object(handles_->objects.get(), commit);
    const git_oid* parent = git_commit_parent_id(object.get(), 0);
    return parent != nullptr ? CommitId{to_hex(*parent)} : CommitId{};
}

bool Repository::stands_on(const CommitId& commit, const CommitId& ancestor) const {
    if (commit == ancestor) return true;
    const git_oid above = to_oid(commit.hex);
    const git_oid below = to_oid(ancestor.hex);
    const int answer = git_graph_descendant_of(handles_->objects.get(), &above, &below);
    return answer == 1;  // a commit that is gone is no ancestor
}

TreeId Repository::tree_of(const CommitId& commit) const {
    return {to_hex(*git_commit_tree_id(commit_object(handles_->objects.get(), commit).get()))};
}

std::optional<std::string> Repository::file(const CommitId& commit, std::string_view path) const {
    const GitTree tree = tree_of_commit(handles_->objects.get(), to_oid(commit.hex));
    const GitTreeEntry entry = entry_at(tree.get(), path);
    if (!entry || !is_regular_file(git_tree_entry_filemode(entry.get()))) return std::nullopt;
    GitBlob blob;
    check_git(git_blob_lookup(out(blob), handles_->objects.get(), git_tree_entry_id(entry.get())),
              "reading " + printable(path));
    return std::string(blob_content(blob.get()));
}

std::vector<std::string> Repository::paths(const CommitId& commit) const {
    const GitTree tree = tree_of_commit(handles_->objects.get(), to_oid(commit.hex));
    return files_in(tree.get());
}

std::string Repository::hash_of(const CommitId& commit, const std::vector<std::string>& paths) const {
    const GitTree tree = tree_of_commit(handles_->objects.get(), to_oid(commit.hex));
    std::string text;
    for (const std::string& path : paths) {
        const GitTreeEntry entry = entry_at(tree.get(), path);
        text += fmt::format("{}:{} ", path.size(), path);
        text += entry ? fmt::format("{:o} {}\n", static_cast<unsigned>(git_tree_entry_filemode(entry.get())),
                                    to_hex(*git_tree_entry_id(entry.get())))
                      : std::string("missing\n");
    }
    git_oid id = {};
    check_git(git_odb_hash(&id, text.data(), text.size(), GIT_OBJECT_BLOB), "hashing");
    return to_hex(id);
}

std::vector<std::string> Repository::missing_objects(const CommitId& commit) const {
    const TreeListing listing(handles_->objects.get(), handles_->common, to_oid(commit.hex));
    const CheckoutContent content(handles_->objects.get(), handles_->common, listing);
    GitOdb odb;
    check_git(git_repository_odb(out(odb), handles_->objects.get()), "opening the object database");
    std::vector<std::string> missing;
    for (const Submodule& submodule : listing.submodules()) {
        if (!submodule.present) {
            missing.push_back(fmt::format("{} (submodule, commit {})", shown_path(submodule.path),
                                          to_hex(submodule.commit)));
        }
    }
    for (const TrackedFile& file : listing.files()) {
        if (!file.in_submodule && git_odb_exists(odb.get(), &file.blob) == 0) {
            missing.push_back(fmt::format("{} (blob {})", shown_path(file.path), to_hex(file.blob)));
        } else if (const auto pointer = content.missing_lfs_object(file)) {
            missing.push_back(fmt::format("{} (Git LFS object {})", shown_path(file.path), pointer->sha256));
        }
    }
    return missing;
}

std::string Repository::diff(const CommitId& from, const CommitId& to) const {
    const GitDiff diff = diff_of(handles_->objects.get(), from, to);
    GitBuffer text;
    check_git(git_diff_to_buf(text.get(), diff.get(), GIT_DIFF_FORMAT_PATCH), "writing a patch");
    return std::string(text.view());
}

bool Repository::holds(const CommitId& commit, const CommitId& ground) const {
    const ScratchRepository fresh(handles_->common);
    try {
        // Everything is compared with its hash as it is read, also the contents of what differs.
        const GitDiff diff = diff_of(fresh.get(), ground, commit);
        GitBuffer text;
        check_git(git_diff_to_buf(text.get(), diff.get(), GIT_DIFF_FORMAT_PATCH), "writing a patch");
        return true;
    } catch (const MachineryError&) {
        return false;
    }
}

std::vector<std::string> Repository::changed_paths(const CommitId& from, const CommitId& to) const {
    const GitDiff diff = diff_of(handles_->objects.get(), from, to);
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i) {
        const git_diff_delta* delta = git_diff_get_delta(diff.get(), i);
        const char* path = delta->new_file.path != nullptr ? delta->new_file.path : delta->old_file.path;
        if (path != nullptr) paths.emplace_back(path);
    }
    return paths;
}

std::optional<CommitId> Repository::abbreviated_commit(const std::string& digits) const {
    constexpr std::size_t fewest_digits = 4;
    if (digits.size() < fewest_digits || digits.size() > object_id_digits ||
        digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
        return std::nullopt;
    }
    git_oid beginning = {};
    if (git_oid_fromstrn(&beginning, digits.data(), digits.size()) < 0) return std::nullopt;
    GitCommit commit;
    if (git_commit_lookup_prefix(out(commit), handles_->objects.get(), &beginning, digits.size()) < 0)
        return std::nullopt;
    return CommitId{to_hex(*git_commit_id(commit.get()))};
}

}  // namespace ratchet
