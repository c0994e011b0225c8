#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <random>

#include "tests/end_to_end/doctor_fixture.hpp"

// What killed runs leave behind, also where their repository was moved or copied since.

namespace ratchet::test {
namespace {

namespace fs = std::filesystem;

using ::testing::Contains;
using ::testing::ElementsAreArray;

/// Starts a run and kills it once it has leased the worktree that it measures candidates in.
void kill_while_it_evaluates(const ToyCampaign& toy) {
    Program program(toy.folder(), {"run"});
    ASSERT_TRUE(eventually([&] { return fs::exists(toy.root() / ".git/worktrees/ratchet-toy-candidate"); },
                           std::chrono::seconds(60)));
    program.signal(SIGKILL);
    program.end();
}

TEST(DoctorAfterKill, repairs_what_a_killed_run_left_and_the_run_goes_on) {
    const ToyCampaign toy;
    const std::vector<ToyPatch> patches = toy.twelve();
    toy.propose(patches);
    kill_while_it_evaluates(toy);
    shell(toy.root(), "rm -rf .git/ratchet/toy/worktrees");
    EXPECT_THAT(ask_doctor(toy.folder()).problems, Contains("lease-without-folder"));
    EXPECT_EQ(ask_doctor(toy.folder(), true).status, 0);
    EXPECT_EQ(ask_doctor(toy.folder()).status, 0);
    run_to_its_end(toy.folder());
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
}

TEST(DoctorAfterKill, repairs_a_killed_run_whose_repository_was_moved) {
    const ToyCampaign toy;
    const std::vector<ToyPatch> patches = toy.twelve();
    toy.propose(patches);
    kill_while_it_evaluates(toy);
    const Elsewhere moved(toy);
    EXPECT_THAT(ask_doctor(moved.folder()).problems, Contains("lease-elsewhere"));
    EXPECT_EQ(ask_doctor(moved.folder(), true).status, 0);
    EXPECT_EQ(ask_doctor(moved.folder()).status, 0);
    run_to_its_end(moved.folder());
    EXPECT_THAT(words_of(moved.folder() / state_ledger), ElementsAreArray(expected_words(patches)));
    EXPECT_EQ(shell(moved.folder(), "git worktree list | wc -l"), "1\n");
}

TEST(DoctorAfterKill, leaves_the_original_alone_where_a_killed_run_was_copied) {
    const ToyCampaign toy;
    const std::vector<ToyPatch> patches = toy.twelve();
    toy.propose(patches);
    kill_while_it_evaluates(toy);
    const std::string look = "find .git/ratchet/toy/worktrees .git/worktrees | sort";
    const std::string before = shell(toy.root(), look);
    const ToyCampaign other;  // its folder is taken for the copy
    const fs::path copy = other.root() / "copy";
    shell(toy.root(), "cp -a . " + copy.string());
    const Said repaired = ask_doctor(copy, true);
    EXPECT_EQ(repaired.status, 0) << repaired.text;
    EXPECT_THAT(repaired.problems, Contains("lease-elsewhere"));
    EXPECT_EQ(shell(toy.root(), look), before);
    run_to_its_end(copy);
    EXPECT_EQ(shell(toy.root(), look), before);
    run_to_its_end(toy.folder());
    EXPECT_THAT(words_of(copy / state_ledger), ElementsAreArray(expected_words(patches)));
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
}

TEST(DoctorAfterKill, between_kills_at_random_moments_is_content_after_a_repair_and_loses_nothing) {
    const ToyCampaign toy;
    const std::vector<ToyPatch> patches = toy.twelve();
    toy.propose(patches);
    std::mt19937 random(7);
    for (int kills = 0; kills < 12; ++kills) {
        Program program(toy.folder(), {"run"});
        std::uniform_int_distribution<int> moment(20, 200 + 100 * kills);
        if (program.wait(std::chrono::milliseconds(moment(random)))) break;
        program.signal(SIGKILL);
        program.end();
        if (!fs::exists(toy.state() / "ledger.sqlite")) continue;
        const Said repaired = ask_doctor(toy.folder(), true);
        ASSERT_EQ(repaired.status, 0) << repaired.text;
        const Said after = ask_doctor(toy.folder());
        ASSERT_EQ(after.status, 0) << after.text;
    }
    run_to_its_end(toy.folder());
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)));
    EXPECT_EQ(ask_doctor(toy.folder()).status, 0);
}

}  // namespace
}  // namespace ratchet::test
