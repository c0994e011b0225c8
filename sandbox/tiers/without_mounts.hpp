#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "sandbox/confinement.hpp"
#include "sandbox/process/descriptor.hpp"

// What stands in for mounts where a sandbox cannot make any. Everything here treats the tree as hostile: no
// symlink in it leads out of it, and whatever modes a run left, its files go.

namespace ratchet {

/// A tree whose writes do not stay: it is put aside, a copy takes its place (so that the path is the same as
/// when it was built), and afterwards the original comes back.
class TreeCopy {
  public:
    /// Throws MachineryError where the tree cannot be copied; it is as it was then.
    explicit TreeCopy(const std::filesystem::path& tree);
    ~TreeCopy();
    TreeCopy(const TreeCopy&) = delete;
    TreeCopy& operator=(const TreeCopy&) = delete;
    /// Removes what a killed process has left aside of a tree that was made ready anew since: it must not
    /// come back.
    static void forget(const std::filesystem::path& tree);
    /// The first of these files that is not any more as it was; empty: none.
    [[nodiscard]] std::string altered(const std::vector<std::string>& files) const;

  private:
    void put_back() const;
    std::filesystem::path tree_;
    std::filesystem::path original_;
};

/// A folder in /tmp with a private HOME and TMPDIR, gone afterwards.
class PrivateFolder {
  public:
    /// Belongs to `owner`; 0: to the caller.
    explicit PrivateFolder(uid_t owner);
    ~PrivateFolder();
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;
    /// Links to what is declared below the inner HOME, at the same places of this one.
    void link_into_home(const std::vector<Mount>& mounts, uid_t owner) const;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path home() const { return path_ / "home"; }
    [[nodiscard]] std::filesystem::path temporary() const { return path_ / "tmp"; }

  private:
    std::filesystem::path path_;
};

/// What bubblewrap would mount into the tree, as links and copies. Links go again; copied caches stay with
/// the tree.
class TreeAdditions {
  public:
    /// What is made in the tree belongs to `owner`; 0: to the caller. No symlink of the tree is followed.
    TreeAdditions(const ConfinedCommand& command, uid_t owner);
    ~TreeAdditions();
    TreeAdditions(const TreeAdditions&) = delete;
    TreeAdditions& operator=(const TreeAdditions&) = delete;

    /// What of the tree stood in the way, so that the command cannot be run; empty: nothing.
    [[nodiscard]] const std::string& problem() const { return problem_; }

  private:
    void link(const Mount& mount, const std::string& below);
    void copy(const CacheLayer& cache);
    Descriptor make_parents(const std::string& below);
    void give_away(int folder, const std::string& name) const;
    void take_away();

    std::filesystem::path tree_;
    Descriptor root_;
    uid_t owner_;
    std::string problem_;
    // Relative to the tree.
    std::vector<std::string> links_;
    std::vector<std::string> covered_;  ///< empty folders that a link stands in for
    std::vector<std::string> made_;     ///< folders, the outer ones first
};

/// Removes the private folders of processes that were killed, as far as they belong to `owner` (0: the
/// caller).
void sweep_private_folders(uid_t owner);

}  // namespace ratchet
