#include <gmock/gmock.h>
#include <unistd.h>

#include <random>
#include <set>
#include <sstream>

#include "sandbox/workspace/ignore_rules.hpp"
#include "sandbox/workspace/worktree.hpp"
#include "tests/sandbox/workspace_fixture.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::write_file;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class CaptureTest : public test::WorkspaceTest {
  protected:
    std::string patch_id_of_git(const std::string& diff) {
        write_file(user.folder() / "patch", diff);
        const std::string line =
            user.git({"-c", "alias.id=!git patch-id --stable <" + (user.folder() / "patch").string(), "id"});
        return line.substr(0, line.find(' '));
    }
};

TEST_F(CaptureTest, NothingChangedIsAnEmptyDiff) {
    user.write("a", "1\n");
    const CommitId commit = commit_and_lease();
    const CapturedDiff captured = worktree->capture(commit, {});
    EXPECT_EQ(captured.diff, "");
    EXPECT_EQ(captured.patch_id, "");
    EXPECT_THAT(captured.files, IsEmpty());
    EXPECT_EQ(captured.refused, std::nullopt);
}

TEST_F(CaptureTest, DiffIsWhatGitPrints) {
    user.write("src/a.py", "def f():\n    return 1\n\n\ndef g():\n    return 2\n");
    user.write("gone", "bye\n");
    const CommitId commit = commit_and_lease();
    write_file(inside("src/a.py"), "def f():\n    return 1\n\n\ndef g():\n    return 3\n");
    write_file(inside("src/new.py"), "x = 1");
    fs::remove(inside("gone"));
    fs::permissions(inside("src/a.py"), static_cast<fs::perms>(0755));
    const CapturedDiff captured = worktree->capture(commit, {});
    const CommitId candidate = candidate_of(commit);
    EXPECT_EQ(captured.diff,
              user.git({"diff", "--binary", "--full-index", "--no-renames", commit.hex, candidate.hex}));
    EXPECT_THAT(captured.files, ElementsAre(TouchedFile{"gone", 0, 1}, TouchedFile{"src/a.py", 1, 1},
                                            TouchedFile{"src/new.py", 1, 0}));
    EXPECT_EQ(captured.patch_id, patch_id_of_git(captured.diff));
}

TEST_F(CaptureTest, HeadersOfHunksSayWhatThePolicyTells) {
    std::string text;
    for (int i = 0; i < 30; ++i)
        text += "line " + std::to_string(i) + "\n";
    user.write("a", text);
    const CommitId commit = commit_and_lease();
    const CapturedDiff as_git = [&] {
        write_file(inside("a"), "@@ -1 +1 @@ first\n" + text.substr(text.find('\n') + 1) + "last\n");
        write_file(inside("b"), "new\n");
        return worktree->capture(commit, {});
    }();
    CapturePolicy policy;
    std::vector<std::string> asked;
    policy.hunk_headers = [&](std::string_view path, std::string_view before, std::string_view after,
                              const std::vector<ChangedLines>& hunks) {
        asked.emplace_back(path);
        if (path == "b") return std::optional<std::vector<std::string>>();
        EXPECT_EQ(before, text);
        EXPECT_EQ(after.substr(0, 17), "@@ -1 +1 @@ first");
        EXPECT_EQ(hunks.size(), 2U);
        EXPECT_THAT(hunks[0].removed, ElementsAre(1U));
        EXPECT_THAT(hunks[0].added, ElementsAre(1U));
        EXPECT_THAT(hunks[1].removed, IsEmpty());
        EXPECT_THAT(hunks[1].added, ElementsAre(31U));
        return std::optional<std::vector<std::string>>({" in f", ""});
    };
    const CapturedDiff captured = worktree->capture(commit, policy);
    EXPECT_THAT(asked, ElementsAre("a", "b"));
    EXPECT_THAT(captured.diff, HasSubstr("\n@@ -1,4 +1,4 @@ in f\n-line 0\n+@@ -1 +1 @@ first\n"));
    EXPECT_THAT(captured.diff, HasSubstr("\n@@ -28,3 +28,4 @@\n line 27\n"));
    EXPECT_EQ(captured.patch_id, as_git.patch_id);
    EXPECT_EQ(captured.patch_id, patch_id_of_git(captured.diff));
    EXPECT_TRUE(repository->tree_with(commit, captured.diff));
    EXPECT_EQ(repository->tree_with(commit, captured.diff), repository->tree_with(commit, as_git.diff));
}

