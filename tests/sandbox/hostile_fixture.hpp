#pragma once

#include <gmock/gmock.h>

#include <map>
#include <string>

#include "sandbox/workspace/worktree.hpp"
#include "tests/sandbox/workspace_fixture.hpp"

namespace ratchet::test {

/// A worktree that something hostile is done to. Afterwards a reset must make it as it was, and what the
/// marker stands for must not have been run.
class HostileTest : public WorkspaceTest {
  protected:
    void SetUp() override {
        user.write("a", "1\n");
        user.write("src/main.c", "int main;\n");
        commit = commit_and_lease();
        marker = user.folder() / "marker";
        clean = worktree_contents();
    }
    void TearDown() override {
        worktree->reset(commit);
        EXPECT_THAT(differences(clean, worktree_contents()), ::testing::IsEmpty());
        EXPECT_FALSE(std::filesystem::exists(marker));
    }
    void expect_unsafe(const std::string& reason) {
        const CapturedDiff captured = worktree->capture(commit, {});
        EXPECT_EQ(captured.refused, Rejection::unsafe);
        EXPECT_THAT(captured.reason, ::testing::HasSubstr(reason));
        EXPECT_EQ(captured.diff, "");
    }
    std::string evil_config() {
        return "[core]\n\tfsmonitor = touch '" + marker.string() + "'\n\tworktree = /\n";
    }

    CommitId commit;
    std::filesystem::path marker;
    std::map<std::string, std::string> clean;
};

}  // namespace ratchet::test
