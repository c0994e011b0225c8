// What an agent can do to git's own data, to folders, and to whoever looks at the tree meanwhile.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "sandbox/workspace/directory.hpp"
#include "tests/sandbox/hostile_fixture.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;
using HostileTree = test::HostileTest;
using test::read_file;
using test::write_file;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// Folders within each other, far deeper than any path can be written.
void make_deep(const fs::path& root, int depth) {
    int folder = ::open(root.c_str(), O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < depth; ++i) {
        ASSERT_EQ(::mkdirat(folder, "d", 0755), 0);
        const int inner = ::openat(folder, "d", O_RDONLY | O_DIRECTORY);
        ::close(folder);
        folder = inner;
    }
    ::close(folder);
}

TEST_F(HostileTree, BareRepositoriesAreUnsafe) {
    user.git({"init", "--quiet", "--bare", inside("tests/data").string()});
    write_file(inside("tests/data/config"), evil_config());
    expect_unsafe("git repository of its own");
    worktree->reset(commit);
    write_file(inside("x/head"), "ref: refs/heads/main\n");
    write_file(inside("x/CommonDir"), "../y\n");
    expect_unsafe("git repository of its own");
    worktree->reset(commit);
    write_file(inside("x/HEAD"), "of a newspaper\n");
    write_file(inside("x/refs/a"), "1\n");
    EXPECT_EQ(worktree->capture(commit, {}).refused, std::nullopt);
}

TEST_F(HostileTree, NothingInTheIndexHidesAFileOrAddsOne) {
    const std::string head = user.git({"rev-parse", "HEAD"}).substr(0, 40);
    const fs::path tree = worktree->path();
    user.git_in(tree, {"update-index", "--skip-worktree", "a"});
    user.git_in(tree, {"update-index", "--assume-unchanged", "src/main.c"});
    user.git_in(tree, {"update-index", "--add", "--cacheinfo", "160000," + head + ",module"});
    user.git_in(tree, {"sparse-checkout", "set", "--no-cone", "nothing"});
    write_file(repository->common_directory() / "info/exclude", "*\n");
    write_file(inside("a"), "2\n");
    write_file(inside("src/main.c"), "int sum;\n");
    write_file(inside("new"), "1\n");
    EXPECT_THAT(
        worktree->capture(commit, {}).files,
        ElementsAre(TouchedFile{"a", 1, 1}, TouchedFile{"new", 1, 0}, TouchedFile{"src/main.c", 1, 1}));
    fs::remove(inside("a"));
    worktree->reset(commit);
    EXPECT_EQ(user.git_in(tree, {"status", "--porcelain"}), "");
}

TEST_F(HostileTree, TheGitFileMayBeAnything) {
    for (const std::string kind : {"fifo", "folder", "link", "none"}) {
        SCOPED_TRACE(kind);
        fs::remove(inside(".git"));
        if (kind == "fifo") {
            ASSERT_EQ(::mkfifo(inside(".git").c_str(), 0600), 0);
        } else if (kind == "folder") {
            fs::create_directory(inside(".git"));
            make_deep(inside(".git"), 2000);
        } else if (kind == "link") {
            fs::create_symlink("/", inside(".git"));
        }
        write_file(inside("a"), "2\n");
        EXPECT_THAT(worktree->capture(commit, {}).files, ElementsAre(TouchedFile{"a", 1, 1}));
        worktree->reset(commit);
        EXPECT_EQ(user.git_in(worktree->path(), {"status", "--porcelain"}), "");
    }
}

TEST_F(HostileTree, SymlinksGoNowhereThroughThoseOfTheRepository) {
    user.make_symlink("/usr", "out");
    user.make_symlink("../out/share", "src/further");
    user.make_symlink("src", "within");
    commit = commit_and_lease();
    clean = worktree_contents();
    for (const char* goal : {"out", "out/bin", "src/further", "within/further/x", "./within/../out"}) {
        SCOPED_TRACE(goal);
        fs::create_symlink(goal, inside("link"));
        expect_unsafe("leads out of the tree");
        worktree->reset(commit);
    }
    fs::create_symlink("within/main.c", inside("link"));
    fs::create_symlink("round", inside("round"));
    EXPECT_EQ(worktree->capture(commit, {}).refused, std::nullopt);
    EXPECT_EQ(read_file(inside("link")), "int main;\n");
}

TEST_F(HostileTree, MoreEntriesThanAreLookedAtAreTooLarge) {
    CapturePolicy policy;
    policy.most_entries = 50;
    write_file(inside(".gitignore"), "*.o\n");
    for (int i = 0; i < 60; ++i)
        write_file(inside("out/" + std::to_string(i) + ".o"), "");
    const CapturedDiff captured = worktree->capture(commit, policy);
    EXPECT_EQ(captured.refused, Rejection::too_large);
    EXPECT_EQ(captured.reason, "the worktree has more than 50 files and folders besides those of the commit");
    policy.most_entries = 70;
    EXPECT_EQ(worktree->capture(commit, policy).refused, std::nullopt);
    worktree->reset(commit);
    for (int i = 0; i < 80; ++i)
        fs::create_directories(inside("empty/" + std::to_string(i)));
    EXPECT_EQ(worktree->capture(commit, policy).refused, Rejection::too_large);
}