TEST_F(CaptureTest, EveryKindOfChangeRoundTrips) {
    user.write("text", "one\ntwo\nthree\n");
    user.write("becomes/a/file", "1\n");
    user.write("becomes a folder", "1\n");
    user.write("becomes a link", "1\n");
    user.make_symlink("text", "was a link");
    user.make_symlink("text", "changes its goal");
    user.write("binary", std::string("\0\1\2", 3) + std::string(3000, 'a'));
    user.write("goes binary", "text\n");
    user.write("run", "#!/bin/sh\n");
    user.write("renamed from", "the same contents, line one\nand two\n");
    user.write("emptied", "full\n");
    user.write("empty goes", "");
    user.write("caf\xC3\xA9/\xE4\n\t\"\\.txt", "odd\n");
    const CommitId commit = commit_and_lease();
    write_file(inside("text"), "one\n2\nthree\nfour without an end");
    fs::remove_all(inside("becomes"));
    write_file(inside("becomes"), "a file\n");
    fs::remove(inside("becomes a folder"));
    write_file(inside("becomes a folder/with/a file"), "1\n");
    fs::remove(inside("becomes a link"));
    fs::create_symlink("text", inside("becomes a link"));
    fs::remove(inside("was a link"));
    write_file(inside("was a link"), "now a file\n");
    fs::remove(inside("changes its goal"));
    fs::create_symlink("binary", inside("changes its goal"));
    write_file(inside("binary"), std::string("\0\1\3", 3) + std::string(3000, 'a') + "b");
    write_file(inside("goes binary"), std::string("te\0xt\n", 6));
    write_file(inside("new binary"), std::string("\377\0\376", 3));
    fs::permissions(inside("run"), static_cast<fs::perms>(0755));
    fs::rename(inside("renamed from"), inside("renamed to"));
    write_file(inside("emptied"), "");
    fs::remove(inside("empty goes"));
    write_file(inside("empty comes"), "");
    write_file(inside("caf\xC3\xA9/\xE4\n\t\"\\.txt"), "even odder\n");
    write_file(inside("new \"n\xC3\xA4me\""), "1\n");
    write_file(inside("-dash"), "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-- \n");
    write_file(inside("  two spaces"), "\n\n\n");
    const auto there = worktree_contents();
    const CommitId candidate = candidate_of(commit);
    EXPECT_EQ(as_git_checks_out(candidate), there);
    EXPECT_TRUE(worktree->capture(candidate, {}).diff.empty());
    worktree->reset(candidate);
    EXPECT_EQ(worktree_contents(), there);
    EXPECT_EQ(user.git({"fsck", "--strict"}), "");
}

TEST_F(CaptureTest, SeesEditsOfTheSameSizeAtOnce) {
    user.write("a", "0000\n");
    user.write("b", "0000\n");
    const CommitId commit = commit_and_lease();
    for (int i = 1; i <= 100; ++i) {
        worktree->reset(commit);
        const std::string text = std::to_string(1000 + i) + "\n";
        // In place: the same inode, the same size, within the same tick of the clock.
        FILE* file = std::fopen(inside("a").c_str(), "r+");
        ASSERT_NE(file, nullptr);
        ASSERT_EQ(std::fwrite(text.data(), 1, text.size(), file), text.size());
        std::fclose(file);
        ASSERT_THAT(worktree->capture(commit, {}).diff, HasSubstr("+" + text)) << i;
    }
}

