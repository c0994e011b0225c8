#include "sandbox/workspace/scratch_clone.hpp"

#include <fmt/format.h>

#include <fstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "experiment_store/errors.hpp"
#include "sandbox/workspace/directory.hpp"
#include "sandbox/workspace/git_handle.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

void write_file(const fs::path& file, const std::string& text) {
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream << text;
    stream.close();
    if (!stream) throw_errno("writing " + printable(file.native()));
}

/// A second name where the file system gives one, else a copy.
void link_or_copy(const fs::path& from, const fs::path& to) {
    std::error_code not_linked;
    fs::create_hard_link(from, to, not_linked);
    if (not_linked) fs::copy_file(from, to);
}

/// One of git's folders, with all that it holds; nothing where it is not there.
void take_over(const fs::path& from, const fs::path& to) {
    if (!fs::exists(from)) return;
    fs::create_directories(to);
    for (fs::recursive_directory_iterator entry(from, fs::directory_options::follow_directory_symlink), end;
         entry != end; ++entry) {
        const fs::path place = to / entry->path().lexically_relative(from);
        if (entry->is_directory()) {
            fs::create_directories(place);
        } else if (entry->is_regular_file() && !fs::exists(place)) {
            link_or_copy(entry->path(), place);
        }
    }
}

/// Objects that the repository borrows from another one: a path there may be relative to its own objects.
void take_over_alternates(const fs::path& from, const fs::path& to) {
    const fs::path file = "info/alternates";
    std::ifstream lines(from / file);
    std::string text;
    for (std::string line; std::getline(lines, line);) {
        const bool relative = !line.empty() && !line.starts_with('/') && !line.starts_with('#');
        text += (relative ? fs::weakly_canonical(from / line).string() : line) + "\n";
    }
    if (text.empty()) return;
    fs::remove(to / file);  // the name, not the user's file
    write_file(to / file, text);
}

void take_over_objects(const fs::path& from, const fs::path& to) {
    for (const char* folder : {"objects", "lfs/objects", "modules"})
        take_over(from / folder, to / folder);
    take_over_alternates(from / "objects", to / "objects");
    // Where the history ends of a repository that has not all of it.
    if (fs::exists(from / "shallow")) fs::copy_file(from / "shallow", to / "shallow");
}

GitRepository opened(const fs::path& folder) {
    GitRepository repository;
    check_git(git_repository_open(out(repository), folder.c_str()), "opening the scratch clone");
    return repository;
}

void check_out(git_repository* repository, const CommitId& commit) {
    const git_oid id = to_oid(commit.hex);
    GitObject object;
    check_git(git_object_lookup(out(object), repository, &id, GIT_OBJECT_COMMIT),
              "finding HEAD in the clone");
    git_checkout_options options;
    check_git(git_checkout_options_init(&options, GIT_CHECKOUT_OPTIONS_VERSION), "preparing a checkout");
    options.checkout_strategy = GIT_CHECKOUT_FORCE;
    check_git(git_checkout_tree(repository, object.get(), &options), "checking the clone out");
    check_git(git_repository_set_head_detached(repository, &id), "setting the clone's HEAD");
}

/// All but HEAD, which names no branch.
void remove_references(git_repository* repository) {
    GitReferenceIterator iterator;
    check_git(git_reference_iterator_new(out(iterator), repository), "listing the clone's references");
    std::vector<std::string> names;
    for (const char* name = nullptr; git_reference_next_name(&name, iterator.get()) == 0;)
        names.emplace_back(name);
    for (const std::string& name : names)
        check_git(git_reference_remove(repository, name.c_str()), "removing a reference of the clone");
}

/// The base's tree with this file, also in the clone's own index, so that its checkout is clean.
git_oid tree_with_file(git_repository* repository, const git_commit* base, const std::string& path,
                       const std::string& text) {
    GitTree base_tree;
    check_git(git_commit_tree(out(base_tree), base), "reading the base's tree");
    GitIndex index;
    check_git(git_repository_index(out(index), repository), "opening the scratch clone's index");
    check_git(git_index_read_tree(index.get(), base_tree.get()), "reading the base's tree");
    git_index_entry entry{};
    entry.mode = GIT_FILEMODE_BLOB;
    entry.path = path.c_str();
    check_git(git_index_add_from_buffer(index.get(), &entry, text.data(), text.size()), "adding the file");
    git_oid tree;
    check_git(git_index_write_tree(&tree, index.get()), "writing the tree");
    check_git(git_index_write(index.get()), "writing the scratch clone's index");
    return tree;
}

}  // namespace

ScratchClone::ScratchClone(const Repository& repository, fs::path folder)
    : folder_(std::move(folder)), base_(repository.head()) {
    start_git();
    try {
        GitRepository clone;
        check_git(git_repository_init(out(clone), folder_.c_str(), 0), "making the scratch clone");
        take_over_objects(repository.common_directory(), folder_ / ".git");
        check_out(clone.get(), base_);
    } catch (const fs::filesystem_error& error) {
        if (means_no_room(error.code().value())) throw NoRoom(error.what());
        throw UserError(fmt::format("the repository cannot be cloned: {}", error.what()),
                        "`git fsck` says whether all of it can be read");
    } catch (const MachineryError& error) {
        throw UserError(fmt::format("the repository cannot be cloned: {}", error.what()),
                        "`git fsck` says whether all of it is there");
    }
}

void ScratchClone::commit_file(const fs::path& file, const std::string& text) const {
    const GitRepository clone = opened(folder_);
    remove_references(clone.get());
    const git_oid base_id = to_oid(base_.hex);
    GitCommit base;
    check_git(git_commit_lookup(out(base), clone.get(), &base_id), "finding the base in the clone");
    const git_oid tree_id = tree_with_file(clone.get(), base.get(), file.generic_string(), text);
    GitTree tree;
    check_git(git_tree_lookup(out(tree), clone.get(), &tree_id), "reading the tree");
    GitSignature author;
    check_git(git_signature_now(out(author), "ratchet", "ratchet@localhost"), "making a signature");
    git_oid id;
    check_git(git_commit_create_v(&id, clone.get(), nullptr, author.get(), author.get(), nullptr,
                                  "A draft of a campaign\n", tree.get(), 1, base.get()),
              "committing the draft");
    check_git(git_repository_set_head_detached(clone.get(), &id), "setting the clone's HEAD");
    make_folders(folder_ / file.parent_path());
    write_file(folder_ / file, text);
}

}  // namespace ratchet
