#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/end_to_end/doctor_fixture.hpp"
#include "tests/support/open_folder.hpp"

// What git does to a campaign on behalf of its user, between runs and beside one.

namespace ratchet::test {
namespace {

namespace fs = std::filesystem;

using ::testing::Contains;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

TEST_F(DoctorTest, is_content_after_git_has_tidied_up) {
    shell(toy.root(),
          "git reflog expire --expire=now --all && git gc -q --prune=now && git worktree prune && git repack "
          "-qad");
    EXPECT_EQ(ratchet(toy.folder(), {"ledger", "check"}).status, 0);
    expect_content_and_the_same_verdicts(toy.folder());
}

TEST_F(DoctorTest, is_content_while_the_users_branch_moves_on) {
    toy.write("outside.txt", "something new\n");
    toy.commit("The base branch moves on");
    expect_content_and_the_same_verdicts(toy.folder());
}

TEST_F(DoctorTest, is_content_after_the_users_history_was_rewritten_and_thrown_away) {
    const std::string base = shell(toy.root(), "git rev-parse HEAD").substr(0, 40);
    shell(toy.root(),
          "git checkout -q --orphan other && git commit -qm 'Another history' && git branch -q -D main && "
          "git reflog expire --expire=now --all && git gc -q --prune=now");
    EXPECT_EQ(shell(toy.root(), "git merge-base --is-ancestor " + base + " other && echo yes || echo no"),
              "no\n");
    expect_content_and_the_same_verdicts(toy.folder());
}

TEST_F(DoctorTest, is_content_after_a_forced_update_from_elsewhere) {
    shell(toy.root(),
          "git init -q --bare .git/server && git remote add origin .git/server && git push -q origin main && "
          "git clone -q -b main .git/server .git/colleague && "
          "git -C .git/colleague commit -q --amend -m 'The same, said better' && "
          "git -C .git/colleague push -q --force origin main && "
          "git fetch -q --force origin && git reset -q --hard origin/main && "
          "git reflog expire --expire=now --all && git gc -q --prune=now");
    expect_content_and_the_same_verdicts(toy.folder());
}

TEST_F(DoctorTest, is_not_needed_by_a_run_whose_champion_git_has_lost) {
    shell(toy.root(), lose_everything);
    toy.propose(patches);
    const Ended ended = ratchet(toy.folder(), {"run", "--no-verify"});
    EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
    EXPECT_THAT(ended.output, HasSubstr("was made again from the ledger"));
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
    EXPECT_EQ(shell(toy.root(), "git show ratchet/toy:src/cost.txt"), "500\n");
    EXPECT_EQ(ask_doctor(toy.folder(), true).status, 0);
    EXPECT_EQ(ratchet(toy.folder(), {"ledger", "check"}).status, 0);
}

TEST_F(DoctorTest, says_where_to_get_a_base_that_is_gone) {
    shell(
        toy.root(),
        "git clone -q --mirror . .git/kept && git checkout -q --orphan other && git commit -qm other && git "
        "branch -q -D main");
    shell(toy.root(), lose_everything);
    for (const char* verb : {"run", "verify"}) {
        const Ended ended = ratchet(toy.folder(), {verb});
        EXPECT_EQ(ended.status, 1) << verb;
        EXPECT_THAT(ended.errors, HasSubstr("which the campaign began with, is not in git any more")) << verb;
        EXPECT_THAT(ended.errors, HasSubstr("what to do: Fetch it")) << verb;
    }
    const Said said = ask_doctor(toy.folder(), true);
    EXPECT_EQ(said.status, 1);
    EXPECT_THAT(said.problems, Contains("base-missing"));
    EXPECT_EQ(ratchet(toy.folder(), {"status"}).status, 0) << "what was learnt can be read all the same";

    shell(toy.root(), "git fetch -q .git/kept main");
    EXPECT_EQ(ask_doctor(toy.folder(), true).status, 0);
    expect_content_and_the_same_verdicts(toy.folder());
}

/// Does this again and again until the run ends; returns how often it was done.
int beside_a_run(const ToyCampaign& toy, const std::string& script) {
    Program program(toy.folder(), {"run", "--no-verify"});
    int times = 0;
    do {
        shell(toy.root(), script);
        ++times;
    } while (!program.wait(std::chrono::milliseconds(1)));
    const Ended ended = program.end();
    EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
    return times;
}

TEST(DoctorBesideGit, has_nothing_to_do_where_git_tidied_up_all_the_time_beside_a_run) {
    // libgit2 1.5 itself leaks 64 bytes where an object goes away while it is being read.
    ::setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    const ToyCampaign toy;
    const std::vector<ToyPatch> patches = toy.twelve();
    toy.propose(patches);
    // What it prunes was unreachable at one moment; a run pins what it makes within the next.
    EXPECT_GT(beside_a_run(toy,
                           "git worktree prune; git pack-refs --all; git reflog expire --expire=now --all; "
                           "git gc -q --prune=now || true"),
              2);
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
    const Said said = ask_doctor(toy.folder());
    EXPECT_EQ(said.status, 0) << said.text;
    EXPECT_EQ(ratchet(toy.folder(), {"ledger", "check"}).status, 0);
}

TEST(DoctorBesideGit, is_not_needed_where_git_loses_what_a_run_has_just_made) {
    const ToyCampaign toy;
    const std::vector<ToyPatch> patches = {
        {"better", toy.cost_patch(1000, 900), "kept"},
        {"a detail",
         "diff --git a/src/detail b/src/detail\nnew file mode 100644\n--- /dev/null\n+++ b/src/detail\n"
         "@@ -0,0 +1 @@\n+yes\n",
         "no-gain"},
        {"better still", toy.cost_patch(900, 800), "kept"}};
    const OpenFolder hold;
    toy.configure("command = \"test \\\"$(cat src/gate.txt)\\\" = ok\"",
                  "command = \"if test -f src/detail; then until test -e " + (hold.path / "go").string() +
                      "; do sleep 0.01; done; fi\"");
    toy.configure("[proposer]", "[sandbox]\nread = [\"" + hold.path.string() + "\"]\n\n[proposer]");
    toy.commit("A gate that waits");
    toy.propose(patches);

    Program program(toy.folder(), {"run", "--no-verify"});
    ASSERT_TRUE(
        eventually([&] { return stage_of(toy, ExperimentId{2}) >= Stage::built; }, std::chrono::seconds(60)));
    // As `git gc --prune=now` does it that began before they were pinned.
    shell(toy.root(),
          "for object in $(git rev-list --objects refs/ratchet/toy/1 refs/ratchet/toy/2 --not main | cut "
          "-c1-40); "
          "do rm -f .git/objects/${object:0:2}/${object:2}; done; touch " +
              (hold.path / "go").string());
    const Ended ended = program.end();

    EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
    EXPECT_THAT(ended.output + ended.errors, HasSubstr("made again from the ledger"));
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
    EXPECT_EQ(shell(toy.root(), "git show ratchet/toy:src/cost.txt"), "800\n");
    EXPECT_EQ(shell(toy.root(), "git fsck --strict 2>&1 | grep -v dangling || true"), "");
    const Said said = ask_doctor(toy.folder());
    EXPECT_EQ(said.status, 0) << said.text;
}

TEST(DoctorBesideGit, finds_the_branch_at_the_champion_where_head_moved_on_after_a_check) {
    const ToyCampaign toy;
    const std::vector<ToyPatch> patches = toy.twelve();
    toy.propose(patches);
    ASSERT_EQ(ratchet(toy.folder(), {"check"}).status, 0);
    toy.write("outside.txt", "something new\n");
    toy.commit("The base branch moves on");
    run_to_its_end(toy.folder());
    EXPECT_EQ(shell(toy.root(), "git show ratchet/toy:src/cost.txt"), "500\n");
    EXPECT_THAT(ask_doctor(toy.folder()).notes, ::testing::IsEmpty());
}

TEST(DoctorBesideGit, has_nothing_to_do_where_the_users_branch_was_rewritten_all_the_time_beside_a_run) {
    const ToyCampaign toy;
    const std::vector<ToyPatch> patches = toy.twelve();
    toy.propose(patches);
    ASSERT_EQ(ratchet(toy.folder(), {"check"}).status, 0);
    EXPECT_GT(beside_a_run(toy,
                           "git commit -q --amend --allow-empty -m \"again $RANDOM\" && "
                           "git checkout -q -B side && git commit -q --allow-empty -m aside && "
                           "git rebase -q --force-rebase main && git checkout -q main && git branch -q -D "
                           "side"),
              2);
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
    EXPECT_EQ(shell(toy.root(), "git show ratchet/toy:src/cost.txt"), "500\n");
    const Said said = ask_doctor(toy.folder());
    EXPECT_EQ(said.status, 0) << said.text;
}

}  // namespace
}  // namespace ratchet::test
