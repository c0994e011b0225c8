// Files that a checkout does not write as they are stored: line ends, Git LFS, submodules.

#include <gmock/gmock.h>

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

class ContentTest : public test::WorkspaceTest {
  protected:
    static std::string pointer(const std::string& oid, std::size_t size) {
        return "version https://git-lfs.github.com/spec/v1\noid sha256:" + oid + "\nsize " +
               std::to_string(size) + "\n";
    }
    /// A reset and a capture without an edit: what git checks out stands there, and nothing has changed.
    void expect_clean(const CommitId& commit) {
        EXPECT_EQ(worktree->capture(commit, {}).diff, "");
        worktree.emplace(lease("agent"));  // also where nothing is known of the files
        EXPECT_EQ(worktree->capture(commit, {}).diff, "");
        worktree->reset(commit);
        EXPECT_EQ(worktree->capture(commit, {}).diff, "");
    }
};

TEST_F(ContentTest, CrlfInTheRepositoryStays) {
    user.git({"config", "core.autocrlf", "false"});
    user.write("dos.txt", "one\r\ntwo\r\n");
    user.write("mixed.txt", "one\r\ntwo\n");
    const CommitId commit = commit_and_lease();
    EXPECT_EQ(read_file(inside("dos.txt")), "one\r\ntwo\r\n");
    expect_clean(commit);
    write_file(inside("dos.txt"), "one\r\n2\r\n");
    const CapturedDiff captured = worktree->capture(commit, {});
    EXPECT_THAT(captured.files, ElementsAre(TouchedFile{"dos.txt", 1, 1}));
    EXPECT_EQ(repository->file(candidate_of(commit), "dos.txt"), "one\r\n2\r\n");
}

TEST_F(ContentTest, LineEndsAreAsGitWritesThem) {
    // Stored with CRLF before the attributes came: not normalised, as in many a real repository.
    user.write("old.txt", "one\r\ntwo\r\n");
    user.write("old.bat", "one\r\ntwo\r\n");
    user.commit_all();
    for (const char* attributes :
         {"* text=auto\n", "* text=auto eol=crlf\n*.bin -text\n", "*.txt text\n*.bat text eol=crlf\n",
          "*.txt crlf\n", "*.txt eol=lf\n*.bat eol=crlf\n", "* -text\n",
          "* text=auto\nsub/** text eol=crlf\n", "[attr]dos text eol=crlf\n*.bat dos\n",
          "*.txt binary\n* text=auto eol=crlf\n", "*.txt crlf=input\n"}) {
        for (const char* autocrlf : {"false", "true", "input"}) {
            SCOPED_TRACE(std::string(attributes) + autocrlf);
            user.git({"config", "core.autocrlf", "false"});
            user.write(".gitattributes", attributes);
            user.write("new.txt", "one\ntwo\n");
            user.write("new.bat", "one\ntwo\n");
            user.write("sub/new.txt", "one\ntwo\n");
            user.write("data.bin", std::string("one\n\0two\n", 9));
            user.write("lone.txt", "one\rtwo\n");
            user.commit_all();
            user.git({"config", "core.autocrlf", autocrlf});
            repository.reset();
            const CommitId commit{user.head()};
            repository.emplace(Repository::open(user.root()));
            worktree.emplace(lease("agent"));
            worktree->reset(commit);
            // git's own checkout, under the same configuration.
            user.git({"rm", "--quiet", "-r", "--cached", "."});
            user.git({"reset", "--quiet", "--hard"});
            EXPECT_EQ(worktree_contents(), contents(user.root()));
            expect_clean(commit);
        }
    }
}

TEST_F(ContentTest, EditsAreStoredAsGitStoresThem) {
    user.write(".gitattributes", "* text=auto eol=crlf\n");
    user.write("a.txt", "one\ntwo\n");
    const CommitId commit = commit_and_lease();
    write_file(inside("a.txt"), "one\r\n2\r\n");
    write_file(inside("new.txt"), "one\r\n");
    write_file(inside("new.bin"), std::string("\0\r\n", 3));
    const CommitId candidate = candidate_of(commit);
    user.git_in(worktree->path(), {"add", "--all"});
    EXPECT_EQ(user.git_in(worktree->path(), {"write-tree"}), repository->tree_of(candidate).hex + "\n");
    EXPECT_THAT(
        worktree->capture(commit, {}).files,
        ElementsAre(TouchedFile{"a.txt", 1, 1}, TouchedFile{"new.bin", 0, 0}, TouchedFile{"new.txt", 1, 0}));
}

TEST_F(ContentTest, AttributesAreTheCommitsNotTheWorktrees) {
    user.write("a.txt", "one\n");
    const CommitId commit = commit_and_lease();
    user.write(".gitattributes", "*.txt eol=crlf\n");
    const CommitId later{user.commit_all()};
    worktree->reset(later);
    EXPECT_EQ(read_file(inside("a.txt")), "one\r\n");
    worktree->reset(commit);
    EXPECT_EQ(read_file(inside("a.txt")), "one\n");
}

