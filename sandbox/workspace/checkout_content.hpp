#pragma once

// For the .cpp files of this folder only: it includes libgit2.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/workspace/git_handle.hpp"
#include "sandbox/workspace/text_conversion.hpp"
#include "sandbox/workspace/tree_listing.hpp"

namespace ratchet {

/// What a Git LFS pointer file stands for.
struct LfsPointer {
    std::string sha256;
    std::uint64_t size = 0;
};
std::optional<LfsPointer> lfs_pointer(std::string_view text);

/// What a tracked file must contain in a worktree: the blob itself, converted bytes, or a local LFS object.
struct ExpectedContent {
    git_oid blob = {};
    git_repository* repository = nullptr;
    std::uint64_t size = 0;
    std::optional<std::string> converted;
    std::filesystem::path lfs_object;

    /// True where an open file has exactly this content.
    [[nodiscard]] bool is_in(int file) const;
    void write_to(int file) const;
};

/// From the repository's bytes to the worktree's and back, as the commit's own .gitattributes,
/// info/attributes and the repository's configuration say. Line ends are converted. Filters are never run:
/// what `filter=lfs` stands for is taken from the local git directory where it is there; every other file is
/// checked out as it is stored. A proposal's version of an LFS file enters the candidate as its full content.
class CheckoutContent {
  public:
    /// `repository` is the git directory's, opened bare; its configuration counts.
    CheckoutContent(git_repository* repository, const std::filesystem::path& git_directory,
                    const TreeListing& listing);

    /// Equal for two commits whose files are converted alike.
    [[nodiscard]] const std::string& identity() const { return identity_; }
    [[nodiscard]] ExpectedContent expected(const TrackedFile& file) const;
    /// The pointer, where the file is one whose object is not here.
    [[nodiscard]] std::optional<LfsPointer> missing_lfs_object(const TrackedFile& file) const;
    /// What a checkout writes for these bytes of the repository.
    [[nodiscard]] std::string to_worktree(const std::string& path, std::string bytes) const;
    [[nodiscard]] std::string to_repository(const std::string& path, std::string bytes,
                                            std::string_view before) const;

  private:
    struct Attributes {
        TextConversion text;
        bool lfs = false;
    };
    [[nodiscard]] Attributes attributes(const std::string& path) const;
    [[nodiscard]] std::filesystem::path lfs_object(const LfsPointer& pointer) const;
    [[nodiscard]] std::optional<LfsPointer> pointer_in(const TrackedFile& file,
                                                       const Attributes& found) const;

    std::filesystem::path git_directory_;
    GitRepository
        attributes_;  ///< with an index that holds the commit's .gitattributes; none: nothing is converted
    bool automatic_ = false;  ///< core.autocrlf is set
    bool crlf_ = false;       ///< text files have CRLF in the worktree unless attributes say otherwise
    std::string identity_;
};

}  // namespace ratchet
