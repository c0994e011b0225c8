#pragma once

// Owning handles for libgit2, and its errors as ours. For the .cpp files of this folder only: it includes
// libgit2.

#include <git2.h>

#include <string>
#include <string_view>
#include <utility>

namespace ratchet {

/// Hexadecimal digits of an object's id. libgit2 has renamed its own constant.
inline constexpr int object_id_digits = 40;

/// A libgit2 object that is released with its owner: `GitHandle<git_tree, git_tree_free>`.
template <typename T, auto release>
class GitHandle {
  public:
    GitHandle() = default;
    GitHandle(GitHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    GitHandle& operator=(GitHandle&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~GitHandle() { reset(); }

    [[nodiscard]] T* get() const { return handle_; }
    explicit operator bool() const { return handle_ != nullptr; }
    void reset() {
        if (handle_ != nullptr) release(handle_);
        handle_ = nullptr;
    }
    /// Where a libgit2 function puts what it makes: `git_tree_lookup(out(tree), ...)`.
    friend T** out(GitHandle& handle) {
        handle.reset();
        return &handle.handle_;
    }

  private:
    T* handle_ = nullptr;
};

using GitRepository = GitHandle<git_repository, git_repository_free>;
using GitOdb = GitHandle<git_odb, git_odb_free>;
using GitOdbObject = GitHandle<git_odb_object, git_odb_object_free>;
using GitObject = GitHandle<git_object, git_object_free>;
using GitCommit = GitHandle<git_commit, git_commit_free>;
using GitTree = GitHandle<git_tree, git_tree_free>;
using GitTreeEntry = GitHandle<git_tree_entry, git_tree_entry_free>;
using GitBlob = GitHandle<git_blob, git_blob_free>;
using GitIndex = GitHandle<git_index, git_index_free>;
using GitDiff = GitHandle<git_diff, git_diff_free>;
using GitPatch = GitHandle<git_patch, git_patch_free>;
using GitReference = GitHandle<git_reference, git_reference_free>;
using GitReferenceIterator = GitHandle<git_reference_iterator, git_reference_iterator_free>;
using GitSignature = GitHandle<git_signature, git_signature_free>;
using GitRevwalk = GitHandle<git_revwalk, git_revwalk_free>;
using GitPackbuilder = GitHandle<git_packbuilder, git_packbuilder_free>;
using GitIndexer = GitHandle<git_indexer, git_indexer_free>;
using GitConfig = GitHandle<git_config, git_config_free>;

/// Bytes that libgit2 allocated.
class GitBuffer {
  public:
    GitBuffer() = default;
    GitBuffer(const GitBuffer&) = delete;
    GitBuffer& operator=(const GitBuffer&) = delete;
    ~GitBuffer() { git_buf_dispose(&buffer_); }
    git_buf* get() { return &buffer_; }
    [[nodiscard]] std::string_view view() const { return {buffer_.ptr, buffer_.size}; }

  private:
    git_buf buffer_ = {};
};

/// Starts libgit2 once in the process: whatever is written is fsynced, no configuration of the user, the
/// system or the machine is found, and ownership is left to Repository::open, which checks it itself.
void start_git();

/// What libgit2 says of the last error in this thread.
std::string last_git_error();

/// Whether the last error in this thread is that of a full disk.
bool git_found_no_room();

/// Throws MachineryError("<doing what>: <libgit2's message>") where `result` is negative; NoRoom where the
/// disk is full.
void check_git(int result, std::string_view doing_what);

std::string to_hex(const git_oid& id);
/// Throws MachineryError where these are not 40 hexadecimal digits.
git_oid to_oid(const std::string& hex);

}  // namespace ratchet
