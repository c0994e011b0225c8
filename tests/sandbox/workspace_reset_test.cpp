#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "experiment_store/errors.hpp"
#include "sandbox/workspace/worktree.hpp"
#include "tests/sandbox/workspace_fixture.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;
using test::one_of;
using test::read_file;
using test::write_file;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class ResetTest : public test::WorkspaceTest {
  protected:
    /// A commit with a bit of everything.
    CommitId lease_rich() {
        user.write("README.md", "hello\n");
        user.write("src/main.cpp", "int main() {}\n");
        user.write("src/deep/er/data.bin", std::string("\0\1\2\377", 4));
        user.write("tools/run", "#!/bin/sh\n");
        user.make_executable("tools/run");
        user.make_symlink("../src/main.cpp", "tools/link");
        user.make_symlink("/nowhere/at/all", "dangling");
        user.write("caf\xC3\xA9/na\xC3\xAFve.txt", "ascii is not enough\n");
        user.write("line\nbreak/quo\"te\\d\t.txt", "odd\n");
        user.write("latin\xE9.txt", "not UTF-8\n");
        user.write("empty", "");
        user.write(".gitignore", "*.o\nbuild/\n");
        return commit_and_lease();
    }
};

TEST_F(ResetTest, MakesWhatGitChecksOut) {
    const CommitId commit = lease_rich();
    EXPECT_EQ(worktree_contents(), as_git_checks_out(commit));
    EXPECT_EQ(user.git_in(worktree->path(), {"status", "--porcelain", "--ignored"}), "");
    EXPECT_EQ(user.git_in(worktree->path(), {"rev-parse", "HEAD"}), commit.hex + "\n");
    EXPECT_NE(user.git_status({"-C", worktree->path().string(), "symbolic-ref", "--quiet", "HEAD"}), 0);
    EXPECT_EQ(user.git({"for-each-ref", "--format=%(refname)"}), "refs/heads/main\n");
    EXPECT_TRUE(worktree->capture(commit, {}).diff.empty());
}

TEST_F(ResetTest, GoesFromCommitToCommit) {
    user.write("stays", "1\n");
    user.write("changes", "1\n");
    user.write("goes/away", "1\n");
    user.write("file", "1\n");
    user.write("folder/inner", "1\n");
    const CommitId first = commit_and_lease();
    user.write("changes", "2\n");
    fs::remove_all(user.root() / "goes");
    fs::remove(user.root() / "file");
    user.write("file/now/a/folder", "2\n");
    fs::remove_all(user.root() / "folder");
    user.write("folder", "now a file\n");
    user.make_executable("stays");
    const CommitId second{user.commit_all()};
    for (int i = 0; i < 3; ++i) {
        worktree->reset(second);
        EXPECT_EQ(worktree_contents(), as_git_checks_out(second));
        EXPECT_EQ(user.git_in(worktree->path(), {"status", "--porcelain"}), "");
        worktree->reset(first);
        EXPECT_EQ(worktree_contents(), as_git_checks_out(first));
        EXPECT_EQ(user.git_in(worktree->path(), {"status", "--porcelain"}), "");
    }
}

