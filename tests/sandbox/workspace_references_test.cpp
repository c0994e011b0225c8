#include <gmock/gmock.h>

#include "sandbox/workspace/repository.hpp"
#include "tests/sandbox/workspace_fixture.hpp"

namespace ratchet {
namespace {

class ReferencesTest : public test::WorkspaceTest {
  protected:
    void SetUp() override {
        user.write("a", "1\n");
        first = commit_and_open();
        user.write("a", "2\n");
        second = CommitId{user.commit_all()};
        user.write("a", "3\n");
        third = CommitId{user.commit_all()};
    }
    std::string branch() { return user.git_line({"rev-parse", "refs/heads/ratchet/speed"}); }
    BranchMove move(const CommitId& to) { return repository->move_branch("speed", to, {first, second}); }
    CommitId first;
    CommitId second;
    CommitId third;
};

TEST_F(ReferencesTest, PinsKeepCommitsAlive) {
    const auto candidate = repository->commit_of(third, "", "an empty one", Timestamp{});
    ASSERT_TRUE(candidate);
    EXPECT_EQ(repository->pinned("speed", "1"), std::nullopt);
    repository->pin("speed", "1", *candidate);
    EXPECT_EQ(repository->pinned("speed", "1"), candidate);
    user.git({"gc", "--quiet", "--prune=now"});
    EXPECT_TRUE(repository->exists(*candidate));
    EXPECT_EQ(repository->pinned("speed", "1"), candidate);  // packed by now
    repository->pin("speed", "1", third);
    EXPECT_EQ(user.git_line({"rev-parse", "refs/ratchet/speed/1"}), third.hex);
    repository->unpin("speed", "1");
    repository->unpin("speed", "1");
    EXPECT_EQ(repository->pinned("speed", "1"), std::nullopt);
    EXPECT_EQ(user.git({"for-each-ref", "refs/ratchet"}), "");
}

TEST_F(ReferencesTest, OurRefsHaveNoReflog) {
    user.git({"config", "core.logAllRefUpdates", "always"});
    const auto before = test::snapshot(user.root() / ".git" / "logs");
    repository.emplace(Repository::open(user.root()));
    repository->pin("speed", "champion", second);
    EXPECT_EQ(move(first), BranchMove::moved);
    EXPECT_EQ(move(second), BranchMove::moved);
    EXPECT_THAT(test::differences(before, test::snapshot(user.root() / ".git" / "logs")),
                ::testing::IsEmpty());
}

TEST_F(ReferencesTest, BranchIsMadeAndMoved) {
    EXPECT_EQ(move(first), BranchMove::moved);
    EXPECT_EQ(branch(), first.hex);
    EXPECT_EQ(move(first), BranchMove::unchanged);
    EXPECT_EQ(move(third), BranchMove::moved);
    EXPECT_EQ(branch(), third.hex);
}

TEST_F(ReferencesTest, PackedBranchIsMoved) {
    move(first);
    user.git({"pack-refs", "--all"});
    EXPECT_EQ(move(second), BranchMove::moved);
    EXPECT_EQ(branch(), second.hex);
}

TEST_F(ReferencesTest, CheckedOutBranchIsLeftAlone) {
    move(first);
    user.git({"checkout", "--quiet", "ratchet/speed"});
    EXPECT_EQ(move(second), BranchMove::checked_out);
    EXPECT_EQ(branch(), first.hex);
    EXPECT_EQ(move(first), BranchMove::unchanged);
    user.git({"checkout", "--quiet", "--detach"});
    EXPECT_EQ(move(second), BranchMove::moved);
}

TEST_F(ReferencesTest, BranchInAnotherWorktreeIsLeftAlone) {
    move(first);
    user.git({"worktree", "add", "--quiet", (user.folder() / "other").string(), "ratchet/speed"});
    EXPECT_EQ(move(second), BranchMove::checked_out);
    EXPECT_EQ(branch(), first.hex);
}

TEST_F(ReferencesTest, UnbornBranchThatIsCheckedOutIsLeftAlone) {
    user.git({"symbolic-ref", "HEAD", "refs/heads/ratchet/speed"});
    EXPECT_EQ(move(first), BranchMove::checked_out);
    EXPECT_NE(user.git_status({"rev-parse", "--verify", "--quiet", "refs/heads/ratchet/speed"}), 0);
}

TEST_F(ReferencesTest, BranchInARebaseIsLeftAlone) {
    move(first);
    user.git({"checkout", "--quiet", "ratchet/speed"});
    user.write("a", "other\n");
    user.commit_all();
    EXPECT_NE(user.git_status({"rebase", "--quiet", "main"}), 0);
    EXPECT_EQ(user.git_line({"rev-parse", "--abbrev-ref", "HEAD"}), "HEAD");
    const CommitId tip{branch()};
    EXPECT_EQ(repository->move_branch("speed", third, {tip}), BranchMove::checked_out);
}

TEST_F(ReferencesTest, BranchWithSomebodysCommitIsLeftAlone) {
    user.git({"branch", "ratchet/speed", third.hex});
    EXPECT_EQ(move(second), BranchMove::not_ours);
    EXPECT_EQ(branch(), third.hex);
}

TEST_F(ReferencesTest, SymbolicBranchIsLeftAlone) {
    user.git({"symbolic-ref", "refs/heads/ratchet/speed", "refs/heads/main"});
    EXPECT_EQ(move(second), BranchMove::not_ours);
    EXPECT_EQ(user.git_line({"rev-parse", "main"}), third.hex);
}

TEST_F(ReferencesTest, BranchNamedRatchetStandsInTheWay) {
    user.git({"branch", "ratchet", first.hex});
    EXPECT_EQ(move(second), BranchMove::impossible);
    user.git({"pack-refs", "--all"});
    EXPECT_EQ(move(second), BranchMove::impossible);
    EXPECT_EQ(user.git({"for-each-ref", "--format=%(refname)", "refs/heads"}),
              "refs/heads/main\nrefs/heads/ratchet\n");
    repository->pin("speed", "champion", second);
    EXPECT_EQ(repository->pinned("speed", "champion"), second);
}

}  // namespace
}  // namespace ratchet
