#include "sandbox/workspace/tree_listing.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "experiment_store/errors.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {
namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string without_quotes(std::string_view text) {
    if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"')) return std::string(text);
    std::string result;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] == '\\' && i + 2 < text.size()) ++i;
        result += text[i];
    }
    return result;
}

/// The name under which .gitmodules knows the submodule at `path`.
std::optional<std::string> submodule_name(std::string_view modules, std::string_view path) {
    constexpr std::string_view head = "[submodule ";
    std::string name;
    while (!modules.empty()) {
        const std::size_t end = modules.find('\n');
        const std::string_view line = trimmed(modules.substr(0, end));
        modules = end == std::string_view::npos ? std::string_view{} : modules.substr(end + 1);
        if (line.starts_with(head) && line.ends_with(']')) {
            name = without_quotes(trimmed(line.substr(head.size(), line.size() - head.size() - 1)));
        } else if (const std::size_t equals = line.find('=');
                   equals != std::string_view::npos && trimmed(line.substr(0, equals)) == "path" &&
                   without_quotes(trimmed(line.substr(equals + 1))) == path) {
            return name;
        }
    }
    return std::nullopt;
}

/// A name that stays below the folder of submodules.
bool is_safe_name(const std::string& name) {
    const std::filesystem::path path(name);
    return !name.empty() && path.is_relative() && std::find(path.begin(), path.end(), "..") == path.end();
}

std::string blob_text(git_repository* repository, const git_tree* tree, const char* name) {
    const git_tree_entry* entry = git_tree_entry_byname(tree, name);
    if (entry == nullptr || git_tree_entry_type(entry) != GIT_OBJECT_BLOB) return {};
    GitBlob blob;
    check_git(git_blob_lookup(out(blob), repository, git_tree_entry_id(entry)), "reading .gitmodules");
    return {static_cast<const char*>(git_blob_rawcontent(blob.get())),
            static_cast<std::size_t>(git_blob_rawsize(blob.get()))};
}

}  // namespace

GitTree tree_of_commit(git_repository* repository, const git_oid& commit) {
    GitCommit object;
    check_git(git_commit_lookup(out(object), repository, &commit), "reading the commit " + to_hex(commit));
    GitTree tree;
    check_git(git_commit_tree(out(tree), object.get()), "reading the tree of the commit " + to_hex(commit));
    return tree;
}

std::vector<std::string> files_in(const git_tree* tree) {
    std::vector<std::string> files;
    const auto visit = [](const char* folder, const git_tree_entry* entry, void* payload) {
        if (git_tree_entry_type(entry) != GIT_OBJECT_TREE) {
            static_cast<std::vector<std::string>*>(payload)->push_back(std::string(folder) +
                                                                       git_tree_entry_name(entry));
        }
        return 0;
    };
    check_git(git_tree_walk(tree, GIT_TREEWALK_PRE, visit, &files), "listing a tree");
    return files;
}

TreeListing::TreeListing(git_repository* repository, const std::filesystem::path& git_directory,
                         const git_oid& commit) {
    const GitTree tree = tree_of_commit(repository, commit);
    tree_ = *git_tree_id(tree.get());
    read_tree({repository, git_directory, ""}, tree_, "", blob_text(repository, tree.get(), ".gitmodules"));
    std::sort(files_.begin(), files_.end(),
              [](const TrackedFile& a, const TrackedFile& b) { return a.path < b.path; });
}

void TreeListing::read_tree(const Source& source, const git_oid& id, const std::string& prefix,
                            const std::string& modules) {
    GitTree tree;
    check_git(git_tree_lookup(out(tree), source.repository, &id), "reading the tree " + to_hex(id));
    const std::size_t count = git_tree_entrycount(tree.get());
    for (std::size_t i = 0; i < count; ++i) {
        const git_tree_entry* entry = git_tree_entry_byindex(tree.get(), i);
        std::string path = prefix + git_tree_entry_name(entry);
        const git_filemode_t mode = git_tree_entry_filemode(entry);
        const git_oid& object = *git_tree_entry_id(entry);
        if (mode == GIT_FILEMODE_TREE) {
            read_tree(source, object, path + "/", modules);
        } else if (mode == GIT_FILEMODE_COMMIT) {
            read_submodule(source, {std::move(path), object}, modules);
        } else {
            files_.push_back({std::move(path), object, static_cast<std::uint32_t>(mode), source.repository,
                              !source.prefix.empty()});
        }
    }
}

void TreeListing::read_submodule(const Source& source, Submodule submodule, const std::string& modules) {
    const auto name = submodule_name(modules, std::string_view(submodule.path).substr(source.prefix.size()));
    submodule.nested = !source.prefix.empty();
    GitRepository repository;
    std::filesystem::path git_directory;
    if (name && is_safe_name(*name)) {
        git_directory = source.git_directory / "modules" / *name;
        submodule.present = git_repository_open_bare(out(repository), git_directory.c_str()) == 0;
    }
    GitCommit commit;
    submodule.present =
        submodule.present && git_commit_lookup(out(commit), repository.get(), &submodule.commit) == 0;
    const Submodule found = submodules_.emplace_back(std::move(submodule));
    if (!found.present) return;
    GitTree tree;
    check_git(git_commit_tree(out(tree), commit.get()), "reading the submodule " + printable(found.path));
    const std::string inner = blob_text(repository.get(), tree.get(), ".gitmodules");
    const std::string prefix = found.path + "/";
    read_tree({repository.get(), git_directory, prefix}, *git_tree_id(tree.get()), prefix, inner);
    opened_.push_back(std::move(repository));
}

const TrackedFile* TreeListing::find(std::string_view path) const {
    const auto at =
        std::lower_bound(files_.begin(), files_.end(), path,
                         [](const TrackedFile& file, std::string_view p) { return file.path < p; });
    return at != files_.end() && at->path == path ? &*at : nullptr;
}

bool TreeListing::has_folder(std::string_view folder) const {
    const std::string prefix = std::string(folder) + "/";
    const auto at =
        std::lower_bound(files_.begin(), files_.end(), prefix,
                         [](const TrackedFile& file, const std::string& p) { return file.path < p; });
    if (at != files_.end() && at->path.starts_with(prefix)) return true;
    return std::any_of(submodules_.begin(), submodules_.end(), [&](const Submodule& submodule) {
        return submodule.path == folder || submodule.path.starts_with(prefix);
    });
}

bool TreeListing::is_submodule(std::string_view path) const {
    return std::any_of(submodules_.begin(), submodules_.end(),
                       [&](const Submodule& submodule) { return submodule.path == path; });
}

}  // namespace ratchet
