#pragma once

// For the .cpp files of this folder only: it includes libgit2.

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "experiment_store/experiment.hpp"
#include "sandbox/workspace/git_handle.hpp"

namespace ratchet {

/// A bare repository in a folder of its own, which sees the objects of another one as well: it has neither
/// refs nor configuration that could change what is done with them, and what is written stays in it.
GitRepository side_repository(const std::filesystem::path& folder, const std::filesystem::path& common);

/// Looks through what came from outside before it is taken over. Each function throws UserError("the
/// archive's commits ...") at the first thing that is wrong.
class IncomingObjects {
  public:
    /// `incoming` sees the new objects and those that are `known` already, which are not looked through
    /// again.
    IncomingObjects(git_repository* incoming, git_repository* known);

    /// That no tree in this folder of objects would be dangerous to check out, whoever refers to it: no names
    /// that lead out of it or into a git directory, no depth and no size without an end.
    void check_trees(const std::filesystem::path& objects);
    /// That the commits and all of their history are there.
    void check_commits(const std::vector<CommitId>& commits);

  private:
    struct TreeSize {
        std::uint64_t entries = 1;  ///< with all that is below it
        int height = 0;             ///< of folders below it
    };
    void check_commit(const git_oid& id);
    TreeSize check_tree(const git_oid& id, int depth);

    git_repository* incoming_;
    GitOdb objects_;
    GitOdb known_;
    std::unordered_map<std::string, TreeSize> sizes_;  ///< of the trees that were looked through
};

}  // namespace ratchet
