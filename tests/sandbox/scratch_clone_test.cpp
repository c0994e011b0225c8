#include "sandbox/workspace/scratch_clone.hpp"

#include <gmock/gmock.h>

#include "experiment_store/errors.hpp"
#include "tests/sandbox/workspace_fixture.hpp"

namespace ratchet {
namespace {

using ::testing::IsEmpty;

/// A user's repository, and a folder for a clone of it.
class ScratchCloneTest : public ::testing::Test {
  protected:
    ScratchCloneTest() { std::filesystem::create_directories(place); }

    /// Opened where the user stands.
    [[nodiscard]] ScratchClone clone_of(const std::filesystem::path& checkout) const {
        return {Repository::open(checkout), place};
    }
    [[nodiscard]] std::string git(const std::vector<std::string>& arguments) const {
        return user.git_in(place, arguments);
    }

    test::TemporaryRepository user;
    std::filesystem::path place = user.folder() / "clone";
};

TEST_F(ScratchCloneTest, HasTheHeadCheckedOutAndNoBranch) {
    user.write("src/a.c", "int a;\n");
    user.write("run", "#!/bin/sh\n");
    user.make_executable("run");
    user.make_symlink("src/a.c", "link");
    const std::string head = user.commit_all();
    user.write("src/a.c", "not committed\n");
    const ScratchClone clone = clone_of(user.root());
    EXPECT_EQ(git({"rev-parse", "HEAD"}), head + "\n");
    EXPECT_EQ(git({"for-each-ref"}), "");
    EXPECT_EQ(git({"status", "--porcelain"}), "");
    EXPECT_EQ(test::read_file(place / "src/a.c"), "int a;\n");
    EXPECT_TRUE(std::filesystem::is_symlink(place / "link"));
    EXPECT_EQ(git({"fsck"}), "");
}

TEST_F(ScratchCloneTest, TouchesNothingOfTheUsersWhateverBecomesOfIt) {
    user.write("a", "1");
    user.commit_all();
    user.git({"gc", "--quiet"});
    user.write("b", "2");
    user.commit_all();
    const auto before = test::snapshot(user.root());
    {
        const ScratchClone clone = clone_of(user.root());
        clone.commit_file("ratchet.toml", "draft");
        EXPECT_THAT(test::differences(before, test::snapshot(user.root())), IsEmpty());
        std::filesystem::remove_all(place);
    }
    EXPECT_THAT(test::differences(before, test::snapshot(user.root())), IsEmpty());
    EXPECT_EQ(user.git_status({"fsck", "--strict"}), 0);
}

TEST_F(ScratchCloneTest, CommitsOneFileOntoTheUsersCommitEachTimeAnew) {
    user.write("a", "1");
    user.write("part/b", "2");
    const std::string head = user.commit_all();
    const ScratchClone clone = clone_of(user.root());
    for (const char* text : {"first", "second, and longer"}) {
        clone.commit_file("part/ratchet.toml", text);
        const Repository opened = Repository::open(place);
        EXPECT_EQ(opened.parent_of(opened.head()).hex, head);
        EXPECT_EQ(opened.changed_paths({head}, opened.head()), std::vector<std::string>{"part/ratchet.toml"});
        EXPECT_EQ(opened.file(opened.head(), "part/ratchet.toml"), text);
        EXPECT_FALSE(opened.has_local_changes());
    }
}

TEST_F(ScratchCloneTest, ForgetsTheBranchesThatCameToBeInIt) {
    user.write("a", "1");
    const std::string head = user.commit_all();
    const ScratchClone clone = clone_of(user.root());
    (void)git({"update-ref", "refs/ratchet/toy/champion", head});
    (void)git({"branch", "ratchet/toy"});
    clone.commit_file("ratchet.toml", "draft");
    EXPECT_EQ(git({"for-each-ref"}), "");
    EXPECT_EQ(user.head(), head);
}

TEST_F(ScratchCloneTest, IsMadeOfALinkedWorktreesDetachedHead) {
    user.write("a", "1");
    user.commit_all();
    user.git({"worktree", "add", "--quiet", "--detach", (user.folder() / "other").string()});
    test::write_file(user.folder() / "other" / "b", "2");
    user.git_in(user.folder() / "other", {"add", "b"});
    user.git_in(user.folder() / "other", {"commit", "--quiet", "-m", "other"});
    const ScratchClone clone = clone_of(user.folder() / "other");
    EXPECT_EQ(test::read_file(place / "b"), "2");
}

TEST_F(ScratchCloneTest, IsMadeOfAShallowRepository) {
    for (const char* text : {"1", "2"}) {
        user.write("a", text);
        user.commit_all();
    }
    const auto shallow = user.folder() / "shallow";
    user.git({"clone", "--quiet", "--depth", "1", "file://" + user.root().string(), shallow.string()});
    const ScratchClone clone = clone_of(shallow);
    clone.commit_file("ratchet.toml", "draft");
    EXPECT_EQ(test::read_file(place / "a"), "2");
    EXPECT_EQ(git({"rev-list", "--count", "HEAD"}), "2\n");
}

TEST_F(ScratchCloneTest, BorrowsWhereTheUsersRepositoryBorrows) {
    user.write("a", "1");
    user.commit_all();
    const auto borrower = user.folder() / "borrower";
    user.git({"clone", "--quiet", "--shared", user.root().string(), borrower.string()});
    const auto alternates = borrower / ".git/objects/info/alternates";
    test::write_file(alternates, "../../../project/.git/objects\n");
    const ScratchClone clone = clone_of(borrower);
    EXPECT_EQ(test::read_file(place / "a"), "1");
    EXPECT_EQ(test::read_file(alternates), "../../../project/.git/objects\n");
}

TEST_F(ScratchCloneTest, HasTheObjectsOfSubmodulesAndOfGitLfs) {
    const test::TemporaryRepository library("library");
    library.write("lib.c", "int lib;\n");
    library.commit_all();
    user.git({"submodule", "--quiet", "add", library.root().string(), "library"});
    const std::string sha = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    user.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
    user.write("data.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:" + sha + "\nsize 4\n");
    user.commit_all();
    test::write_file(user.root() / ".git/lfs/objects/01/23" / sha, "data");
    ASSERT_THAT(Repository::open(user.root()).missing_objects({user.head()}), IsEmpty());
    const ScratchClone clone = clone_of(user.root());
    EXPECT_THAT(Repository::open(place).missing_objects({user.head()}), IsEmpty());
}

TEST_F(ScratchCloneTest, SaysThatARepositoryIsDamaged) {
    user.write("a", "1");
    user.commit_all();
    const std::string blob = user.git_line({"rev-parse", "HEAD:a"});
    std::filesystem::remove(user.root() / ".git/objects" / blob.substr(0, 2) / blob.substr(2));
    EXPECT_THROW((void)clone_of(user.root()), UserError);
}

}  // namespace
}  // namespace ratchet
