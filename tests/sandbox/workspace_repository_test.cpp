#include "sandbox/workspace/repository.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include "experiment_store/errors.hpp"
#include "tests/sandbox/workspace_fixture.hpp"

namespace ratchet {
namespace {

using test::WorkspaceTest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string message_of_opening(const std::filesystem::path& path) {
    try {
        Repository::open(path);
    } catch (const UserError& error) {
        return error.what();
    }
    return "no UserError";
}

class RepositoryTest : public WorkspaceTest {};

TEST_F(RepositoryTest, IsFoundFromASubfolder) {
    user.write("services/search/main.py", "print()\n");
    user.commit_all();
    const Repository found = Repository::open(user.root() / "services" / "search");
    EXPECT_EQ(found.root(), user.root());
    EXPECT_EQ(found.common_directory(), user.root() / ".git");
    EXPECT_EQ(found.head().hex, user.head());
}

TEST_F(RepositoryTest, IsFoundFromAWorktreeOfTheUsers) {
    user.write("a", "1");
    user.commit_all();
    user.git({"worktree", "add", "--quiet", "-b", "other", (user.folder() / "other").string()});
    test::write_file(user.folder() / "other" / "b", "2");
    user.git_in(user.folder() / "other", {"add", "b"});
    user.git_in(user.folder() / "other", {"commit", "--quiet", "-m", "other"});
    const Repository found = Repository::open(user.folder() / "other");
    EXPECT_EQ(found.root(), user.folder() / "other");
    EXPECT_EQ(found.common_directory(), user.root() / ".git");
    EXPECT_EQ(found.head().hex, user.git_line({"rev-parse", "other"}));
}

TEST_F(RepositoryTest, MayHaveADetachedHead) {
    user.write("a", "1");
    const std::string first = user.commit_all();
    user.write("a", "2");
    user.commit_all();
    user.git({"checkout", "--quiet", "--detach", first});
    EXPECT_EQ(Repository::open(user.root()).head().hex, first);
}

TEST_F(RepositoryTest, SaysClearlyWhatIsNoUsableRepository) {
    EXPECT_THAT(message_of_opening(user.root()), HasSubstr("has no commit yet"));
    const auto bare = user.folder() / "bare.git";
    user.git({"init", "--quiet", "--bare", bare.string()});
    EXPECT_THAT(message_of_opening(bare), HasSubstr("is bare"));
    const test::TemporaryFolder nothing;
    EXPECT_THAT(message_of_opening(nothing.path()), HasSubstr("no git repository"));
    EXPECT_THAT(message_of_opening(nothing.path() / "missing"), HasSubstr("no git repository"));
}

TEST_F(RepositoryTest, OfAnotherUserIsRefused) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a repository away";
    user.write("a", "1");
    user.commit_all();
    ASSERT_EQ(::chown((user.root() / ".git").c_str(), 1501, 1501), 0);
    EXPECT_THAT(message_of_opening(user.root()), HasSubstr("belongs to another user (uid 1501"));
}

TEST_F(RepositoryTest, BelowAFolderThatOnlyItsOwnerMayEnterWorks) {
    ASSERT_EQ(::chmod(user.folder().c_str(), 0700), 0);
    user.write("a", "1");
    const CommitId commit = commit_and_lease();
    EXPECT_EQ(worktree_contents(), contents(user.root()));
    EXPECT_EQ(repository->head(), commit);
}

TEST_F(RepositoryTest, SeesLocalChangesOfTrackedFilesOnly) {
    user.write("a", "1\n");
    commit_and_open();
    EXPECT_FALSE(repository->has_local_changes());
    user.write("untracked", "1");
    EXPECT_FALSE(repository->has_local_changes());
    user.write("a", "22\n");
    EXPECT_TRUE(repository->has_local_changes());
    user.git({"add", "a"});
    EXPECT_TRUE(repository->has_local_changes());
}

TEST_F(RepositoryTest, ResolvesWhatGitResolves) {
    user.write("a", "1");
    const CommitId commit = commit_and_open();
    user.git({"tag", "-a", "v1", "-m", "one"});
    EXPECT_EQ(repository->resolve("main"), commit);
    EXPECT_EQ(repository->resolve("v1"), commit);
    EXPECT_EQ(repository->resolve(commit.abbreviated()), commit);
    EXPECT_THROW((void)repository->resolve("nowhere"), UserError);
    EXPECT_THROW((void)repository->resolve("HEAD:a"), UserError);
}

TEST_F(RepositoryTest, ReadsCommits) {
    user.write("a", "1\n");
    user.write("folder/b", std::string("\0binary", 7));
    const CommitId first = commit_and_open();
    user.write("a", "2\n");
    const CommitId second{user.commit_all("Second change\n\nwith a body")};
    EXPECT_EQ(repository->describe(second).summary, "Second change");
    EXPECT_EQ(repository->parent_of(second), first);
    EXPECT_TRUE(repository->parent_of(first).empty());
    EXPECT_EQ(repository->tree_of(second).hex, user.git_line({"rev-parse", "HEAD^{tree}"}));
    EXPECT_EQ(repository->file(first, "a"), "1\n");
    EXPECT_EQ(repository->file(second, "folder/b"), std::string("\0binary", 7));
    EXPECT_EQ(repository->file(second, "folder"), std::nullopt);
    EXPECT_EQ(repository->file(second, "folder/none"), std::nullopt);
    EXPECT_THAT(repository->paths(second), ElementsAre("a", "folder/b"));
    EXPECT_TRUE(repository->exists(second));
    EXPECT_FALSE(repository->exists(CommitId{std::string(40, '1')}));
    EXPECT_FALSE(repository->exists(CommitId{}));
}

TEST_F(RepositoryTest, HashOfPathsChangesWithTheirContentsOnly) {
    user.write("lock", "1");
    user.write("src/a", "1");
    const CommitId first = commit_and_open();
    user.write("src/a", "2");
    const CommitId second{user.commit_all()};
    EXPECT_EQ(repository->hash_of(first, {"lock", "none"}), repository->hash_of(second, {"lock", "none"}));
    EXPECT_NE(repository->hash_of(first, {"src"}), repository->hash_of(second, {"src"}));
    EXPECT_NE(repository->hash_of(first, {"lock"}), repository->hash_of(first, {"lock", "none"}));
}

TEST_F(RepositoryTest, DiffIsWhatGitPrints) {
    user.write("a.txt", "one\ntwo\nthree\n");
    user.write("gone", "bye\n");
    user.write("tab\there", "x\n");
    const CommitId first = commit_and_open();
    user.write("a.txt", "one\n2\nthree");
    user.write("tab\there", "y\n");
    user.make_executable("a.txt");
    std::filesystem::remove(user.root() / "gone");
    const CommitId second{user.commit_all()};
    const std::string expected =
        user.git({"diff", "--binary", "--full-index", "--no-renames", first.hex, second.hex});
    // What the user prefers plays no role.
    user.git({"config", "diff.noprefix", "true"});
    user.git({"config", "diff.mnemonicPrefix", "true"});
    user.git({"config", "diff.context", "0"});
    user.write(".gitattributes", "*.txt -diff\n");
    EXPECT_EQ(Repository::open(user.root()).diff(first, second), expected);
}

TEST_F(RepositoryTest, BinaryDiffIsOneThatGitTakes) {
    // libgit2 compresses at another level than git, so that the bytes differ.
    user.write("grows", std::string("\0\1\2\3", 4) + std::string(5000, 'x'));
    user.write("goes", std::string("\0", 1));
    const CommitId first = commit_and_open();
    user.write("grows", std::string("\0\1\2\3", 4) + std::string(5000, 'x') + "more");
    user.write("comes", std::string("\0\1\2\377", 4));
    std::filesystem::remove(user.root() / "goes");
    const CommitId second{user.commit_all()};
    test::write_file(user.folder() / "patch", repository->diff(first, second));
    user.git({"reset", "--quiet", "--hard", first.hex});
    user.git({"apply", "--index", (user.folder() / "patch").string()});
    EXPECT_EQ(user.git_line({"write-tree"}), repository->tree_of(second).hex);
}

TEST_F(RepositoryTest, CommitOfADiffCanBeMadeAgain) {
    user.write("a", "1\n");
    const CommitId base = commit_and_open();
    user.write("a", "2\n");
    const CommitId other{user.commit_all()};
    const std::string diff = repository->diff(base, other);
    const Timestamp at{std::chrono::milliseconds(1'700'000'000'999)};
    const auto made = repository->commit_of(base, diff, "Candidate #1\n", at);
    ASSERT_TRUE(made);
    EXPECT_EQ(repository->tree_of(*made), repository->tree_of(other));
    EXPECT_EQ(repository->parent_of(*made), base);
    EXPECT_EQ(user.git_line({"log", "-1", "--format=%an <%ae> %ai|%cn <%ce> %ci|%s", made->hex}),
              "ratchet <ratchet@localhost> 2023-11-14 22:13:20 +0000|ratchet <ratchet@localhost> 2023-11-14 "
              "22:13:20 "
              "+0000|Candidate #1");
    EXPECT_EQ(repository->commit_of(base, diff, "Candidate #1\n", at), made);
    const test::TemporaryRepository elsewhere;
    elsewhere.git({"fetch", "--quiet", user.root().string(), "main"});
    elsewhere.git({"reset", "--quiet", "--hard", base.hex});
    EXPECT_EQ(Repository::open(elsewhere.root()).commit_of(base, diff, "Candidate #1\n", at), made);
}

TEST_F(RepositoryTest, WhatDoesNotApplyLeavesNothing) {
    user.write("a", "1\n");
    user.write("b", "1\n");
    const CommitId base = commit_and_open();
    user.write("a", "2\n");
    user.write("b", "2\n");
    const CommitId middle{user.commit_all()};
    user.write("a", "3\n");
    user.write("new", "3\n");
    const CommitId last{user.commit_all()};
    const auto before = test::snapshot(user.root() / ".git" / "objects");
    EXPECT_EQ(repository->commit_of(base, repository->diff(middle, last), "no", Timestamp{}), std::nullopt);
    EXPECT_EQ(repository->commit_of(base, "this is no patch\n", "no", Timestamp{}), std::nullopt);
    EXPECT_EQ(repository->commit_of(last, repository->diff(middle, last), "no", Timestamp{}), std::nullopt);
    EXPECT_THAT(test::differences(before, test::snapshot(user.root() / ".git" / "objects")),
                ::testing::IsEmpty());
}

TEST_F(RepositoryTest, SparseCheckoutsAndWorktreeConfigurationOpen) {
    user.write("a/x", "1\n");
    user.write("b/y", "1\n");
    user.commit_all();
    user.git({"sparse-checkout", "set", "a"});
    ASSERT_FALSE(std::filesystem::exists(user.root() / "b"));
    const CommitId commit = commit_and_lease();
    EXPECT_TRUE(std::filesystem::exists(inside("b/y")));
    EXPECT_THAT(repository->missing_objects(commit), IsEmpty());
}

}  // namespace
}  // namespace ratchet
