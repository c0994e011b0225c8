#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "experiment_store/sqlite.hpp"
#include "tests/end_to_end/doctor_fixture.hpp"

// Each kind of damage to what stands around the ledger: `ratchet doctor` finds it and changes nothing,
// `--repair` mends it from the ledger, and the campaign goes on with the same verdicts.

namespace ratchet::test {
namespace {

namespace fs = std::filesystem;

using ::testing::Contains;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A change to git's or the state's files as a user, a crash or another program makes it.
struct Damage {
    const char* name;
    const char* script;  ///< run in the repository's root
    std::vector<std::string> kinds;
};

std::ostream& operator<<(std::ostream& out, const Damage& damage) {
    return out << damage.name;
}

const std::vector<Damage> damages = {
    {"a_pin_is_gone", "git update-ref -d refs/ratchet/toy/1", {"pin-missing"}},
    {"a_pin_points_elsewhere", "git update-ref refs/ratchet/toy/2 HEAD", {"pin-differs"}},
    {"a_pin_is_noise", "printf '\\000\\000garbage' > .git/refs/ratchet/toy/2", {"pin-missing"}},
    {"a_pin_is_empty", ": > .git/refs/ratchet/toy/2", {"pin-missing"}},
    {"all_refs_and_objects_are_gone",
     lose_everything,
     {"commit-missing", "champion-differs", "branch-differs"}},
    {"the_champion_points_elsewhere", "git update-ref refs/ratchet/toy/champion HEAD", {"champion-differs"}},
    {"the_branch_points_at_the_base", "git update-ref refs/heads/ratchet/toy HEAD", {"branch-differs"}},
    {"the_branch_is_gone", "git branch -q -D ratchet/toy", {"branch-differs"}},
    {"refs_of_nobody",
     "git update-ref refs/ratchet/toy/99 HEAD && git update-ref refs/ratchet/toy/mine HEAD",
     {"pin-unknown"}},
    {"a_ref_that_is_noise_and_nobodys",
     "printf '\\000\\000garbage' > .git/refs/ratchet/toy/88 && : > .git/refs/ratchet/toy/also",
     {"pin-damaged"}},
    {"a_ref_in_the_way_of_a_pin",
     "git update-ref -d refs/ratchet/toy/3 && git update-ref refs/ratchet/toy/3/deeper HEAD",
     {"pin-missing", "pin-unknown"}},
    {"packed_refs_that_are_gone",
     "git pack-refs --all && grep -v refs/ratchet .git/packed-refs > .git/fewer && mv .git/fewer "
     ".git/packed-refs",
     {"pin-missing", "champion-differs"}},
    {"an_object_of_a_candidate_is_gone",
     "blob=$(git rev-parse refs/ratchet/toy/2:src/cost.txt) && rm .git/objects/${blob:0:2}/${blob:2}",
     {"commit-incomplete"}},
    {"a_ref_of_a_killed_verify", "git update-ref refs/ratchet/toy/without HEAD", {"pin-left"}},
    {"a_worktree_without_a_lease",
     "mkdir -p .git/ratchet/toy/worktrees/proposal/src",
     {"worktree-without-lease"}},
    {"a_lease_without_a_worktree",
     "d=.git/worktrees/ratchet-toy-proposal && mkdir -p $d && "
     "echo 'leased by ratchet as proposal of the campaign toy' > $d/locked && echo ../.. > $d/commondir && "
     "echo $PWD/.git/ratchet/toy/worktrees/proposal/.git > $d/gitdir && git rev-parse HEAD > $d/HEAD",
     {"lease-without-folder"}},
    {"an_unlocked_lease_without_a_worktree",
     "d=.git/worktrees/other && mkdir -p $d && echo ../.. > $d/commondir && "
     "echo $PWD/.git/ratchet/toy/worktrees/champion/.git > $d/gitdir && git rev-parse HEAD > $d/HEAD",
     {"lease-without-folder"}},
    {"a_lease_of_another_place",
     "d=.git/worktrees/ratchet-toy-champion && mkdir -p $d .git/ratchet/toy/worktrees/champion && "
     "echo 'leased by ratchet as champion of the campaign toy' > $d/locked && echo ../.. > $d/commondir && "
     "echo /nonexistent/worktrees/champion/.git > $d/gitdir && git rev-parse HEAD > $d/HEAD",
     {"lease-elsewhere"}},
    {"what_killed_runs_leave",
     "cd .git/ratchet/toy && mkdir -p worktrees/.proposal.removed/0/deep worktrees/candidate.original "
     "worktrees/candidate.used worktrees/candidate.cache/target.work prepared/0123.unfinished "
     "logs/000002.removed",
     {"left-over"}},
    {"logs_of_nobody",
     "mkdir .git/ratchet/toy/logs/000077 && echo x > .git/ratchet/toy/logs/000077/build.zst",
     {"log-unknown"}},
};

class Doctor : public ::testing::TestWithParam<Damage> {};

TEST_P(Doctor, finds_it_changes_nothing_repairs_it_and_the_campaign_goes_on) {
    const ToyCampaign toy;
    const std::vector<ToyPatch> patches = toy.twelve();
    toy.propose(at_first(patches));
    run_to_its_end(toy.folder());
    ASSERT_THAT(ask_doctor(toy.folder()).problems, IsEmpty()) << "before anything happened";

    shell(toy.root(), GetParam().script);
    const std::string look =
        "{ git for-each-ref; ls -R .git/ratchet .git/worktrees | grep -v sqlite; "
        "sha256sum .git/ratchet/toy/ledger.sqlite; } 2>/dev/null || true";
    const std::string before = shell(toy.root(), look);
    const Said found = ask_doctor(toy.folder());
    EXPECT_EQ(found.status, 1);
    for (const std::string& kind : GetParam().kinds)
        EXPECT_THAT(found.problems, Contains(kind)) << found.text;
    EXPECT_EQ(shell(toy.root(), look), before) << "it only looks";

    const Said repaired = ask_doctor(toy.folder(), true);
    EXPECT_EQ(repaired.status, 0) << repaired.text;
    const Said after = ask_doctor(toy.folder());
    EXPECT_EQ(after.status, 0) << after.text;
    EXPECT_THAT(after.problems, IsEmpty());
    EXPECT_EQ(ratchet(toy.folder(), {"ledger", "check"}).status, 0);
    EXPECT_EQ(shell(toy.root(), "git fsck --strict 2>&1 | grep -v dangling || true"), "");

    toy.propose(patches);
    run_to_its_end(toy.folder());
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
    EXPECT_EQ(shell(toy.root(), "git show ratchet/toy:src/cost.txt"), "500\n");
    EXPECT_EQ(ask_doctor(toy.folder()).status, 0);
}

INSTANTIATE_TEST_SUITE_P(Damage, Doctor, ::testing::ValuesIn(damages),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(DoctorTest, is_content_after_the_folder_of_worktrees_was_deleted) {
    shell(toy.root(), "rm -rf .git/ratchet/toy/worktrees");
    expect_content_and_the_same_verdicts(toy.folder());
}

TEST(DoctorAlone, only_notes_that_logs_are_gone) {
    const ToyCampaign toy;
    toy.configure("command = \"test ", "command = \"seq 300000; test ");
    toy.commit("A build that talks");
    const std::vector<ToyPatch> patches = toy.twelve();
    toy.propose(at_first(patches));
    run_to_its_end(toy.folder());
    EXPECT_THAT(ask_doctor(toy.folder()).notes, IsEmpty());
    shell(toy.root(), "rm -rf .git/ratchet/toy/logs");
    const Said said = ask_doctor(toy.folder());
    EXPECT_EQ(said.status, 0) << said.text;
    EXPECT_THAT(said.notes, Contains("logs-gone"));
    toy.propose(patches);
    run_to_its_end(toy.folder());
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
}

TEST_F(DoctorTest, takes_the_lock_of_a_dead_process_for_none) {
    toy.write(".git/ratchet/toy/runner.lock", "999999999");
    expect_content_and_the_same_verdicts(toy.folder());
}

TEST_F(DoctorTest, says_that_a_lock_cannot_be_taken_and_what_to_do) {
    shell(toy.root(), "rm .git/ratchet/toy/runner.lock && mkdir .git/ratchet/toy/runner.lock");
    const Said said = ask_doctor(toy.folder());
    EXPECT_EQ(said.status, 1);
    EXPECT_THAT(said.problems, Contains("lock-unusable"));
    EXPECT_THAT(said.text, HasSubstr("safe to remove it"));
    shell(toy.root(), "rmdir .git/ratchet/toy/runner.lock");
    expect_content_and_the_same_verdicts(toy.folder());
}

TEST_F(DoctorTest, goes_with_a_repository_that_was_moved) {
    toy.propose(patches);
    const Elsewhere moved(toy);
    EXPECT_EQ(ask_doctor(moved.folder()).status, 0) << ask_doctor(moved.folder()).text;
    EXPECT_EQ(ratchet(moved.folder(), {"ledger", "check"}).status, 0);
    run_to_its_end(moved.folder());
    EXPECT_THAT(words_of(moved.folder() / state_ledger), ElementsAreArray(expected_words(patches)));
    EXPECT_EQ(ask_doctor(moved.folder()).status, 0);
}

TEST_F(DoctorTest, sets_aside_what_it_does_not_know_and_throws_nothing_away) {
    const std::string lost = shell(toy.root(), "git commit-tree -m lost HEAD^{tree}");
    shell(toy.root(),
          "git update-ref refs/ratchet/toy/42 " + lost.substr(0, 40) +
              " && mkdir .git/ratchet/toy/logs/000042 && echo kept > .git/ratchet/toy/logs/000042/a");
    EXPECT_EQ(ask_doctor(toy.folder(), true).status, 0);
    EXPECT_EQ(shell(toy.root(), "git rev-parse refs/ratchet/toy/orphans/42-" + lost.substr(0, 10)), lost);
    EXPECT_EQ(shell(toy.root(), "cat .git/ratchet/toy/logs/orphans/000042/a"), "kept\n");
}

TEST_F(DoctorTest, leaves_a_branch_of_the_users_alone) {
    shell(toy.root(),
          "git checkout -q ratchet/toy && git commit -q --allow-empty -m mine && git checkout -q main");
    const std::string tip = shell(toy.root(), "git rev-parse ratchet/toy");
    const Said said = ask_doctor(toy.folder(), true);
    EXPECT_EQ(said.status, 0) << said.text;
    EXPECT_THAT(said.notes, Contains("branch-not-ours"));
    EXPECT_EQ(shell(toy.root(), "git rev-parse ratchet/toy"), tip);
}

TEST_F(DoctorTest, repairs_the_ledger_first_and_then_what_hangs_on_it) {
    Database(toy.ledger(), Database::Mode::read_write).script("DELETE FROM standing; DROP TABLE tally");
    shell(toy.root(), "git update-ref -d refs/ratchet/toy/1 && git branch -q -D ratchet/toy");
    const Said found = ask_doctor(toy.folder());
    EXPECT_THAT(found.problems, Contains("ledger-derived"));
    EXPECT_THAT(found.problems, ::testing::Not(Contains("pin-unknown")))
        << "an empty table knows no experiment";
    const Said repaired = ask_doctor(toy.folder(), true);
    EXPECT_EQ(repaired.status, 0) << repaired.text;
    EXPECT_THAT(repaired.problems, Contains("pin-missing"));
    expect_content_and_the_same_verdicts(toy.folder());
}

TEST_F(DoctorTest, says_what_cannot_be_repaired_and_why) {
    Database(toy.ledger(), Database::Mode::read_write)
        .script(
            "DROP TRIGGER proposal_is_never_updated; UPDATE proposal SET diff = x'00' WHERE experiment = 1");
    shell(toy.root(), "git update-ref -d refs/ratchet/toy/1");
    const Said said = ask_doctor(toy.folder(), true);
    EXPECT_EQ(said.status, 1);
    EXPECT_THAT(said.problems, Contains("ledger-damaged"));
    EXPECT_THAT(said.text, HasSubstr("the diff of #1 cannot be unpacked"));
    EXPECT_THAT(said.text, HasSubstr("a backup in its place"));
}

TEST_F(DoctorTest, finds_a_commit_whose_diff_makes_another_one) {
    Database(toy.ledger(), Database::Mode::read_write)
        .script(
            "DROP TRIGGER proposal_is_never_updated;"
            "UPDATE proposal SET diff = (SELECT diff FROM proposal WHERE experiment = 2) WHERE experiment = "
            "1");
    const Ended check = ratchet(toy.folder(), {"ledger", "check"});
    EXPECT_EQ(check.status, 1);
    EXPECT_THAT(check.output, HasSubstr("fingerprint"));
    ASSERT_EQ(ratchet(toy.folder(), {"ledger", "rebuild"}).status, 0);
    const Ended again = ratchet(toy.folder(), {"ledger", "check"});
    EXPECT_EQ(again.status, 1);
    EXPECT_THAT(again.output, HasSubstr("#1: the diff in the ledger, the tree that it names"));

    shell(toy.root(), lose_everything);
    const Ended repaired = ratchet(toy.folder(), {"doctor", "--repair"});
    EXPECT_EQ(repaired.status, 1);
    EXPECT_THAT(repaired.output, HasSubstr("not repaired: the diff that the ledger holds makes"));
}

/// The first night's ledger was removed.
class LostLedger : public DoctorTest {
  protected:
    LostLedger() {
        EXPECT_EQ(ratchet(toy.folder(), {"ledger", "backup", ".git/backup.sqlite"}).status, 0);
        shell(toy.root(), "rm .git/ratchet/toy/ledger.sqlite*");
    }
    [[nodiscard]] std::string references() const {
        return shell(toy.root(), "git for-each-ref refs/ratchet refs/heads/ratchet");
    }
};

TEST_F(LostLedger, does_not_pass_for_one_that_is_about_to_begin) {
    const std::string before = references();
    for (const std::vector<std::string>& verb :
         std::vector<std::vector<std::string>>{{"run"}, {"note", "a thought"}, {"check"}, {"status"}}) {
        const Ended ended = ratchet(toy.folder(), verb);
        EXPECT_EQ(ended.status, 1) << verb.front();
        EXPECT_THAT(ended.errors,
                    HasSubstr("of its candidates are in git, and logs beside it: it was removed"));
    }
    EXPECT_EQ(references(), before);
    EXPECT_FALSE(std::filesystem::exists(toy.ledger()));
    shell(toy.root(), "cp .git/backup.sqlite .git/ratchet/toy/ledger.sqlite");
    expect_content_and_the_same_verdicts(toy.folder());
}

TEST_F(LostLedger, makes_way_for_a_new_one_once_what_is_left_is_set_aside) {
    const std::string champion = shell(toy.root(), "git rev-parse ratchet/toy");
    EXPECT_THAT(ask_doctor(toy.folder()).problems, Contains("ledger-missing"));
    const Said said = ask_doctor(toy.folder(), true);
    EXPECT_EQ(said.status, 0) << said.text;
    run_to_its_end(toy.folder());
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(at_first(patches))));
    EXPECT_EQ(shell(toy.root(),
                    "git rev-parse ratchet/toy refs/ratchet/toy/orphans/champion-" + champion.substr(0, 10)),
              champion + champion)
        << "the branch is still the earlier campaign's";
    EXPECT_TRUE(std::filesystem::exists(toy.state() / "logs/orphans/000001"));
    EXPECT_EQ(ask_doctor(toy.folder()).status, 0);
}

TEST(DoctorAlone, only_notes_that_nothing_was_recorded_before_a_kill) {
    const ToyCampaign toy;
    toy.write(".git/ratchet/toy/ledger.sqlite", "");
    const Said said = ask_doctor(toy.folder(), true);
    EXPECT_EQ(said.status, 0) << said.text;
    EXPECT_THAT(said.notes, Contains("ledger-empty"));
    EXPECT_EQ(ratchet(toy.folder(), {"ledger", "check"}).status, 0);
    const std::vector<ToyPatch> patches = toy.twelve();
    toy.propose(patches);
    run_to_its_end(toy.folder());
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
}

TEST(DoctorAlone, says_that_a_campaign_has_not_begun) {
    const ToyCampaign toy;
    const Ended ended = ratchet(toy.folder(), {"doctor"});
    EXPECT_EQ(ended.status, 1);
    EXPECT_THAT(ended.errors, HasSubstr("has no ledger yet"));
}

TEST(DoctorAlone, never_removes_what_a_forged_note_of_a_worktree_names) {
    const ToyCampaign toy;
    toy.propose(at_first(toy.twelve()));
    run_to_its_end(toy.folder());
    toy.write(".git/precious/file", "kept\n");
    shell(toy.root(),
          "d=.git/worktrees/forged && mkdir -p $d .git/ratchet/toy/worktrees && echo ../.. > $d/commondir && "
          "echo 'leased by ratchet as ../../../precious of the campaign toy' > $d/locked && "
          "echo /nonexistent/.git > $d/gitdir && git rev-parse HEAD > $d/HEAD");
    EXPECT_EQ(ask_doctor(toy.folder(), true).status, 0);
    EXPECT_EQ(toy.read(".git/precious/file"), "kept\n");
    EXPECT_EQ(ask_doctor(toy.folder()).status, 0);
}

}  // namespace
}  // namespace ratchet::test
