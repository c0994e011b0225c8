// Names that git, another system or a reader takes for something else.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/safe_text.hpp"
#include "sandbox/workspace/entry_names.hpp"
#include "tests/sandbox/hostile_fixture.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;
using HostileNames = test::HostileTest;
using test::write_file;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(HostileNames, NewOnesThatCannotBeShownOrAreReadOtherwiseAreUnsafe) {
    for (const char* name : {"new\nline", "\x1b[2J", "bell\a", "\xff\xfe", "\xc0\xaf",
                             "a\xe2\x80\xae"
                             "b",
                             "zero\xe2\x80\x8bwidth", "c1\xc2\x9b", "back\\slash", "..\\..\\up",
                             "C:", "a:stream", "dot.", "space ", "..."}) {
        SCOPED_TRACE(printable(name));
        write_file(inside(name), "1\n");
        const CapturedDiff captured = worktree->capture(commit, {});
        EXPECT_EQ(captured.refused, Rejection::unsafe);
        EXPECT_THAT(captured.reason, HasSubstr("has a name"));
        EXPECT_TRUE(is_plain_text(captured.reason));
        worktree->reset(commit);
        write_file(inside(std::string(name) + "/within"), "1\n");
        EXPECT_EQ(worktree->capture(commit, {}).refused, Rejection::unsafe);
        worktree->reset(commit);
    }
    for (const char* name :
         {"plain", "with space", ".hidden", "caf\xc3\xa9", "\xe6\x97\xa5\xe6\x9c\xac", "a..b", "-x"})
        write_file(inside(name), "1\n");
    EXPECT_EQ(worktree->capture(commit, {}).refused, std::nullopt);
}

TEST_F(HostileNames, ThoseOfTheRepositoryItselfMayBeOdd) {
    user.write("odd\n/with \\ and:colon.", "1\n");
    commit = commit_and_lease();
    clean = worktree_contents();
    write_file(inside("odd\n/with \\ and:colon."), "2\n");
    write_file(inside("odd\n/new"), "1\n");
    EXPECT_THAT(worktree->capture(commit, {}).files,
                ElementsAre(TouchedFile{"odd\n/new", 1, 0}, TouchedFile{"odd\n/with \\ and:colon.", 1, 1}));
}

TEST_F(HostileNames, ThatCollideWhereCaseDoesNotCountAreUnsafe) {
    user.write("Makefile", "all:\n");
    user.write("docs/caf\xc3\xa9.md", "1\n");
    user.write("\xc3\x84rger/x", "1\n");
    commit = commit_and_lease();
    clean = worktree_contents();
    for (const char* name : {"makefile", "MAKEFILE", "docs/cafe\xcc\x81.md", "DOCS/other",
                             "docs/CAF\xc3\x89.md", "SRC/x", "src/Main.c", "a\xcc\x88rger/y", "Makefile/x"}) {
        SCOPED_TRACE(name);
        if (std::string_view(name) == "Makefile/x") fs::remove(inside("Makefile"));
        write_file(inside(name), "1\n");
        const CapturedDiff captured = worktree->capture(commit, {});
        if (std::string_view(name) == "Makefile/x") {
            EXPECT_EQ(captured.refused, std::nullopt) << "a folder in the place of a file that is gone";
        } else {
            EXPECT_EQ(captured.refused, Rejection::unsafe);
            EXPECT_THAT(captured.reason, HasSubstr("one name to some file systems"));
        }
        worktree->reset(commit);
    }
    write_file(inside("New"), "1\n");
    write_file(inside("new"), "1\n");
    expect_unsafe("one name to some file systems");
    worktree->reset(commit);
    fs::rename(inside("Makefile"), inside("makefile"));
    EXPECT_EQ(worktree->capture(commit, {}).refused, std::nullopt) << "a change of its case alone";
}

TEST_F(HostileNames, CollisionsOfTheRepositoryItselfAreItsOwn) {
    user.write("readme", "1\n");
    user.write("README", "1\n");
    commit = commit_and_lease();
    clean = worktree_contents();
    write_file(inside("readme"), "2\n");
    write_file(inside("new"), "2\n");
    EXPECT_EQ(worktree->capture(commit, {}).refused, std::nullopt);
}

TEST_F(HostileNames, OfFilesThatSteerGitInAnySpelling) {
    for (const char* name : {".GITATTRIBUTES", ".gitattributes.", ".gitmodules::$DATA", "gitmod~1",
                             "GITATT~2", "gi7eba~1", ".git\xe2\x80\x8cmodules", ".lfsConfig"}) {
        SCOPED_TRACE(name);
        write_file(inside("x") / name, "* filter=evil\n");
        expect_unsafe("steers what git does");
        worktree->reset(commit);
    }
    for (const char* name : {"gitmodules", ".gitmodules.md", "gitmod~", "git~house1"})
        EXPECT_FALSE(is_steering_file(name)) << name;
}

TEST_F(HostileNames, RemovingAFileThatSteersGitIsUnsafe) {
    for (const char* name : {".gitattributes", "src/.gitattributes", ".gitmodules", ".lfsconfig"})
        user.write(name, "# nothing\n");
    commit = commit_and_lease();
    clean = worktree_contents();
    for (const char* name : {".gitattributes", "src/.gitattributes", ".gitmodules", ".lfsconfig"}) {
        SCOPED_TRACE(name);
        fs::remove(inside(name));
        expect_unsafe("steers what git does");
        ASSERT_EQ(::mkfifo(inside(name).c_str(), 0600), 0);
        expect_unsafe("steers what git does");
        worktree->reset(commit);
    }
}

TEST_F(HostileNames, LongerThanAnyProgramOpensAreTooLarge) {
    const std::string name(200, 'n');
    int folder = ::open(worktree->path().c_str(), O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < 21; ++i) {
        ASSERT_EQ(::mkdirat(folder, name.c_str(), 0755), 0);
        const int inner = ::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY);
        ::close(folder);
        folder = inner;
    }
    ::close(::openat(folder, "file", O_WRONLY | O_CREAT, 0644));
    ::close(folder);
    const CapturedDiff captured = worktree->capture(commit, {});
    EXPECT_EQ(captured.refused, Rejection::too_large);
    EXPECT_THAT(captured.reason, HasSubstr("4000"));
}

TEST_F(HostileNames, NoPatchMakesOnesThatNoFileSystemTakes) {
    const auto patch = [](const std::string& path) {
        return "diff --git a/" + path + " b/" + path + "\nnew file mode 100644\n--- /dev/null\n+++ b/" +
               path + "\n@@ -0,0 +1 @@\n+1\n";
    };
    std::string deep;
    for (int i = 0; i < 1500; ++i)
        deep += "d/";
    for (const std::string& path :
         {std::string(256, 'n'), deep + "f", std::string(5000, 'n'), std::string("x/.git/config")}) {
        worktree->reset(commit);
        EXPECT_FALSE(worktree->apply(patch(path))) << path.size();
    }
    EXPECT_TRUE(worktree->apply(patch(std::string(255, 'n'))));
}

}  // namespace
}  // namespace ratchet
