// The worktree as it may come back from an agent.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "sandbox/workspace/worktree.hpp"
#include "tests/sandbox/hostile_fixture.hpp"

namespace ratchet {
namespace {

using HostileTest = test::HostileTest;
namespace fs = std::filesystem;
using test::one_of;
using test::read_file;
using test::write_file;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST_F(HostileTest, AReplacedGitFileRunsNothing) {
    fs::remove(inside(".git"));
    user.git({"init", "--quiet", worktree->path().string()});
    write_file(inside(".git/config"), evil_config());
    write_file(inside(".git/hooks/post-checkout"), "#!/bin/sh\ntouch '" + marker.string() + "'\n");
    fs::permissions(inside(".git/hooks/post-checkout"), static_cast<fs::perms>(0755));
    write_file(inside("a"), "2\n");
    const CapturedDiff captured = worktree->capture(commit, {});
    EXPECT_THAT(captured.files, ElementsAre(TouchedFile{"a", 1, 1}));
    worktree->reset(commit);
    EXPECT_EQ(user.git_in(worktree->path(), {"status", "--porcelain"}), "");
}

TEST_F(HostileTest, AGitFileThatPointsElsewhereIsNotRead) {
    user.git({"init", "--quiet", (user.folder() / "evil").string()});
    write_file(user.folder() / "evil/.git/config", evil_config());
    write_file(inside(".git"), "gitdir: " + (user.folder() / "evil/.git").string() + "\n");
    write_file(inside("a"), "2\n");
    EXPECT_THAT(worktree->capture(commit, {}).files, ElementsAre(TouchedFile{"a", 1, 1}));
}

TEST_F(HostileTest, AnEmbeddedRepositoryIsUnsafe) {
    user.git({"init", "--quiet", inside("embedded").string()});
    write_file(inside("embedded/.git/config"), evil_config());
    write_file(inside("embedded/file"), "1\n");
    expect_unsafe("git repository of its own");
    worktree->reset(commit);
    write_file(inside("embedded/.git"), "gitdir: /somewhere\n");
    expect_unsafe("git metadata");
}

TEST_F(HostileTest, NamesThatOtherSystemsTakeForGitAreUnsafe) {
    for (const char* name :
         {".GIT", ".Git ", ".git.", "git~1", ".git::$INDEX_ALLOCATION", ".g\xE2\x80\x8Cit"}) {
        SCOPED_TRACE(name);
        write_file(inside("x") / name / "config", "1\n");
        expect_unsafe("git");
        worktree->reset(commit);
    }
    for (const char* name : {".github", ".gitkeep", "git", "x.git", ".gi"}) {
        write_file(inside("y") / name / "config", "1\n");
    }
    EXPECT_EQ(worktree->capture(commit, {}).refused, std::nullopt);
}

TEST_F(HostileTest, SymlinksOutOfTheTreeAreUnsafe) {
    for (const char* goal : {"/etc/passwd", "../../outside", "../../a", "x/../../../outside", "src/../../x",
                             ".git/config", "../.git/HEAD", "./../../a"}) {
        SCOPED_TRACE(goal);
        fs::create_symlink(goal, inside("src/link"));
        expect_unsafe("leads out of the tree");
        fs::remove(inside("src/link"));
    }
    fs::create_symlink("../a", inside("src/link"));
    fs::create_symlink("src/./main.c", inside("other"));
    EXPECT_EQ(worktree->capture(commit, {}).refused, std::nullopt);
}

TEST_F(HostileTest, AFolderThatBecameASymlinkIsNotFollowed) {
    const fs::path outside = user.folder() / "outside";
    write_file(outside / "main.c", "secret\n");
    fs::remove_all(inside("src"));
    fs::create_directory_symlink(outside, inside("src"));
    expect_unsafe("leads out of the tree");
    EXPECT_THAT(worktree->restore(commit, one_of({"src/main.c"})), ElementsAre("src/main.c"));
    EXPECT_EQ(read_file(outside / "main.c"), "secret\n");
    EXPECT_EQ(read_file(inside("src/main.c")), "int main;\n");
}

TEST_F(HostileTest, SpecialFilesAreNoPartOfAProposal) {
    ASSERT_EQ(::mkfifo(inside("fifo").c_str(), 0600), 0);
    ASSERT_EQ(::mkfifo(inside(".gitignore").c_str(), 0600), 0);  // opening it to read would wait for ever
    const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const fs::path before = fs::current_path();
    fs::current_path(worktree->path());
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "socket");
    ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    fs::current_path(before);
    if (::geteuid() == 0) {
        ASSERT_EQ(::mknod(inside("device").c_str(), S_IFCHR | 0666, makedev(1, 3)), 0);
    }
    write_file(inside("new"), "1\n");
    EXPECT_THAT(worktree->capture(commit, {}).files, ElementsAre(TouchedFile{"new", 1, 0}));
    ::close(listener);
    fs::remove(inside("a"));
    ASSERT_EQ(::mkfifo(inside("a").c_str(), 0600), 0);
    EXPECT_THAT(worktree->capture(commit, {}).files,
                ElementsAre(TouchedFile{"a", 0, 1}, TouchedFile{"new", 1, 0}));
}

TEST_F(HostileTest, SetuidBitsAreIgnored) {
    fs::permissions(inside("a"), static_cast<fs::perms>(06644));
    EXPECT_EQ(worktree->capture(commit, {}).diff, "");
    write_file(inside("new"), "1\n");
    fs::permissions(inside("new"), static_cast<fs::perms>(07755));
    EXPECT_THAT(worktree->capture(commit, {}).diff, HasSubstr("new file mode 100755"));
}

TEST_F(HostileTest, LockedFilesAndFoldersAreReadAllTheSame) {
    write_file(inside("locked/inner/file"), "new\n");
    write_file(inside("a"), "2\n");
    for (const char* path : {"locked/inner/file", "locked/inner", "locked", "a", "src/main.c", "src"}) {
        fs::permissions(inside(path), fs::perms::none);
    }
    fs::permissions(worktree->path(), fs::perms::none);
    EXPECT_THAT(worktree->capture(commit, {}).files,
                ElementsAre(TouchedFile{"a", 1, 1}, TouchedFile{"locked/inner/file", 1, 0}));
}

TEST_F(HostileTest, FilesThatSteerGitAreUnsafe) {
    for (const char* name : {".gitattributes", "src/.gitattributes", ".gitmodules", ".lfsconfig"}) {
        SCOPED_TRACE(name);
        write_file(inside(name), "* filter=evil\n");
        expect_unsafe("steers what git does");
        worktree->reset(commit);
    }
}

TEST_F(HostileTest, IgnoreFilesCannotReadOrHangAnything) {
    fs::create_symlink("/dev/zero", inside(".gitignore"));
    write_file(inside("new"), "1\n");
    expect_unsafe("leads out of the tree");
    fs::remove(inside(".gitignore"));
    std::string slow;
    for (int i = 0; i < 200; ++i)
        slow += "*a";
    write_file(inside(".gitignore"), slow + "b\n");
    write_file(inside(std::string(200, 'a')), "1\n");
    EXPECT_EQ(worktree->capture(commit, {}).files.size(), 3U);
}

TEST_F(HostileTest, EndlessDepthIsTooLarge) {
    int folder = ::open(worktree->path().c_str(), O_RDONLY | O_DIRECTORY);
    for (int depth = 0; depth < 3000; ++depth) {
        ASSERT_EQ(::mkdirat(folder, "d", 0755), 0);
        const int inner = ::openat(folder, "d", O_RDONLY | O_DIRECTORY);
        ::close(folder);
        folder = inner;
    }
    ::close(folder);
    EXPECT_EQ(worktree->capture(commit, {}).refused, Rejection::too_large);
}

TEST_F(HostileTest, ManyNewFilesAreTooLarge) {
    for (int i = 0; i < 2500; ++i)
        write_file(inside("many/" + std::to_string(i)), "");
    const CapturedDiff captured = worktree->capture(commit, {});
    EXPECT_EQ(captured.refused, Rejection::too_large);
    EXPECT_THAT(captured.reason, HasSubstr("2000"));
}

TEST_F(HostileTest, ReasonsHoldNoControlCharacters) {
    fs::create_symlink("/\x1b[31mred\n", inside("\x1b[2J"));
    const CapturedDiff captured = worktree->capture(commit, {});
    EXPECT_EQ(captured.refused, Rejection::unsafe);
    for (const char c : captured.reason)
        EXPECT_GE(static_cast<unsigned char>(c), 0x20U);
}

TEST_F(HostileTest, HardLinksToTheOutsideAreCutNotWrittenThrough) {
    const fs::path outside = user.folder() / "outside";
    write_file(outside, "mine\n");
    fs::remove(inside("a"));
    fs::create_hard_link(outside, inside("a"));
    EXPECT_THAT(worktree->capture(commit, {}).diff, HasSubstr("+mine"));
    worktree->reset(commit);
    EXPECT_EQ(read_file(outside), "mine\n");
    EXPECT_EQ(read_file(inside("a")), "1\n");
}

}  // namespace
}  // namespace ratchet