TEST_F(HostileTree, AFileThatGrewByMoreThanADiffHoldsIsNotRead) {
    fs::resize_file(inside("a"), std::uintmax_t{10} << 30);  // a hole
    const CapturedDiff captured = worktree->capture(commit, {});
    EXPECT_EQ(captured.refused, Rejection::too_large);
    EXPECT_EQ(captured.reason, "the file \"a\" has 10737418240 bytes and had 2");
}

TEST_F(HostileTree, IgnoreFilesCannotTakeTheNight) {
    std::string rules;
    for (int i = 0; i < 200; ++i)
        rules += '*' + std::string(4000, '[') + '\n';
    write_file(inside(".gitignore"), rules);
    for (int i = 0; i < 50; ++i)
        write_file(inside("new" + std::to_string(i)), "");
    const CapturedDiff captured = worktree->capture(commit, {});
    EXPECT_EQ(captured.refused, Rejection::too_large);
    EXPECT_THAT(captured.reason, HasSubstr(".gitignore"));
}

TEST_F(HostileTree, FoldersKeepNoAttributes) {
    const bool has = ::setxattr(inside("src").c_str(), "user.note", "1", 1, 0) == 0;
    if (!has) GTEST_SKIP() << "this file system knows no such attributes";
    ASSERT_EQ(::setxattr(worktree->path().c_str(), "user.note", "1", 1, 0), 0);
    EXPECT_EQ(worktree->capture(commit, {}).diff, "");
    worktree->reset(commit);
    EXPECT_LT(::getxattr(inside("src").c_str(), "user.note", nullptr, 0), 0);
    EXPECT_LT(::getxattr(worktree->path().c_str(), "user.note", nullptr, 0), 0);
}

/// Somebody is at work while the capture looks: whatever it sees, it is never what a link leads to, and it
/// neither waits nor breaks.
TEST_F(HostileTree, WhatIsSwappedDuringACaptureLeadsNowhere) {
    write_file(user.folder() / "secret/main.c", "secret\n");
    std::atomic<bool> done = false;
    std::thread swapper([&] {
        for (unsigned i = 0; !done; ++i) {
            std::error_code ignored;
            fs::remove_all(inside("src"), ignored);
            if (i % 3 == 0) fs::create_directory_symlink(user.folder() / "secret", inside("src"), ignored);
            if (i % 3 == 1) {
                fs::create_directory(inside("src"), ignored);
                fs::create_symlink(user.folder() / "secret/main.c", inside("src/main.c"), ignored);
            }
            if (i % 3 == 2) {
                fs::create_directory(inside("src"), ignored);
                ::mkfifo(inside("src/main.c").c_str(), 0600);
            }
        }
    });
    for (int i = 0; i < 300; ++i)
        EXPECT_THAT(worktree->capture(commit, {}).diff, Not(HasSubstr("secret")));
    done = true;
    swapper.join();
}

/// What stays where other code took things away or gave them to the sandbox's user.
class Folders : public ::testing::Test {
  protected:
    Folders() {
        fs::create_directory(folder.path() / "outside");
        write_file(folder.path() / "outside/precious", "mine\n");
        fs::create_directory(hostile);
        make_deep(hostile, 3000);
        fs::create_directory_symlink(folder.path() / "outside", hostile / "link");
        ::mkfifo((hostile / "fifo").c_str(), 0);
        write_file(hostile / "locked/inner/file", "1\n");
        fs::permissions(hostile / "locked/inner", fs::perms::none);
        fs::permissions(hostile / "locked", fs::perms::none);
    }
    ~Folders() override { remove_tree(hostile); }
    Folders(const Folders&) = delete;
    Folders& operator=(const Folders&) = delete;

    test::TemporaryFolder folder;
    fs::path hostile = folder.path() / "hostile";
};

TEST_F(Folders, AreRemovedHoweverDeepAndLocked) {
    remove_tree(hostile);
    EXPECT_FALSE(fs::exists(hostile));
    EXPECT_EQ(read_file(folder.path() / "outside/precious"), "mine\n");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
    remove_tree(hostile);
    fs::create_directory_symlink(folder.path() / "outside", hostile);
    remove_tree(hostile);
    EXPECT_EQ(read_file(folder.path() / "outside/precious"), "mine\n");
}

TEST_F(Folders, AreGivenAwayHoweverDeepAndLocked) {
    const bool root = ::geteuid() == 0;
    const uid_t owner = root ? 60777 : ::geteuid();
    const gid_t group = root ? 60777 : ::getegid();
    give_all(open_trusted_folder(hostile).get(), owner, group);
    struct stat status = {};
    ASSERT_EQ(::lstat((hostile / "link").c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, owner);
    ASSERT_EQ(::lstat((hostile / "locked/inner/file").c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, owner);
    ASSERT_EQ(::lstat((folder.path() / "outside/precious").c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, ::geteuid());
}

TEST_F(Folders, AreCountedHoweverDeep) {
    EXPECT_EQ(bytes_below(open_trusted_folder(hostile).get()), 2U);
}

}  // namespace
}  // namespace ratchet
