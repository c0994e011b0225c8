#pragma once

// For the .cpp files of this folder only: it includes libgit2.

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sandbox/workspace/checkout_content.hpp"
#include "sandbox/workspace/directory.hpp"
#include "sandbox/workspace/lease_metadata.hpp"
#include "sandbox/workspace/repository_handles.hpp"
#include "sandbox/workspace/tree_listing.hpp"
#include "sandbox/workspace/worktree.hpp"

namespace ratchet {

/// A file of the worktree that is known to be as it was checked out, and how to tell that it still is. The
/// change time cannot be set back by whoever writes to the file.
struct KnownFile {
    git_oid blob = {};
    std::uint32_t mode = 0;
    struct stat status = {};
};

/// A commit, ready to be compared with a worktree.
struct Target {
    CommitId commit;
    TreeListing listing;
    CheckoutContent content;
    Target(git_repository* repository, const std::filesystem::path& common, const CommitId& id)
        : commit(id), listing(repository, common, to_oid(id.hex)), content(repository, common, listing) {}
};

/// A lease: where it stands, and what is known of the files in it.
struct WorktreeState {
    RepositoryHandles& repository;
    std::filesystem::path folder;  ///< that holds the worktree
    std::string name;
    LeaseMetadata metadata;
    ScratchRepository scratch;
    Trash trash;
    std::shared_ptr<const Target> target;  ///< the last one used
    std::unordered_map<std::string, KnownFile> known;
    std::string known_identity;        ///< of the conversion that the known files were written with
    struct timespec known_until = {};  ///< a file changed at or after this moment is looked into
    std::string index_commit;          ///< that the worktree's index describes
    struct stat index_status = {};     ///< as we wrote it

    WorktreeState(RepositoryHandles& of, std::filesystem::path in, const std::string& campaign,
                  const std::string& called);

    [[nodiscard]] std::filesystem::path path() const { return folder / name; }
    /// The worktree's folder, made where it is missing; nothing is followed.
    Descriptor open_root();
    std::shared_ptr<const Target> target_of(const CommitId& commit);

    /// True where the known file is untouched, going by its status alone.
    [[nodiscard]] bool is_untouched(const TrackedFile& file, const struct stat& status) const;
    /// True where the file or symlink in the worktree is exactly what the commit holds, looking into it if
    /// need be.
    [[nodiscard]] bool is_as_committed(const Target& commit, const TrackedFile& file, int parent,
                                       const std::string& entry, const struct stat& status) const;
    /// Writes the file anew; `entry` must not be there.
    void check_out(const Target& commit, const TrackedFile& file, int parent, const std::string& entry);
    void remember(const TrackedFile& file, const struct stat& status);
    /// Puts `.git` in its place and brings the metadata, HEAD and the index in line with the commit, for the
    /// git commands that a proposer runs in the worktree.
    void write_metadata(const Target& commit, int root, bool files_changed);
    void write_index(const Target& commit);
    /// From here on, known files that change can be told by their change time.
    void begin_watch(int root);
};

}  // namespace ratchet
