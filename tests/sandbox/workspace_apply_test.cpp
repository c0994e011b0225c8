#include <gmock/gmock.h>

#include "sandbox/workspace/worktree.hpp"
#include "tests/sandbox/workspace_fixture.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::write_file;
using ::testing::IsEmpty;

class ApplyTest : public test::WorkspaceTest {
  protected:
    /// git's own patch from the commit to what `change` makes of the user's checkout, which is put back.
    template <typename Change>
    std::string patch_of(Change change, const std::vector<std::string>& options = {}) {
        change();
        user.git({"add", "--all"});
        std::vector<std::string> arguments = {"diff", "--cached", "--binary"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        const std::string patch = user.git(arguments);
        expected = contents(user.root());
        user.git({"reset", "--quiet", "--hard"});
        return patch;
    }
    static std::string numbered(int count) {
        std::string lines;
        for (int i = 1; i <= count; ++i)
            lines += "line " + std::to_string(i) + "\n";
        return lines;
    }
    std::map<std::string, std::string> expected;
};

TEST_F(ApplyTest, EveryKindOfPatchOfGitApplies) {
    user.write("text", numbered(40));
    user.write("gone", "bye\n");
    user.write("with space", "1\n");
    user.write("empty goes", "");
    user.write("binary", std::string("\0\1\2", 3) + std::string(3000, 'a'));
    user.write("renamed from", numbered(20));
    user.write("no end", "one\ntwo");
    user.write("folder/a", "1\n");
    user.write("run me", "#!/bin/sh\n");
    commit_and_lease();
    const auto change = [&] {
        user.write("text", "first\n" + numbered(40) + "last\n");
        fs::remove(user.root() / "gone");
        fs::remove(user.root() / "empty goes");
        user.write("with space", "2\n");
        user.write("new with space", "2\n");
        user.write("empty comes", "");
        user.write("binary", std::string("\0\1\3", 3) + std::string(3000, 'a') + "b");
        user.write("new binary", std::string("\0\377", 2));
        fs::rename(user.root() / "renamed from", user.root() / "renamed to");
        user.write("no end", "one\n2");
        fs::remove_all(user.root() / "folder");
        user.make_symlink("text", "folder");
        user.make_executable("run me");
    };
    for (const char* renames : {"--no-renames", "--find-renames"}) {
        const std::string patch = patch_of(change, {renames});
        worktree->reset(repository->head());
        EXPECT_TRUE(worktree->apply(patch)) << patch;
        EXPECT_EQ(worktree_contents(), expected);
    }
}

TEST_F(ApplyTest, MailOfFormatPatchApplies) {
    user.write("a", "1\n");
    const CommitId commit = commit_and_lease();
    user.write("a", "2\n");
    user.write("empty", "");
    user.commit_all("A change\n\nindex of what it does:\ndiff --git is mentioned here");
    const std::string mail = user.git({"format-patch", "--stdout", "-1"});
    worktree->reset(commit);
    EXPECT_TRUE(worktree->apply(mail));
    EXPECT_EQ(worktree_contents(), contents(user.root()));
}

TEST_F(ApplyTest, HunksAreFoundWhereTheyHaveMoved) {
    user.write("a", numbered(100));
    const CommitId base = commit_and_lease();
    const std::string patch = patch_of([&] {
        std::string text = numbered(100);
        text.replace(text.find("line 30\n"), 8, "thirty\n");
        text.replace(text.find("line 80\n"), 8, "");
        user.write("a", text + "the end\n");
    });
    // Meanwhile lines came before, between, and went.
    std::string moved = "new first\nnew second\n" + numbered(100);
    moved.replace(moved.find("line 50\n"), 8, "50\nmore\nand more\n");
    user.write("a", moved);
    const CommitId later{user.commit_all()};
    worktree->reset(later);
    ASSERT_TRUE(worktree->apply(patch));
    write_file(user.folder() / "patch", patch);
    user.git({"apply", (user.folder() / "patch").string()});
    EXPECT_EQ(read_file(inside("a")), user.read("a"));
    EXPECT_NE(base, later);
}

TEST_F(ApplyTest, AllOrNothing) {
    user.write("a", "1\n");
    user.write("b", "1\n");
    user.write("taken", "mine\n");
    commit_and_lease();
    const std::string patch = patch_of([&] {
        user.write("a", "2\n");
        user.write("b", "2\n");
        user.write("new/file", "2\n");
    });
    const auto before = [&](const std::string& path, const std::string& bytes) {
        worktree->reset(repository->head());
        write_file(inside(path), bytes);
        return worktree_contents();
    };
    auto there = before("b", "other\n");
    EXPECT_FALSE(worktree->apply(patch));
    EXPECT_THAT(test::differences(there, worktree_contents()), IsEmpty());
    there = before("new/file", "in the way\n");
    EXPECT_FALSE(worktree->apply(patch));
    EXPECT_THAT(test::differences(there, worktree_contents()), IsEmpty());
    there = before("new", "in the way\n");
    EXPECT_FALSE(worktree->apply(patch));
    EXPECT_THAT(test::differences(there, worktree_contents()), IsEmpty());
    worktree->reset(repository->head());
    EXPECT_TRUE(worktree->apply(patch));
    EXPECT_FALSE(worktree->apply(patch));  // it is there already
}

TEST_F(ApplyTest, WhatIsNoPatchDoesNotApply) {
    user.write("a", "1\n");
    const CommitId commit = commit_and_lease();
    for (const char* text :
         {"", "hello\n", "diff --git a/a b/a\n", "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-9\n+2\n",
          "diff --git a/a b/a\nindex d00491f..0cfbf08 100644\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-1\n"}) {
        EXPECT_FALSE(worktree->apply(text)) << text;
    }
    EXPECT_TRUE(worktree->capture(commit, {}).diff.empty());
}

TEST_F(ApplyTest, NoPatchReachesOutOfTheTree) {
    user.write("a", "1\n");
    commit_and_lease();
    fs::create_directory_symlink(user.folder(), inside("link"));
    const auto new_file = [](const std::string& path) {
        return "diff --git a/" + path + " b/" + path +
               "\nnew file mode 100644\nindex 0000000..d00491f\n--- /dev/null\n+++ b/" + path +
               "\n@@ -0,0 +1 @@\n+1\n";
    };
    for (const char* path : {"../escaped", "x/../../escaped", ".git/escaped", "x/.GIT/escaped"}) {
        EXPECT_FALSE(worktree->apply(new_file(path))) << path;
    }
    EXPECT_FALSE(worktree->apply(new_file("link/escaped")));
    EXPECT_FALSE(fs::exists(user.folder() / "escaped"));
    EXPECT_FALSE(fs::exists(worktree->path().parent_path() / "escaped"));
}

TEST_F(ApplyTest, LineEndsAreTheRepositorys) {
    user.write(".gitattributes", "*.txt text eol=crlf\n");
    user.write("a.txt", "one\r\ntwo\r\n");
    const CommitId commit = commit_and_lease();
    ASSERT_EQ(read_file(inside("a.txt")), "one\r\ntwo\r\n");
    EXPECT_TRUE(worktree->apply(patch_of([&] { user.write("a.txt", "one\r\n2\r\n"); })));
    EXPECT_EQ(read_file(inside("a.txt")), "one\r\n2\r\n");
    EXPECT_EQ(repository->file(candidate_of(commit), "a.txt"), "one\n2\n");
}

}  // namespace
}  // namespace ratchet