TEST_F(CaptureTest, ForgedTimesHideNothing) {
    user.write("a", "0000\n");
    const CommitId commit = commit_and_lease();
    const auto before = fs::last_write_time(inside("a"));
    write_file(inside("a"), "1111\n");
    fs::last_write_time(inside("a"), before);
    EXPECT_THAT(worktree->capture(commit, {}).diff, HasSubstr("+1111"));
}

TEST_F(CaptureTest, OnlyTheRepositorysOwnIgnoreFilesCount) {
    user.write(".gitignore", "*.o\n/build/\n!keep.o\n");
    user.write("sub/.gitignore", "local\n");
    user.write("tracked.o", "1\n");
    user.git({"add", "--force", "tracked.o"});
    const CommitId commit = commit_and_lease();
    write_file(user.home() / ".gitconfig", "[core]\n\texcludesFile = ~/global\n");
    write_file(user.home() / "global", "*.py\n");
    write_file(user.home() / ".config/git/ignore", "*.rs\n");
    write_file(user.root() / ".git/info/exclude", "*.c\n");
    write_file(user.folder() / "excludes", "*.go\n");
    user.git({"config", "core.excludesFile", (user.folder() / "excludes").string()});
    repository.emplace(Repository::open(user.root()));
    worktree.emplace(lease("agent"));
    worktree->reset(commit);
    for (const char* path : {"x.o", "build/out", "sub/local", "deep/sub/y.o"})
        write_file(inside(path), "ignored\n");
    for (const char* path : {"a.py", "b.rs", "c.c", "d.go", "keep.o", "local", "deep/build/out"}) {
        write_file(inside(path), "new\n");
    }
    write_file(inside("tracked.o"), "2\n");
    std::vector<std::string> touched;
    for (const TouchedFile& file : worktree->capture(commit, {}).files)
        touched.push_back(file.path);
    EXPECT_THAT(touched,
                ElementsAre("a.py", "b.rs", "c.c", "d.go", "deep/build/out", "keep.o", "local", "tracked.o"));
}

TEST_F(CaptureTest, TrackedFilesInIgnoredFoldersCount) {
    user.write(".gitignore", "out/\n");
    user.write("out/kept", "1\n");
    user.git({"add", "--force", "out/kept"});
    const CommitId commit = commit_and_lease();
    write_file(inside("out/kept"), "2\n");
    write_file(inside("out/new"), "ignored\n");
    EXPECT_THAT(worktree->capture(commit, {}).files, ElementsAre(TouchedFile{"out/kept", 1, 1}));
    fs::remove(inside("out/kept"));
    EXPECT_THAT(worktree->capture(commit, {}).files, ElementsAre(TouchedFile{"out/kept", 0, 1}));
}

TEST_F(CaptureTest, PolicyLeavesOutWhatIsNoProposal) {
    user.write("a", "1\n");
    user.write("node_modules/tracked", "1\n");
    const CommitId commit = commit_and_lease();
    write_file(inside("node_modules/tracked"), "2\n");
    write_file(inside("node_modules/deep/x"), "x\n");
    write_file(inside(".ratchet-notes.json"), "{}\n");
    write_file(inside("a"), "2\n");
    write_file(inside("node_modules2"), "1\n");
    CapturePolicy policy;
    policy.ignored = {".ratchet-notes.json", "node_modules/"};
    EXPECT_THAT(worktree->capture(commit, policy).files,
                ElementsAre(TouchedFile{"a", 1, 1}, TouchedFile{"node_modules2", 1, 0}));
}

