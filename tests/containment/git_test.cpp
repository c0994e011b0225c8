#include <sys/wait.h>

#include <cstdlib>

#include "tests/containment/sandbox_fixture.hpp"

namespace ratchet {
namespace {

/// A real repository with a real linked worktree, as proposers get one.
class Git : public SandboxTest {
  protected:
    Git() {
        std::filesystem::remove_all(tree);
        const std::string quiet = " > /dev/null 2>&1";
        const std::string git = "HOME=" + folder.path.string() +
                                " git -c user.name=a -c user.email=a@b.c -C " + repository.string() + " ";
        std::filesystem::create_directories(repository);
        write(repository / "source", "text\n");
        ok = std::system((git + "init -b main" + quiet).c_str()) == 0 &&
             std::system((git + "add source" + quiet).c_str()) == 0 &&
             std::system((git + "commit -m first" + quiet).c_str()) == 0 &&
             std::system((git + "worktree add --detach " + tree.string() + quiet).c_str()) == 0;
        write(state / "campaign/ledger", "secret");
        confinement->give(tree);
    }

    [[nodiscard]] ConfinedCommand with_git(const std::string& shell) const {
        ConfinedCommand confined = command(shell);
        confined.git_directory = repository / ".git";
        confined.hidden = state;
        return confined;
    }

    std::filesystem::path repository = folder.path / "repository";
    std::filesystem::path state = repository / ".git/ratchet";
    bool ok = false;
};

TEST_F(Git, WorksInTheWorktreeWhereItIsShown) {
    ASSERT_TRUE(ok);
    const RunResult result =
        run(with_git("git log --format=%s && echo more >> source && git status --short && git diff --stat"));
    EXPECT_TRUE(result.succeeded()) << describe(result);
    EXPECT_TRUE(result.output.text().starts_with("first\n M source\n")) << describe(result);
}

TEST_F(Git, CannotBeWrittenTo) {
    const std::string before = read(repository / ".git/HEAD") + read(repository / ".git/config");
    const RunResult result =
        run(with_git("echo x > new; git add new; git -c user.name=a -c user.email=a@b.c commit -m no; git "
                     "update-ref refs/heads/x HEAD; "
                     "git config core.fsmonitor evil; echo x > " +
                     (repository / ".git/hooks/post-checkout").string() + "; true"));
    EXPECT_TRUE(result.succeeded()) << describe(result);
    EXPECT_EQ(read(repository / ".git/HEAD") + read(repository / ".git/config"), before);
    EXPECT_FALSE(std::filesystem::exists(repository / ".git/refs/heads/x"));
    EXPECT_FALSE(std::filesystem::exists(repository / ".git/hooks/post-checkout"));
}

TEST_F(Git, StateOfCampaignsIsHidden) {
    const RunResult result =
        run(with_git("ls -A " + state.string() + "; cat " + (state / "campaign/ledger").string()));
    EXPECT_EQ(result.output.text(), "") << describe(result);
}

TEST_F(Git, FileThatPointsToItCannotBeReplaced) {
    const std::string before = read(tree / ".git");
    const std::string attack =
        "{ echo evil > .git; } 2>/dev/null && echo written; rm -f .git 2>/dev/null && echo removed; "
        "mv .git moved 2>/dev/null && echo moved; mkdir evil && mv -T evil .git 2>/dev/null && echo "
        "replaced; true";
    EXPECT_EQ(run(with_git(attack)).output.text(), "");
    std::filesystem::remove_all(tree / "evil");
    EXPECT_EQ(run(attack).output.text(), "") << "nor where git is not shown";
    EXPECT_EQ(read(tree / ".git"), before);
}

TEST_F(Git, IsNotToBeSeenWhereItIsNotDeclared) {
    const RunResult result = run("cat .git; ls -d " + (repository / ".git").string() + " 2>/dev/null");
    EXPECT_EQ(result.output.text(), "") << describe(result);
}

}  // namespace
}  // namespace ratchet
