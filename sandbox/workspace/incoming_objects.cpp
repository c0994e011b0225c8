#include "sandbox/workspace/incoming_objects.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "experiment_store/errors.hpp"
#include "sandbox/safe_text.hpp"
#include "sandbox/workspace/entry_names.hpp"

namespace ratchet {

namespace {

// Far beyond any real project; what checks a tree out walks through it folder by folder.
constexpr int deepest_tree = 500;
constexpr std::uint64_t most_entries = 5'000'000;

[[noreturn]] void refuse_objects(const std::string& what) {
    throw UserError(fmt::format("the archive's commits cannot be taken over: {}", what),
                    "Nothing was imported. Export it again where it comes from.");
}

bool is_dangerous(std::string_view name) {
    return name.empty() || name == "." || name == ".." || name.find('/') != std::string_view::npos ||
           is_git_name(name);
}

}  // namespace

GitRepository side_repository(const std::filesystem::path& folder, const std::filesystem::path& common) {
    GitRepository repository;
    check_git(git_repository_init(out(repository), folder.c_str(), 1), "making a repository beside");
    GitOdb objects;
    check_git(git_repository_odb(out(objects), repository.get()), "opening the object database");
    check_git(git_odb_add_disk_alternate(objects.get(), (common / "objects").c_str()),
              "opening the object database");
    return repository;
}

IncomingObjects::IncomingObjects(git_repository* incoming, git_repository* known) : incoming_(incoming) {
    check_git(git_repository_odb(out(objects_), incoming), "opening the object database");
    check_git(git_repository_odb(out(known_), known), "opening the object database");
}

void IncomingObjects::check_trees(const std::filesystem::path& objects) {
    GitOdb alone;
    check_git(git_odb_open(out(alone), objects.c_str()), "opening the object database");
    std::vector<git_oid> ids;
    const auto remember = [](const git_oid* id, void* payload) {
        static_cast<std::vector<git_oid>*>(payload)->push_back(*id);
        return 0;
    };
    check_git(git_odb_foreach(alone.get(), remember, &ids), "listing objects");
    for (const git_oid& id : ids) {
        std::size_t size = 0;
        git_object_t type = GIT_OBJECT_INVALID;
        check_git(git_odb_read_header(&size, &type, alone.get(), &id), "reading an object");
        if (type == GIT_OBJECT_TREE) check_tree(id, 0);
    }
}

void IncomingObjects::check_commits(const std::vector<CommitId>& commits) {
    GitRevwalk walk;
    check_git(git_revwalk_new(out(walk), incoming_), "walking through commits");
    for (const CommitId& commit : commits) {
        const git_oid id = to_oid(commit.hex);
        if (git_revwalk_push(walk.get(), &id) < 0)
            refuse_objects(fmt::format("the commit {} is not among them", commit.abbreviated()));
    }
    git_oid id = {};
    int result = 0;
    while ((result = git_revwalk_next(&id, walk.get())) == 0)
        check_commit(id);
    if (result != GIT_ITEROVER) refuse_objects("their history is not complete");
}

void IncomingObjects::check_commit(const git_oid& id) {
    GitCommit commit;
    if (git_commit_lookup(out(commit), incoming_, &id) < 0)
        refuse_objects(fmt::format("{} is no commit", to_hex(id)));
    check_tree(*git_commit_tree_id(commit.get()), 0);
}

IncomingObjects::TreeSize IncomingObjects::check_tree(const git_oid& id, int depth) {
    const std::string hex = to_hex(id);
    if (const auto seen = sizes_.find(hex); seen != sizes_.end()) return seen->second;
    // What is here already is the user's own.
    if (git_odb_exists(known_.get(), &id) != 0) return sizes_[hex] = {};
    if (depth > deepest_tree) refuse_objects("their folders are nested too deep");
    GitTree tree;
    if (git_tree_lookup(out(tree), incoming_, &id) < 0)
        refuse_objects(fmt::format("the tree {} is missing", hex));
    TreeSize size;
    for (std::size_t i = 0; i < git_tree_entrycount(tree.get()); ++i) {
        const git_tree_entry* entry = git_tree_entry_byindex(tree.get(), i);
        const git_oid& object = *git_tree_entry_id(entry);
        if (is_dangerous(git_tree_entry_name(entry)))
            refuse_objects(fmt::format("a file in them is called {}", printable(git_tree_entry_name(entry))));
        const git_filemode_t mode = git_tree_entry_filemode(entry);
        if (mode == GIT_FILEMODE_TREE) {
            const TreeSize below = check_tree(object, depth + 1);
            size.entries += below.entries;
            size.height = std::max(size.height, below.height + 1);
        } else if (mode != GIT_FILEMODE_COMMIT && git_odb_exists(objects_.get(), &object) == 0) {
            refuse_objects(fmt::format("the file {} is missing", to_hex(object)));
        }
        ++size.entries;
        if (size.entries > most_entries)
            refuse_objects(fmt::format("{} has more than {} files", hex, most_entries));
        if (size.height > deepest_tree) refuse_objects("their folders are nested too deep");
    }
    return sizes_[hex] = size;
}

}  // namespace ratchet