TEST_F(CaptureTest, LimitsAreTooLarge) {
    user.write("a", "1\n");
    user.write("large", std::string(3000, 'x') + "\n");
    const CommitId commit = commit_and_lease();
    CapturePolicy policy;
    policy.most_bytes = 1000;
    policy.most_files = 5;
    write_file(inside("b"), std::string(2000, 'y'));
    EXPECT_EQ(worktree->capture(commit, policy).refused, Rejection::too_large);
    worktree->reset(commit);
    write_file(inside("large"), std::string(3000, 'z') + "\n");
    EXPECT_EQ(worktree->capture(commit, policy).refused, Rejection::too_large);
    worktree->reset(commit);
    for (int i = 0; i < 6; ++i)
        write_file(inside("n" + std::to_string(i)), "");
    EXPECT_EQ(worktree->capture(commit, policy).refused, Rejection::too_large);
    fs::remove(inside("n0"));
    EXPECT_EQ(worktree->capture(commit, policy).refused, std::nullopt);
    // A hole of a terabyte is not read.
    worktree->reset(commit);
    write_file(inside("huge"), "");
    fs::resize_file(inside("huge"), std::uintmax_t{1} << 40);
    fs::resize_file(inside("a"), std::uintmax_t{1} << 40);
    EXPECT_EQ(worktree->capture(commit, {}).refused, Rejection::too_large);
}

TEST_F(CaptureTest, ASmallChangeOfALargeFileIsSmall) {
    std::string lines;
    for (int i = 0; i < 20000; ++i)
        lines += "line " + std::to_string(i) + "\n";
    user.write("large", lines);
    const CommitId commit = commit_and_lease();
    write_file(inside("large"), "first\n" + lines);
    CapturePolicy policy;
    policy.most_bytes = 1000;
    const CapturedDiff captured = worktree->capture(commit, policy);
    EXPECT_EQ(captured.refused, std::nullopt) << captured.reason;
    EXPECT_THAT(captured.files, ElementsAre(TouchedFile{"large", 1, 0}));
}

TEST_F(CaptureTest, PatchIdTellsBinaryChangesApart) {
    user.write("data", std::string("\0aaaa", 5));
    const CommitId commit = commit_and_lease();
    write_file(inside("data"), std::string("\0bbbb", 5));
    const std::string first = worktree->capture(commit, {}).patch_id;
    write_file(inside("data"), std::string("\0cccc", 5));
    EXPECT_NE(worktree->capture(commit, {}).patch_id, first);
}

TEST_F(CaptureTest, PatchIdDoesNotDependOnLineNumbers) {
    std::string lines;
    for (int i = 0; i < 40; ++i)
        lines += "line " + std::to_string(i) + "\n";
    user.write("a", lines);
    const CommitId first = commit_and_lease();
    write_file(inside("a"), lines + "new\n");
    const std::string id = worktree->capture(first, {}).patch_id;
    user.write("a", "moved down\n" + lines);
    const CommitId second = commit_and_lease();
    write_file(inside("a"), "moved down\n" + lines + "new\n");
    EXPECT_EQ(worktree->capture(second, {}).patch_id, id);
}

/// Random trees over few names, so that files, folders and symlinks take each other's place.
class RandomTree {
  public:
    explicit RandomTree(unsigned seed) : random_(seed) {}

    void build(const fs::path& root) {
        for (std::size_t count = pick(7); count > 0; --count) {
            const fs::path path = root / paths_[pick(paths_.size())];
            fs::remove_all(path);
            for (fs::path above = path.parent_path(); above != root; above = above.parent_path()) {
                if (fs::exists(fs::symlink_status(above)) && !fs::is_directory(fs::symlink_status(above)))
                    fs::remove(above);
            }
            const std::string bytes = text();
            const std::size_t kind = pick(4);
            if (kind == 0) {
                fs::create_directories(path.parent_path());
                fs::create_symlink("goal" + std::to_string(pick(3)), path);
            } else {
                write_file(path, bytes);
                fs::permissions(path, static_cast<fs::perms>(kind == 1 ? 0755 : 0644));
            }
        }
    }
    void thin_out(const fs::path& root) {
        std::vector<fs::path> entries;
        for (const auto& entry : fs::directory_iterator(root))
            entries.push_back(entry.path());
        for (const fs::path& entry : entries) {
            if (entry.filename() != ".git" && pick(2) == 0) fs::remove_all(entry);
        }
    }

