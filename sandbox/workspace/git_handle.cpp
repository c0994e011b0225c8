#include "sandbox/workspace/git_handle.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>

#include <fmt/core.h>

#include "experiment_store/errors.hpp"

namespace ratchet {
namespace {

void set_up_library() {
    if (git_libgit2_init() < 0) throw MachineryError("libgit2 does not start: " + last_git_error());
    check_git(git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1), "asking libgit2 for fsync");
    for (const int level : {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
                            GIT_CONFIG_LEVEL_GLOBAL}) {
        check_git(git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, ""), "emptying libgit2's search paths");
    }
    // Each handle would otherwise keep up to 256 MiB of trees and commits; a night reads tens of thousands.
    // What is counted is their content: a small commit takes five times as much.
    constexpr ssize_t most_cached_bytes = ssize_t{1} << 20;
    check_git(git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, most_cached_bytes), "limiting libgit2's cache");
#if LIBGIT2_VER_MAJOR > 1 || LIBGIT2_VER_MINOR >= 4
    // Extensions that change nothing of what is read here; sparse checkouts and partial clones set them.
    std::array<const char*, 3> harmless = {"worktreeconfig", "partialclone", "preciousobjects"};
    check_git(git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, harmless.data(), harmless.size()),
              "naming the known extensions to libgit2");
#endif
#if LIBGIT2_VER_MAJOR > 1 || LIBGIT2_VER_MINOR >= 5
    check_git(git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0), "switching libgit2's owner validation off");
#endif
}

}  // namespace

void start_git() {
    static std::once_flag started;
    std::call_once(started, set_up_library);
}

std::string last_git_error() {
    const git_error* error = git_error_last();
    return error != nullptr && error->message != nullptr ? error->message : "no reason given";
}

bool git_found_no_room() {
    // libgit2 keeps no errno, but the text that the C library has for it.
    const std::string error = last_git_error();
    return error.ends_with(std::strerror(ENOSPC)) || error.ends_with(std::strerror(EDQUOT));
}

void check_git(int result, std::string_view doing_what) {
    if (result >= 0) return;
    const std::string text = fmt::format("{}: {}", doing_what, last_git_error());
    if (git_found_no_room()) throw NoRoom(text);
    throw MachineryError(text);
}

std::string to_hex(const git_oid& id) {
    std::array<char, object_id_digits + 1> hex = {};
    git_oid_tostr(hex.data(), hex.size(), &id);
    return hex.data();
}

git_oid to_oid(const std::string& hex) {
    git_oid id = {};
    if (hex.size() != object_id_digits || git_oid_fromstr(&id, hex.c_str()) < 0) {
        throw MachineryError(fmt::format("\"{}\" is not the id of a git object", hex));
    }
    return id;
}

}  // namespace ratchet
