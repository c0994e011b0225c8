// What comes back from a command that was let loose on a worktree, through the real sandbox.

#include <gmock/gmock.h>

#include "sandbox/workspace/repository.hpp"
#include "sandbox/workspace/worktree.hpp"
#include "tests/containment/sandbox_fixture.hpp"
#include "tests/support/temporary_repository.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// 3,000 folders within each other, which no path reaches at once.
const std::string deep =
    "(cd x; p=$(printf 'd/%.0s' $(seq 990)); mkdir -p e/$p f/$p g/$p; echo 1 > g/$p/file; mv g f/$p; mv f "
    "e/$p)\n";

/// One thing that a command does, and what must become of it.
struct Deed {
    std::string shell;
    std::optional<Rejection> refused;  ///< nothing: it is no part of the proposal
    std::string files = {};            ///< the proposal's, where it is one: names, each with a space
};

class HostileProposer : public SandboxTest {
  protected:
    HostileProposer() {
        user.write("a", "1\n");
        user.write("src/main.c", "int main;\n");
        user.write(".gitattributes", "*.c text\n");
        commit.hex = user.commit_all();
        repository.emplace(Repository::open(user.root()));
        lease.emplace(Worktree::lease(*repository, repository->common_directory() / "ratchet/x/worktrees",
                                      "x", "proposal"));
        before = test::snapshot(user.root(), {".git"});
        config = test::read_file(user.root() / ".git/config");
    }

    /// The command at work as a proposer, then the capture.
    CapturedDiff done(const std::string& shell) {
        lease->reset(commit);
        confinement->give(lease->path());
        ConfinedCommand proposer = command("mkdir -p x\n" + shell);
        proposer.tree = lease->path();
        proposer.git_directory = repository->common_directory();
        proposer.disk_bytes = std::int64_t{64} << 30;
        proposer.hidden = repository->common_directory() / "ratchet";
        const RunResult result = run(proposer);
        EXPECT_NE(result.ending, Ending::not_started) << describe(result);
        EXPECT_NE(result.ending, Ending::timed_out) << describe(result);
        return lease->capture(commit, {});
    }

    void expect(const Deed& deed) {
        SCOPED_TRACE(deed.shell);
        const CapturedDiff captured = done(deed.shell);
        EXPECT_EQ(captured.refused, deed.refused) << captured.reason;
        std::string files;
        for (const TouchedFile& file : captured.files)
            files += file.path + ' ';
        EXPECT_EQ(files, deed.files);
        // The next experiment finds a clean tree and can work in it.
        const CapturedDiff next = done("echo 2 > a && git status --short");
        EXPECT_EQ(next.refused, std::nullopt) << next.reason;
        ASSERT_EQ(next.files.size(), 1U);
        EXPECT_EQ(next.files[0].path, "a");
    }
    void TearDown() override {
        EXPECT_THAT(test::differences(before, test::snapshot(user.root(), {".git"})), ::testing::IsEmpty());
        EXPECT_EQ(test::read_file(user.root() / ".git/config"), config);
        lease->remove();
        EXPECT_FALSE(fs::exists(lease->path()));
    }

    test::TemporaryRepository user;
    CommitId commit;
    std::optional<Repository> repository;
    std::optional<Worktree> lease;
    std::map<std::string, std::string> before;
    std::string config;
};

TEST_F(HostileProposer, GitsOwnDataIsNeitherReplacedNorAdded) {
    const auto unsafe = Rejection::unsafe;
    for (const Deed& deed : std::vector<Deed>{
             {"rm -f .git; mv .git y; echo 'gitdir: x' > .git; ln -sf x .git", std::nullopt},
             {"git init -q x; git -C x config core.fsmonitor 'touch /tree/marker'", unsafe},
             {"git init -q --bare x/y; git -C x/y config core.fsmonitor 'touch /tree/marker'", unsafe},
             {"echo 'gitdir: /tree/y' > x/.git", unsafe},
             {"mkdir x/.GIT && echo 1 > x/.GIT/config", unsafe},
             {"mkdir 'x/git~1' && echo 1 > 'x/git~1/config'", unsafe},
             {"echo '[submodule \"x\"]' > .gitmodules", unsafe},
             {"rm .gitattributes", unsafe},
             {"echo '* filter=evil diff=evil merge=evil working-tree-encoding=UTF-16 ident export-subst' > "
              "x/.gitattributes",
              unsafe},
             {"git update-index --skip-worktree a; git update-index --assume-unchanged a; git config "
              "core.sparseCheckout true; git sparse-checkout set none; echo 3 > a",
              std::nullopt, "a "}}) {
        expect(deed);
    }
}

