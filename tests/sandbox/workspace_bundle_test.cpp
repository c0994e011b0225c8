#include <gmock/gmock.h>

#include <functional>

#include "experiment_store/errors.hpp"
#include "workspace_fixture.hpp"

// Commits in one file, and back: what git makes of it, and what is refused.

namespace ratchet::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class Bundles : public WorkspaceTest {
  protected:
    /// A base with some history, two candidates on top of it, one on top of the other.
    void make_campaign() {
        user.write("src/a.txt", "one\n");
        commit_and_open();
        user.write("src/b.txt", std::string(5000, 'b'));
        base = commit_and_lease();
        user.git({"tag", "v1"});
        worktree->reset(base);
        write_file(inside("src/a.txt"), "two\n");
        first = candidate_of(base);
        worktree->reset(first);
        write_file(inside("src/c.txt"), "three\n");
        second = candidate_of(first);
        commits = {{"1", first}, {"2", second}, {"champion", first}};
    }

    [[nodiscard]] fs::path file() const { return user.folder() / "it.bundle"; }
    fs::path scratch() {
        const fs::path folder = user.folder() / ("scratch-" + std::to_string(scratches_++));
        fs::create_directories(folder);
        return folder;
    }
    void write_bundle() { repository->write_bundle("speed", commits, file(), scratch()); }

    /// A repository that has nothing in common with the user's.
    Repository& elsewhere() {
        if (!elsewhere_) {
            other.write("x.txt", "x\n");
            other.commit_all();
            elsewhere_.emplace(Repository::open(other.root()));
        }
        return *elsewhere_;
    }
    /// What reading the bundle elsewhere says; "" where it works.
    std::string complaint(const std::vector<CommitId>& wanted) {
        const fs::path objects = other.root() / ".git/objects";
        elsewhere();
        const auto before = snapshot(objects);
        try {
            elsewhere().read_bundle(file(), wanted, scratch());
            return "";
        } catch (const UserError& error) {
            EXPECT_EQ(error.hint(), "Nothing was imported. Export it again where it comes from.");
            EXPECT_THAT(differences(before, snapshot(objects)), IsEmpty());
            return error.what();
        }
    }
    /// A commit of a tree with one entry of this name.
    CommitId commit_of_tree(const std::string& name, const std::string& mode = "100644") {
        const std::string blob = user.git_line({"hash-object", "-w", "src/a.txt"});
        std::string raw = mode + " " + name + '\0';
        for (std::size_t i = 0; i < blob.size(); i += 2)
            raw += static_cast<char>(std::stoi(blob.substr(i, 2), nullptr, 16));
        write_file(user.folder() / "tree", raw);
        const std::string tree = user.git_line(
            {"hash-object", "-t", "tree", "-w", "--literally", (user.folder() / "tree").string()});
        return {user.git_line({"commit-tree", "-m", "hostile", tree})};
    }

    TemporaryRepository other{"other"};
    CommitId base;
    CommitId first;
    CommitId second;
    std::map<std::string, CommitId> commits;

  private:
    std::optional<Repository> elsewhere_;
    int scratches_ = 0;
};

TEST_F(Bundles, are_bundles_to_git) {
    make_campaign();
    write_bundle();
    EXPECT_THAT(user.git({"bundle", "verify", file().string()}), HasSubstr("records a complete history"));
    EXPECT_EQ(user.git({"bundle", "list-heads", file().string()}),
              first.hex + " refs/ratchet/speed/1\n" + second.hex + " refs/ratchet/speed/2\n" + first.hex +
                  " refs/ratchet/speed/champion\n");
    other.write("x.txt", "x\n");
    other.commit_all();
    other.git({"fetch", "--quiet", file().string(), "refs/ratchet/speed/2"});
    EXPECT_EQ(other.git_line({"show", "FETCH_HEAD:src/c.txt"}), "three");
    other.git({"fsck", "--strict"});
}

TEST_F(Bundles, are_the_same_bytes_wherever_the_same_commits_are) {
    make_campaign();
    write_bundle();
    const std::string bytes = read_file(file());
    const fs::path clone = user.folder() / "clone";
    user.git({"clone", "--quiet", "--no-tags", "--bare", user.root().string(), clone.string()});
    user.git_in(clone, {"fetch", "--quiet", user.root().string(), "+refs/ratchet/*:refs/ratchet/*"});
    user.git_in(clone, {"tag", "-m", "another", "extra", second.hex});
    user.git_in(clone, {"repack", "-adq", "--depth=3"});
    user.git_in(clone, {"config", "core.compression", "0"});
    const fs::path work = user.folder() / "work";
    user.git({"clone", "--quiet", "--mirror", clone.string(), (work / ".git").string()});
    user.git_in(work, {"config", "core.bare", "false"});
    user.git_in(work, {"config", "pack.window", "0"});
    Repository::open(work).write_bundle("speed", commits, file(), scratch());
    EXPECT_EQ(read_file(file()), bytes);
}

TEST_F(Bundles, bring_commits_and_nothing_else) {
    make_campaign();
    write_bundle();
    elsewhere();
    const auto refs = other.git({"for-each-ref"});
    EXPECT_EQ(complaint({base, first, second}), "");
    EXPECT_TRUE(elsewhere().exists(second));
    EXPECT_EQ(elsewhere().file(second, "src/c.txt"), "three\n");
    EXPECT_EQ(other.git({"for-each-ref"}), refs);
    elsewhere().pin("speed", "2", second);
    other.git({"gc", "--quiet", "--prune=now"});
    other.git({"fsck", "--strict"});
    EXPECT_EQ(other.git_line({"show", second.hex + ":src/a.txt"}), "two");
    EXPECT_EQ(complaint({second}), "") << "a second time";
}