TEST_F(ResetTest, TakesAwayWhateverWasLeft) {
    const CommitId commit = lease_rich();
    const auto clean = worktree_contents();
    write_file(inside("src/main.cpp"), "changed\n");
    fs::remove(inside("README.md"));
    fs::remove_all(inside("src/deep"));
    write_file(inside("src/deep"), "a file now");
    fs::remove(inside("tools/run"));
    fs::create_directories(inside("tools/run/inner"));
    fs::remove(inside("tools/link"));
    fs::create_symlink("/etc/passwd", inside("tools/link"));
    write_file(inside("main.o"), "ignored");
    write_file(inside("build/deep/er/out"), "ignored");
    write_file(inside("ne\nw/\xFF\xFE/x"), "odd names");
    fs::create_directories(inside("empty folder"));
    ASSERT_EQ(::mkfifo(inside("fifo").c_str(), 0600), 0);
    fs::permissions(inside("empty"), static_cast<fs::perms>(04711));
    worktree->reset(commit);
    EXPECT_EQ(worktree_contents(), clean);
    EXPECT_FALSE(fs::exists(inside("empty folder")));
    struct stat status = {};
    ASSERT_EQ(::stat(inside("empty").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0644U);
    EXPECT_FALSE(fs::exists(worktree->path().parent_path() / ".agent.removed"));
}

TEST_F(ResetTest, NeverFollowsSymlinksOutOfTheTree) {
    const CommitId commit = lease_rich();
    const fs::path outside = user.folder() / "outside";
    write_file(outside / "deep" / "er" / "precious", "mine\n");
    write_file(outside / "main.cpp", "mine\n");
    const auto before = test::snapshot(outside);
    fs::remove_all(inside("src"));
    fs::create_directory_symlink(outside, inside("src"));
    fs::remove(inside("README.md"));
    fs::create_symlink(outside / "main.cpp", inside("README.md"));
    fs::create_directory_symlink(outside, inside("more"));
    worktree->reset(commit);
    EXPECT_THAT(test::differences(before, test::snapshot(outside)), ::testing::IsEmpty());
    EXPECT_EQ(worktree_contents(), as_git_checks_out(commit));
}

TEST_F(ResetTest, OpensWhatWasLocked) {
    const CommitId commit = lease_rich();
    const auto clean = worktree_contents();
    write_file(inside("locked/inner/file"), "x");
    for (const char* path :
         {"locked/inner/file", "locked/inner", "locked", "src/main.cpp", "src/deep", "src", "README.md"}) {
        fs::permissions(inside(path), fs::perms::none);
    }
    fs::permissions(worktree->path(), fs::perms::none);
    worktree->reset(commit);
    EXPECT_EQ(worktree_contents(), clean);
    struct stat status = {};
    ASSERT_EQ(::stat(inside("src").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0755U);
}

TEST_F(ResetTest, TakesAwayDeepTrees) {
    const CommitId commit = lease_rich();
    const auto clean = worktree_contents();
    // Far deeper than any path can be written, and than descriptors can be open.
    const std::string name(200, 'd');
    int folder = ::open(worktree->path().c_str(), O_RDONLY | O_DIRECTORY);
    for (int depth = 0; depth < 1500; ++depth) {
        ASSERT_EQ(::mkdirat(folder, name.c_str(), 0755), 0);
        const int inner = ::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY);
        ::close(folder);
        folder = inner;
    }
    ::close(folder);
    worktree->reset(commit);
    EXPECT_EQ(worktree_contents(), clean);
}

TEST_F(ResetTest, BreaksHardLinksAndDropsAttributes) {
    user.write("a", "same\n");
    user.write("b", "same\n");
    const CommitId commit = commit_and_lease();
    fs::remove(inside("b"));
    fs::create_hard_link(inside("a"), inside("b"));
    const bool has_xattr = ::setxattr(inside("a").c_str(), "user.note", "1", 1, 0) == 0;
    worktree->reset(commit);
    EXPECT_EQ(fs::hard_link_count(inside("a")), 1U);
    EXPECT_EQ(fs::hard_link_count(inside("b")), 1U);
    // Where the file system knows no such attributes, there is none to be found either.
    EXPECT_LT(::getxattr(inside("a").c_str(), "user.note", nullptr, 0), 0);
    ASSERT_EQ(::setxattr(inside("a").c_str(), "user.note", "1", 1, 0) == 0, has_xattr);
    worktree->reset(commit);
    EXPECT_LT(::getxattr(inside("a").c_str(), "user.note", nullptr, 0), 0);
}

TEST_F(ResetTest, SetsTimesThatWereForged) {
    user.write("a", "1\n");
    const CommitId commit = commit_and_lease();
    const auto before = fs::last_write_time(inside("a"));
    fs::last_write_time(inside("a"), before + std::chrono::hours(1000));
    worktree->reset(commit);
    EXPECT_LT(fs::last_write_time(inside("a")), before + std::chrono::hours(1));
}

TEST_F(ResetTest, DoesNotRewriteWhatIsUntouched) {
    user.write("a", "1\n");
    const CommitId commit = commit_and_lease();
    struct stat before = {};
    struct stat after = {};
    ASSERT_EQ(::stat(inside("a").c_str(), &before), 0);
    worktree->reset(commit);
    worktree.emplace(lease("agent"));  // also by the next process, which knows nothing yet
    worktree->reset(commit);
    ASSERT_EQ(::stat(inside("a").c_str(), &after), 0);
    EXPECT_EQ(before.st_ino, after.st_ino);
    EXPECT_EQ(before.st_ctim.tv_nsec, after.st_ctim.tv_nsec);
}

TEST_F(ResetTest, KeepsFoldersThatItIsTold) {
    user.write("vendor/.keep", "tracked\n");
    user.write("a", "1\n");
    const CommitId commit = commit_and_lease();
    write_file(inside("vendor/library/x"), "untracked\n");
    write_file(inside("vendor/.keep"), "changed\n");
    write_file(inside("node_modules/deep/x"), "untracked\n");
    write_file(inside("cache/objects/x"), "untracked\n");
    write_file(inside("cache/other/x"), "untracked\n");
    worktree->reset(commit, {"vendor", "node_modules/", "cache/objects"});
    EXPECT_EQ(read_file(inside("vendor/library/x")), "untracked\n");
    EXPECT_EQ(read_file(inside("vendor/.keep")), "tracked\n");
    EXPECT_EQ(read_file(inside("node_modules/deep/x")), "untracked\n");
    EXPECT_EQ(read_file(inside("cache/objects/x")), "untracked\n");
    EXPECT_FALSE(fs::exists(inside("cache/other")));
    worktree->reset(commit);
    EXPECT_EQ(worktree_contents(), as_git_checks_out(commit));
}

TEST_F(ResetTest, WritesTheGitFileAnewWhateverBecameOfIt) {
    const CommitId commit = lease_rich();
    const std::string pointer = read_file(inside(".git"));
    EXPECT_THAT(pointer, HasSubstr("/.git/worktrees/ratchet-speed-agent"));
    fs::remove(inside(".git"));
    worktree->reset(commit);
    EXPECT_EQ(read_file(inside(".git")), pointer);
    write_file(inside(".git"), "gitdir: /somewhere/else\n");
    worktree->reset(commit);
    EXPECT_EQ(read_file(inside(".git")), pointer);
    fs::remove(inside(".git"));
    user.git({"init", "--quiet", worktree->path().string()});
    worktree->reset(commit);
    EXPECT_EQ(read_file(inside(".git")), pointer);
    EXPECT_EQ(user.git_in(worktree->path(), {"status", "--porcelain"}), "");
}

TEST_F(ResetTest, LeaseSurvivesTheUsersPrune) {
    const CommitId commit = lease_rich();
    fs::rename(inside(".git"), inside("moved"));  // what makes git take a worktree for gone
    user.git({"worktree", "prune", "--expire=now"});
    EXPECT_TRUE(fs::exists(user.root() / ".git/worktrees/ratchet-speed-agent/locked"));
    user.git({"worktree", "unlock", worktree->path().string()});
    user.git({"worktree", "prune", "--expire=now"});
    EXPECT_FALSE(fs::exists(user.root() / ".git/worktrees/ratchet-speed-agent"));
    worktree->reset(commit);
    EXPECT_EQ(worktree_contents(), as_git_checks_out(commit));
    EXPECT_EQ(user.git_in(worktree->path(), {"status", "--porcelain"}), "");
    EXPECT_THAT(user.git({"worktree", "list", "--porcelain"}), HasSubstr("locked"));
}

TEST_F(ResetTest, LeaseLeavesAWorktreeOfTheUsersAlone) {
    user.write("a", "1\n");
    user.commit_all();
    const fs::path theirs = user.folder() / "ratchet-speed-agent";
    user.git({"worktree", "add", "--quiet", "--detach", theirs.string()});
    const auto before = test::snapshot(user.root() / ".git/worktrees/ratchet-speed-agent");
    const CommitId commit = commit_and_lease();
    EXPECT_THAT(test::differences(before, test::snapshot(user.root() / ".git/worktrees/ratchet-speed-agent")),
                ::testing::IsEmpty());
    EXPECT_EQ(user.git_in(worktree->path(), {"status", "--porcelain"}), "");
    worktree->remove();
    EXPECT_EQ(user.git_in(theirs, {"status", "--porcelain"}), "");
    EXPECT_EQ(repository->head(), commit);
}

TEST_F(ResetTest, MetadataIsCleanedOfWhatSteersGit) {
    const CommitId commit = lease_rich();
    const fs::path metadata = user.root() / ".git/worktrees/ratchet-speed-agent";
    write_file(metadata / "config.worktree", "[core]\n\tfsmonitor = touch /tmp/never\n");
    write_file(metadata / "index", "broken");
    write_file(metadata / "index.lock", "");
    write_file(metadata / "HEAD", "ref: refs/heads/main\n");
    worktree->reset(commit);
    EXPECT_FALSE(fs::exists(metadata / "config.worktree"));
    EXPECT_EQ(user.git_in(worktree->path(), {"status", "--porcelain"}), "");
    EXPECT_EQ(read_file(metadata / "HEAD"), commit.hex + "\n");
}

TEST_F(ResetTest, TwoLeasesStandSideBySide) {
    const CommitId commit = lease_rich();
    Worktree second = lease("evaluation");
    second.reset(commit);
    EXPECT_EQ(contents(second.path()), worktree_contents());
    write_file(inside("README.md"), "changed\n");
    EXPECT_TRUE(second.capture(commit, {}).diff.empty());
    EXPECT_FALSE(worktree->capture(commit, {}).diff.empty());
}

TEST_F(ResetTest, RemoveLeavesNothing) {
    user.write("a", "1\n");
    commit_and_open();
    const auto before = test::snapshot(user.root());
    worktree.emplace(lease("agent"));
    worktree->reset(repository->head());
    write_file(inside("x/y"), "1");
    worktree->remove();
    EXPECT_FALSE(fs::exists(worktree->path()));
    EXPECT_FALSE(fs::exists(user.root() / ".git/worktrees"));
    fs::remove_all(user.root() / ".git/ratchet");
    auto after = test::snapshot(user.root());
    EXPECT_THAT(test::differences(before, after), IsEmpty());
}

TEST_F(ResetTest, RemoveEndsWhatAKilledRemoveBegan) {
    user.write("a", "1\n");
    commit_and_open();
    const auto before = test::snapshot(user.root());
    // Killed behind its first step, and, as it once was, between the two.
    for (const char* taken : {".git/worktrees", ".git/ratchet/speed/worktrees/agent"}) {
        worktree.emplace(lease("agent"));
        worktree->reset(repository->head());
        fs::remove_all(user.root() / taken);
        worktree.emplace(lease("agent"));
        worktree->remove();
        EXPECT_FALSE(fs::exists(user.root() / ".git/worktrees")) << taken;
        fs::remove_all(user.root() / ".git/ratchet");
        EXPECT_THAT(test::differences(before, test::snapshot(user.root())), IsEmpty()) << taken;
    }
}

TEST_F(ResetTest, RepositoryThatWasMovedKeepsItsLeases) {
    const CommitId commit = lease_rich();
    const fs::path moved = user.folder() / "moved";
    fs::rename(user.root(), moved);
    Repository there = Repository::open(moved);
    Worktree again = Worktree::lease(there, moved / ".git/ratchet/speed/worktrees", "speed", "agent");
    again.reset(commit);
    EXPECT_EQ(user.git_in(again.path(), {"status", "--porcelain"}), "");
    EXPECT_EQ(std::distance(fs::directory_iterator(moved / ".git/worktrees"), fs::directory_iterator()), 1);
    fs::rename(moved, user.root());
}

TEST_F(ResetTest, RestoreUndoesWhateverABuildDidToGuardedPlaces) {
    const CommitId commit = lease_rich();
    const PathRule guarded = [](std::string_view path) { return path.starts_with("src/"); };
    const auto undone = [&] { return worktree->restore(commit, guarded, {"src/kept"}); };
    ASSERT_THAT(undone(), IsEmpty());
    fs::permissions(inside("src/main.cpp"), fs::perms::none);
    EXPECT_THAT(undone(), ElementsAre("src/main.cpp")) << "its mode";
    fs::create_hard_link(inside("src/main.cpp"), inside("second"));
    EXPECT_THAT(undone(), ElementsAre("src/main.cpp")) << "a second name";
    ASSERT_EQ(::setxattr(inside("src/main.cpp").c_str(), "user.overlay.whiteout", "", 0, 0), 0);
    EXPECT_THAT(undone(), ElementsAre("src/main.cpp")) << "an attribute";
    ASSERT_EQ(::setxattr(inside("src").c_str(), "user.overlay.opaque", "x", 1, 0), 0);
    fs::permissions(inside("src"), fs::perms::owner_all);
    undone();
    EXPECT_LT(::getxattr(inside("src").c_str(), "user.overlay.opaque", nullptr, 0), 0) << "of a folder";
    EXPECT_EQ(fs::status(inside("src")).permissions(), fs::perms(0755));
    write_file(inside("src/conftest.py"), "new\n");
    write_file(inside("src/new/deep"), "new\n");
    write_file(inside("src/kept/object"), "of a cache\n");
    EXPECT_THAT(undone(), UnorderedElementsAre("src/conftest.py", "src/new")) << "new files";
    EXPECT_TRUE(fs::exists(inside("src/kept/object")));
}

TEST_F(ResetTest, RestoreTakesByteCodeAwayThatStandsForAGuardedFile) {
    const CommitId commit = lease_rich();
    write_file(inside("src/__pycache__/main.pyc"), "planted\n");
    write_file(inside("__pycache__/other.pyc"), "its own\n");
    EXPECT_THAT(worktree->restore(commit, one_of({"src/main.cpp"})), ElementsAre("src/__pycache__"));
    EXPECT_TRUE(fs::exists(inside("__pycache__/other.pyc")));
}

TEST_F(ResetTest, RestorePutsBackTrackedFilesAndNamesThem) {
    const CommitId commit = lease_rich();
    write_file(inside("README.md"), "changed\n");
    write_file(inside("new"), "taken away\n");
    write_file(inside("other"), "stays\n");
    fs::remove_all(inside("src"));
    write_file(inside("src"), "a file\n");
    EXPECT_THAT(worktree->restore(
                    commit, one_of({"README.md", "src/main.cpp", "empty", "new", "none", "tools/link"})),
                UnorderedElementsAre("new", "README.md", "src/main.cpp"));
    EXPECT_EQ(read_file(inside("README.md")), "hello\n");
    EXPECT_EQ(read_file(inside("src/main.cpp")), "int main() {}\n");
    EXPECT_FALSE(fs::exists(inside("new")));
    EXPECT_EQ(read_file(inside("other")), "stays\n");
    EXPECT_THAT(worktree->restore(commit, one_of({"README.md", "src/main.cpp"})), IsEmpty());
    // What was put back is watched like everything else.
    write_file(inside("README.md"), "HELLO\n");
    EXPECT_THAT(worktree->capture(commit, {}).diff, HasSubstr("+HELLO"));
}

TEST_F(ResetTest, WorksUnderAnyUmask) {
    const mode_t before = ::umask(0077);
    const CommitId commit = lease_rich();
    ::umask(before);
    struct stat status = {};
    ASSERT_EQ(::stat(inside("src/main.cpp").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0644U);
    ASSERT_EQ(::stat(inside("src").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0755U);
    EXPECT_EQ(worktree_contents(), as_git_checks_out(commit));
}

TEST_F(ResetTest, UsersCheckoutIsUntouchedByteForByte) {
    user.write("a", "1\n");
    user.write(".gitignore", "*.o\n");
    user.commit_all();
    user.write("a", "dirty\n");
    user.write("staged", "staged\n");
    user.git({"add", "staged"});
    user.write("untracked", "mine\n");
    user.write("x.o", "ignored\n");
    const std::vector<std::string> ours = {".git/ratchet", ".git/worktrees", ".git/refs/ratchet",
                                           ".git/objects"};
    const auto before = test::snapshot(user.root(), ours);
    const std::string objects = user.git({"count-objects", "-v"});
    repository.emplace(Repository::open(user.root()));
    EXPECT_TRUE(repository->has_local_changes());
    const CommitId head = repository->head();
    worktree.emplace(lease("agent"));
    worktree->reset(head);
    EXPECT_FALSE(fs::exists(inside("staged")));
    write_file(inside("a"), "2\n");
    write_file(inside("untracked"), "the agent's\n");
    const CommitId candidate = candidate_of(head);
    EXPECT_EQ(repository->move_branch("speed", candidate, {}), BranchMove::moved);
    worktree->reset(candidate);
    worktree->remove();
    auto after = test::snapshot(user.root(), ours);
    EXPECT_EQ(after.erase(".git/refs/heads/ratchet"), 1U);
    EXPECT_EQ(after.erase(".git/refs/heads/ratchet/speed"), 1U);
    EXPECT_THAT(test::differences(before, after), IsEmpty());
    EXPECT_EQ(user.git({"fsck", "--strict"}), "");
}

}  // namespace
}  // namespace ratchet