  private:
    std::size_t pick(std::size_t below) { return random_() % below; }
    std::string text() {
        std::string result;
        for (std::size_t count = pick(9); count > 0; --count)
            result += lines_[pick(lines_.size())];
        return result;
    }
    std::mt19937 random_;
    std::vector<std::string> paths_ = {"a", "b", "d/a", "d/b", "d/e/f", "\xC3\xA9", "a b"};
    std::vector<std::string> lines_ = {"x\n", "y\n", "z", "\r\n", std::string("\0", 1), "-- \n", "\n"};
};

TEST(CaptureOfRandomTrees, CandidateHoldsExactlyWhatStandsInTheWorktree) {
    const test::TemporaryRepository user;
    user.commit_all();
    Repository repository = Repository::open(user.root());
    Worktree worktree = Worktree::lease(repository, user.folder() / "trees", "random", "agent");
    for (unsigned seed = 0; seed < 30; ++seed) {
        SCOPED_TRACE(seed);
        RandomTree random(seed);
        random.thin_out(user.root());
        random.build(user.root());
        const CommitId base{user.commit_all()};
        worktree.reset(base);
        random.thin_out(worktree.path());
        random.build(worktree.path());
        const CapturedDiff captured = worktree.capture(base, {});
        ASSERT_EQ(captured.refused, std::nullopt) << captured.reason;
        const auto candidate = repository.commit_of(base, captured.diff, "random", Timestamp{});
        ASSERT_TRUE(candidate) << captured.diff;
        // git's own view of the worktree, through its index.
        user.git_in(worktree.path(), {"add", "--all"});
        ASSERT_EQ(user.git_in(worktree.path(), {"write-tree"}), repository.tree_of(*candidate).hex + "\n");
        worktree.reset(*candidate);
        ASSERT_EQ(user.git_in(worktree.path(), {"status", "--porcelain"}), "");
    }
}

TEST(IgnoreRulesOfRandomFiles, AgreeWithGit) {
    const std::vector<std::string> rules = {
        "*.o",       "/a",   "a/",    "!a", "!b.o", "d/*",    "d/**",  "**/b.o",     "d/**/b.o", "\\#x",
        "# comment", "  ",   "a  ",   "*",  "!d/",  "!d/e",   "/d/e/", "e/b.o",      "?",        "!*.o",
        "**",        "a\\ ", "d/e\r", "/",  "!/d/", "[ab].o", "[!a]",  "d/[a-f]/*.o"};
    const std::vector<std::string> paths = {"a",   "b.o",   "x.o",   "#x",      "a ",
                                            "d/a", "d/b.o", "d/e/a", "d/e/b.o", "d/e/f/b.o"};
    const test::TemporaryRepository user;
    for (const auto& path : paths)
        user.write(path, "");
    for (unsigned seed = 0; seed < 40; ++seed) {
        std::mt19937 random(seed);
        std::string text;
        for (std::size_t count = 1 + random() % 6; count > 0; --count)
            text += rules[random() % rules.size()] + "\n";
        user.write(".gitignore", text);
        std::set<std::string> expected;
        std::istringstream untracked(user.git({"ls-files", "--others", "--exclude-standard"}));
        for (std::string line; std::getline(untracked, line);)
            expected.insert(line);
        expected.erase(".gitignore");
        IgnoreRules ignore;
        ignore.enter("", text);
        std::set<std::string> found;
        for (const auto& path : paths) {
            bool ignored = ignore.ignores(path, false);
            for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
                ignored = ignored || ignore.ignores(path.substr(0, slash), true);
            }
            if (!ignored) found.insert(path);
        }
        ASSERT_EQ(found, expected) << text;
    }
}

}  // namespace
}  // namespace ratchet