TEST_F(Bundles, that_are_damaged_are_refused_whole) {
    make_campaign();
    write_bundle();
    const std::string whole = read_file(file());
    const auto with = [&](const std::string& bytes) {
        write_file(file(), bytes);
        return complaint({second});
    };
    const std::string damaged = "the archive's git bundle is damaged: ";
    EXPECT_EQ(with(""), damaged + "its header does not end");
    EXPECT_EQ(with("# v3 git bundle\n" + whole), damaged + "it is no bundle of version 2");
    EXPECT_EQ(with("# v2 git bundle\n-" + base.hex + " base\n\n"),
              damaged + "it builds on commits that are not in it");
    EXPECT_THAT(with("# v2 git bundle\n\nPACK"), StartsWith(damaged));
    std::string flipped = whole;
    flipped[whole.size() - 30] = static_cast<char>(flipped[whole.size() - 30] ^ 1);
    EXPECT_THAT(with(flipped), StartsWith(damaged));
    EXPECT_THAT(with(whole.substr(0, whole.size() / 2)), StartsWith(damaged));
    EXPECT_THAT(with(whole + "more"), StartsWith(damaged));
    EXPECT_EQ(with(whole), "");
}

TEST_F(Bundles, that_lack_something_are_refused) {
    make_campaign();
    commits.erase("2");
    write_bundle();
    EXPECT_EQ(complaint({first, second}), "the archive's commits cannot be taken over: the commit " +
                                              second.abbreviated() + " is not among them");
}

TEST_F(Bundles, with_trees_that_are_dangerous_to_check_out_are_refused) {
    make_campaign();
    for (const std::string name : {"..", ".", ".git", ".GIT", "git~1", ".git ", "a/b"}) {
        const CommitId hostile = commit_of_tree(name);
        commits["3"] = hostile;
        write_bundle();
        EXPECT_THAT(
            complaint({hostile}),
            StartsWith("the archive's commits cannot be taken over: a file in them is called \"" + name))
            << name;
    }
    const CommitId harmless = commit_of_tree("git");
    commits["3"] = harmless;
    write_bundle();
    EXPECT_EQ(complaint({harmless}), "");
}

TEST_F(Bundles, with_dangerous_trees_that_nobody_asked_for_are_refused_too) {
    make_campaign();
    commits["3"] = commit_of_tree("..");
    write_bundle();
    EXPECT_THAT(complaint({first}), HasSubstr("a file in them is called \"..\""));
}

TEST_F(Bundles, with_trees_without_an_end_are_refused) {
    make_campaign();
    // Ten folders, each of which holds ten of the next: 10^12 files of 13 objects.
    std::string tree = user.git_line({"rev-parse", base.hex + "^{tree}"});
    const auto tree_of = [&](int entries) {
        std::string raw;
        for (int i = 0; i < entries; ++i) {
            raw += "40000 " + std::to_string(i) + '\0';
            for (std::size_t k = 0; k < tree.size(); k += 2)
                raw += static_cast<char>(std::stoi(tree.substr(k, 2), nullptr, 16));
        }
        write_file(user.folder() / "tree", raw);
        tree = user.git_line(
            {"hash-object", "-t", "tree", "-w", "--literally", (user.folder() / "tree").string()});
    };
    for (int level = 0; level < 12; ++level)
        tree_of(10);
    const CommitId bomb{user.git_line({"commit-tree", "-m", "bomb", tree})};
    commits["3"] = bomb;
    write_bundle();
    EXPECT_THAT(complaint({bomb}), HasSubstr("has more than 5000000 files"));
}

TEST_F(Bundles, know_submodules_without_having_them) {
    make_campaign();
    const CommitId with_submodule = commit_of_tree("module", "160000");
    commits["3"] = with_submodule;
    write_bundle();
    EXPECT_EQ(complaint({with_submodule}), "");
}

TEST_F(Bundles, of_a_shallow_clone_are_an_error_that_says_what_to_do) {
    make_campaign();
    const fs::path clone = user.folder() / "shallow";
    user.git({"clone", "--quiet", "--depth=1", "file://" + user.root().string(), clone.string()});
    const Repository shallow = Repository::open(clone);
    try {
        shallow.write_bundle("speed", {{"champion", base}}, file(), scratch());
        FAIL();
    } catch (const UserError& error) {
        EXPECT_STREQ(error.what(),
                     "this repository is a shallow clone: the history of the campaign's base is not here");
        EXPECT_EQ(error.hint(), "`git fetch --unshallow` gets it.");
    }
}

TEST_F(Bundles, are_made_of_commits_that_are_found_by_their_beginning) {
    make_campaign();
    EXPECT_EQ(repository->abbreviated_commit(second.hex), second);
    EXPECT_EQ(repository->abbreviated_commit(second.hex.substr(0, 7)), second);
    user.git({"branch", "abcdef0"});
    for (const std::string& none : {std::string("abc"), std::string("abcdef0"), std::string("main"),
                                    std::string("HEAD"), std::string(), second.hex + "0"})
        EXPECT_EQ(repository->abbreviated_commit(none), std::nullopt) << none;
    EXPECT_THAT(repository->changed_paths(base, second), ElementsAre("src/a.txt", "src/c.txt"));
    EXPECT_THAT(repository->changed_paths(base, base), IsEmpty());
}

}  // namespace
}  // namespace ratchet::test
