#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/workspace/repository.hpp"
#include "sandbox/workspace/worktree.hpp"
#include "tests/support/temporary_repository.hpp"

namespace ratchet::test {

/// The rule that means these paths.
inline PathRule one_of(std::vector<std::string> paths) {
    return [paths = std::move(paths)](std::string_view path) {
        return std::find(paths.begin(), paths.end(), path) != paths.end();
    };
}

/// A real repository of a user, opened, with a leased worktree in it.
class WorkspaceTest : public ::testing::Test {
  protected:
    TemporaryRepository user;
    std::optional<Repository> repository;
    std::optional<Worktree> worktree;

    /// Commits what was written and opens the repository.
    CommitId commit_and_open() {
        const CommitId commit{user.commit_all()};
        if (!repository) repository.emplace(Repository::open(user.root()));
        return commit;
    }
    /// The same, and a worktree that stands at the commit.
    CommitId commit_and_lease() {
        const CommitId commit = commit_and_open();
        if (!worktree) worktree.emplace(lease("agent"));
        worktree->reset(commit);
        return commit;
    }
    Worktree lease(const std::string& name) {
        return Worktree::lease(
            *repository, repository->common_directory() / "ratchet" / "speed" / "worktrees", "speed", name);
    }
    [[nodiscard]] std::filesystem::path inside(const std::string& path) const {
        return worktree->path() / path;
    }
    /// What stands in the worktree, without its `.git`.
    [[nodiscard]] std::map<std::string, std::string> worktree_contents() const {
        return contents(worktree->path());
    }
    /// Kind, executable bit and contents of everything in a folder.
    static std::map<std::string, std::string> contents(const std::filesystem::path& folder) {
        std::map<std::string, std::string> result;
        for (const auto& [path, text] : snapshot(folder, {".git"})) {
            const auto status = std::filesystem::symlink_status(folder / path);
            if (std::filesystem::is_directory(status)) continue;
            std::string what = "other";
            if (std::filesystem::is_symlink(status)) {
                what = "-> " + std::filesystem::read_symlink(folder / path).string();
            } else if (std::filesystem::is_regular_file(status)) {
                const bool runs = (status.permissions() & std::filesystem::perms::owner_exec) !=
                                  std::filesystem::perms::none;
                what = (runs ? "x " : "- ") + read_file(folder / path);
            }
            result[path] = what;
        }
        return result;
    }
    /// What git itself checks out of the commit, in a clone.
    std::map<std::string, std::string> as_git_checks_out(const CommitId& commit) {
        const auto clone = user.folder() / ("clone-" + std::to_string(clones_++));
        user.git({"clone", "--quiet", "--no-checkout", user.root().string(), clone.string()});
        // The clone fetches what no branch holds, too.
        user.git_in(clone, {"fetch", "--quiet", user.root().string(), "+refs/ratchet/*:refs/ratchet/*"});
        user.git_in(clone, {"checkout", "--quiet", "--detach", commit.hex});
        return contents(clone);
    }
    /// Captures, makes the commit, pins it.
    CommitId candidate_of(const CommitId& parent) {
        const CapturedDiff captured = worktree->capture(parent, {});
        EXPECT_EQ(captured.refused, std::nullopt) << captured.reason;
        const auto commit = repository->commit_of(parent, captured.diff, "candidate", Timestamp{});
        EXPECT_TRUE(commit.has_value()) << captured.diff;
        if (!commit) return parent;
        repository->pin("speed", "1", *commit);
        return *commit;
    }

  private:
    int clones_ = 0;
};

}  // namespace ratchet::test
