#pragma once

// For the .cpp files of this folder only: it includes libgit2.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/workspace/git_handle.hpp"

namespace ratchet {

/// A file or symlink that a commit holds.
struct TrackedFile {
    std::string path;  ///< relative to the root
    git_oid blob = {};
    std::uint32_t mode = 0;                ///< GIT_FILEMODE_BLOB, _BLOB_EXECUTABLE or _LINK
    git_repository* repository = nullptr;  ///< that holds the blob
    bool in_submodule = false;
};

struct Submodule {
    std::string path;
    git_oid commit = {};
    bool present = false;  ///< its commit is in the local git directory
    bool nested = false;   ///< a submodule of a submodule
};

/// All that a commit checks out: its own files and those of its submodules, as far as they are in the local
/// git directory (<common directory>/modules/<name>).
class TreeListing {
  public:
    TreeListing(git_repository* repository, const std::filesystem::path& git_directory,
                const git_oid& commit);

    [[nodiscard]] const git_oid& tree() const { return tree_; }
    [[nodiscard]] const std::vector<TrackedFile>& files() const {
        return files_;
    }  ///< sorted by the bytes of the path
    [[nodiscard]] const std::vector<Submodule>& submodules() const { return submodules_; }
    /// The file with this path, or nullptr.
    [[nodiscard]] const TrackedFile* find(std::string_view path) const;
    /// True where a file stands below the folder ("a/b", no trailing slash), or a submodule there or below.
    [[nodiscard]] bool has_folder(std::string_view folder) const;
    [[nodiscard]] bool is_submodule(std::string_view path) const;

  private:
    struct Source {
        git_repository* repository = nullptr;
        std::filesystem::path git_directory;
        std::string prefix;  ///< where its root stands: "", or "submodule/"
    };
    void read_tree(const Source& source, const git_oid& id, const std::string& prefix,
                   const std::string& modules);
    void read_submodule(const Source& source, Submodule submodule, const std::string& modules);

    git_oid tree_ = {};
    std::vector<TrackedFile> files_;
    std::vector<Submodule> submodules_;
    std::vector<GitRepository> opened_;
};

/// The tree of a commit. Throws MachineryError where the commit is not there.
GitTree tree_of_commit(git_repository* repository, const git_oid& commit);

/// The paths of all that a tree holds, except for folders, in git's order.
std::vector<std::string> files_in(const git_tree* tree);

}  // namespace ratchet