TEST_F(ContentTest, FiltersAreNeverRun) {
    const fs::path marker = user.folder() / "marker";
    user.write(".gitattributes", "*.dat filter=evil\n");
    user.write("a.dat", "stored\n");
    const CommitId commit = commit_and_open();
    user.git({"config", "filter.evil.smudge", "touch " + marker.string() + "; cat"});
    user.git({"config", "filter.evil.clean", "touch " + marker.string() + "; cat"});
    user.git({"config", "filter.evil.required", "true"});
    repository.emplace(Repository::open(user.root()));
    worktree.emplace(lease("agent"));
    worktree->reset(commit);
    EXPECT_EQ(read_file(inside("a.dat")), "stored\n");
    write_file(inside("a.dat"), "changed\n");
    EXPECT_THAT(worktree->capture(commit, {}).diff, HasSubstr("+changed"));
    (void)repository->has_local_changes();
    EXPECT_FALSE(fs::exists(marker));
}

TEST_F(ContentTest, LfsObjectsStandInPlaceOfTheirPointers) {
    const std::string here(64, 'a');
    const std::string missing(64, 'b');
    const std::string contents_here = std::string("\0real bytes", 11) + std::string(100000, 'x');
    user.write(".gitattributes", "*.weights filter=lfs diff=lfs merge=lfs -text\n");
    user.write("model.weights", pointer(here, contents_here.size()));
    user.write("other.weights", pointer(missing, 5));
    user.write("plain.weights", "no pointer at all\n");
    user.write("pointer.txt", pointer(here, contents_here.size()));
    write_file(user.root() / ".git/lfs/objects/aa/aa" / here, contents_here);
    const CommitId commit = commit_and_lease();
    EXPECT_EQ(read_file(inside("model.weights")), contents_here);
    EXPECT_EQ(read_file(inside("other.weights")), pointer(missing, 5));
    EXPECT_EQ(read_file(inside("pointer.txt")), pointer(here, contents_here.size()));
    EXPECT_THAT(repository->missing_objects(commit),
                ElementsAre("other.weights (Git LFS object " + missing + ")"));
    expect_clean(commit);
    // A new version travels as what it is.
    write_file(inside("model.weights"), "small now\n");
    const CommitId candidate = candidate_of(commit);
    EXPECT_EQ(repository->file(candidate, "model.weights"), "small now\n");
    worktree->reset(candidate);
    EXPECT_EQ(read_file(inside("model.weights")), "small now\n");
}

TEST_F(ContentTest, SubmodulesAreCheckedOutFromTheLocalGitDirectory) {
    const test::TemporaryRepository deeper("deeper");
    deeper.write("deep.c", "int deep;\n");
    deeper.commit_all();
    const test::TemporaryRepository library("library");
    library.write("lib.c", "int lib;\n");
    library.write(".gitignore", "*.o\n");
    library.git({"submodule", "--quiet", "add", deeper.root().string(), "vendor/deeper"});
    library.commit_all();
    user.write("main.c", "int main;\n");
    user.git(
        {"submodule", "--quiet", "add", "--name", "the lib", library.root().string(), "third party/lib"});
    user.git({"submodule", "--quiet", "update", "--init", "--recursive"});
    const CommitId commit = commit_and_lease();
    EXPECT_EQ(read_file(inside("third party/lib/lib.c")), "int lib;\n");
    EXPECT_EQ(read_file(inside("third party/lib/vendor/deeper/deep.c")), "int deep;\n");
    EXPECT_THAT(repository->missing_objects(commit), IsEmpty());
    EXPECT_EQ(user.git_in(worktree->path(), {"status", "--porcelain"}), "");
    expect_clean(commit);

    // What a build leaves there is no change; a change there cannot travel.
    write_file(inside("third party/lib/lib.o"), "built\n");
    write_file(inside("third party/lib/generated.h"), "built\n");
    EXPECT_EQ(worktree->capture(commit, {}).refused, std::nullopt);
    EXPECT_EQ(worktree->capture(commit, {}).diff, "");
    write_file(inside("third party/lib/lib.c"), "int faster;\n");
    EXPECT_EQ(worktree->capture(commit, {}).refused, Rejection::unsafe);
    fs::remove(inside("third party/lib/lib.c"));
    EXPECT_EQ(worktree->capture(commit, {}).refused, Rejection::unsafe);
    worktree->reset(commit);
    EXPECT_EQ(read_file(inside("third party/lib/lib.c")), "int lib;\n");
    EXPECT_FALSE(fs::exists(inside("third party/lib/lib.o")));
    // The rest of the tree can change all the same, and the submodule stays what it is.
    write_file(inside("main.c"), "int changed;\n");
    const CommitId candidate = candidate_of(commit);
    EXPECT_EQ(user.git({"ls-tree", candidate.hex, "third party/lib"}),
              user.git({"ls-tree", commit.hex, "third party/lib"}));
}

TEST_F(ContentTest, MissingSubmodulesAreNamedAndLeftEmpty) {
    const test::TemporaryRepository library("library");
    library.write("lib.c", "int lib;\n");
    const std::string inner = library.commit_all();
    user.git({"submodule", "--quiet", "add", library.root().string(), "lib"});
    const CommitId commit{user.commit_all()};
    fs::remove_all(user.root() / ".git/modules");
    repository.emplace(Repository::open(user.root()));
    worktree.emplace(lease("agent"));
    worktree->reset(commit);
    EXPECT_THAT(repository->missing_objects(commit), ElementsAre("lib (submodule, commit " + inner + ")"));
    EXPECT_TRUE(fs::is_empty(inside("lib")));
    expect_clean(commit);
}

}  // namespace
}  // namespace ratchet