TEST_F(HostileProposer, LinksLeadNowhere) {
    const auto unsafe = Rejection::unsafe;
    for (const Deed& deed :
         std::vector<Deed>{{"ln -s /etc/passwd x/l", unsafe},
                           {"ln -s ../../../../etc/passwd x/l", unsafe},
                           {"ln -s .. x/up; ln -s up/../../etc x/l", unsafe},
                           {"rm -r src && ln -s /usr/include src", unsafe},
                           {"ln /etc/passwd x/l; ln /usr/bin/true x/l; true", std::nullopt},
                           {"ln a x/same", std::nullopt, "x/same "}}) {
        expect(deed);
    }
}

TEST_F(HostileProposer, NothingBlocksOrHidesByItsKindOrMode) {
    for (const Deed& deed : std::vector<Deed>{
             {"mkfifo x/f; rm a; mkfifo a .gitignore", std::nullopt, "a "},
             {"mknod x/null c 1 3; mknod x/disk b 8 0", std::nullopt},
             {"cp /usr/bin/true x/t; chmod 6755 x/t; chmod 7777 a; rm x/t; echo 2 > a", std::nullopt, "a "},
             {"echo 2 > x/f; chmod 0 x/f x a src src/main.c", std::nullopt, "x/f "},
             {"chmod 0 .; chattr +i a; setfacl -d -m u:1:rwx .; true", std::nullopt},
             {"echo x > .gitignore; echo '*' >> .gitignore; echo 1 > x/hidden; echo 2 > a", std::nullopt,
              "a "}}) {
        expect(deed);
    }
}

TEST_F(HostileProposer, SizeIsBounded) {
    const auto too_large = Rejection::too_large;
    for (const Deed& deed :
         std::vector<Deed>{{"truncate -s 10G x/f a", too_large},
                           {"cd x; i=0; while [ $i -lt 2500 ]; do : > $i; i=$((i+1)); done", too_large},
                           {deep, too_large}}) {
        expect(deed);
    }
}

TEST_F(HostileProposer, NamesThatDeceiveAreUnsafe) {
    const auto unsafe = Rejection::unsafe;
    for (const Deed& deed : std::vector<Deed>{{"echo 1 > \"$(printf 'x/a\\nb')\"", unsafe},
                                              {"echo 1 > \"$(printf 'x/\\033[2J')\"", unsafe},
                                              {"echo 1 > \"$(printf 'x/\\377')\"", unsafe},
                                              {"echo 1 > 'x/back\\slash'", unsafe},
                                              {"echo 1 > x/a:b", unsafe},
                                              {"echo 1 > A", unsafe},
                                              {"echo 1 > \"$(printf 'x/caf\\303\\251')\"; echo 1 > "
                                               "\"$(printf 'x/cafe\\314\\201')\"",
                                               unsafe}}) {
        expect(deed);
    }
}

/// What is given to the sandbox's user again after a build may be full of what the build left.
TEST_F(HostileProposer, WhatABuildLeftIsGivenAndTakenAwayHoweverDeep) {
    (void)done(deep + "chmod 0 x");
    EXPECT_NO_THROW(confinement->give(lease->path()));
    EXPECT_NO_THROW(lease->reset(commit, {"x"}));
    EXPECT_NO_THROW(confinement->give(lease->path()));
}

}  // namespace
}  // namespace ratchet
