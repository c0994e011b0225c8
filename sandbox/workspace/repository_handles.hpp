#pragma once

// For the .cpp files of this folder only: it includes libgit2.

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "sandbox/workspace/git_handle.hpp"

namespace ratchet {

struct RepositoryHandles {
    GitRepository checkout;  ///< as the user sees it: HEAD, the index, the checked out files
    /// The common directory, opened as a bare repository: what a checkout's files or its .gitattributes say
    /// plays no role in anything that is read or written through it.
    GitRepository objects;
    std::filesystem::path root;
    std::filesystem::path common;
    std::set<std::filesystem::path>
        synced;  ///< folders of refs whose own entries are durable since this process began
};

/// The common directory with an object database that keeps in memory whatever is written: to try things, and
/// to compare with what a hostile worktree holds, without leaving anything in the user's repository.
class ScratchRepository {
  public:
    explicit ScratchRepository(const std::filesystem::path& common);
    [[nodiscard]] git_repository* get() const { return repository_.get(); }
    /// Forgets all that was written.
    void clear();

  private:
    GitRepository repository_;
    git_odb_backend* memory_ = nullptr;  // owned by the repository's object database
};

/// Options for a patch that says everything, whatever the repository's configuration prefers.
git_diff_options complete_diff();

/// Reads a patch as git prints it; nothing where it is none.
GitDiff read_patch(std::string_view text);

/// The tree that a patch makes of another, written to `repository`; false where it does not apply, or is no
/// patch.
bool apply_patch(git_repository* repository, git_tree* tree, std::string_view patch, git_oid& result);

}  // namespace ratchet
