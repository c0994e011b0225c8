#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <utility>

#include "experiment_store/ledger.hpp"
#include "experiment_store/migrations.hpp"
#include "experiment_store/sqlite.hpp"
#include "tests/faults/campaigns.hpp"
#include "tests/faults/fault_campaign.hpp"
#include "tests/support/released_ledger.hpp"

// kill -9 at every durable step. Nobody keeps a list of them: each run is killed at the next point that comes
// up, until one comes to its end. order_test.cpp sees to it that all steps are named, and passed here.

namespace ratchet::test {
namespace {

using ::testing::ElementsAreArray;

struct Walk {
    std::string campaign;
    int nth;  ///< at which passing of each point
    friend std::ostream& operator<<(std::ostream& out, const Walk& walk) {
        return out << walk.campaign << " " << walk.nth;
    }
};

class Crash : public ::testing::TestWithParam<Walk> {};

TEST_P(Crash, at_any_durable_step_loses_nothing_and_doubles_nothing) {
    const FaultSettings& settings = campaigns().at(GetParam().campaign);
    const FaultCampaign model(settings);
    model.run_to_the_end();
    const FaultCampaign campaign(settings);
    const int kills = campaign.run_and_be_killed(GetParam().nth);
    campaign.expect_same_as(model);
    EXPECT_GT(kills, 10) << "is this a build with RATCHET_CRASH_POINTS?";
    std::printf("%d kills\n", kills);
}

// A point comes up once or twice in an experiment and often in a worktree: early, in the middle, late.
INSTANTIATE_TEST_SUITE_P(Walks, Crash,
                         ::testing::Values(Walk{"usual", 1}, Walk{"usual", 3}, Walk{"usual", 8},
                                           Walk{"everything_else", 1}, Walk{"copied", 1},
                                           Walk{"moved_champion", 1}, Walk{"asked", 1}, Walk{"given_back", 1},
                                           Walk{"history", 1}, Walk{"branched", 1}, Walk{"mended", 1}),
                         [](const auto& walk) {
                             return walk.param.campaign + "_" + std::to_string(walk.param.nth);
                         });

TEST(CrashElsewhere, while_the_ledger_follows_HEAD_loses_no_note) {
    for (const char* point : {"ledger/add_note committed", "ledger/follow HEAD begin",
                              "ledger/follow HEAD old one closed", "ledger/follow HEAD end"}) {
        SCOPED_TRACE(point);
        FaultSettings settings;
        settings.patches = {3};
        const FaultCampaign campaign(settings);
        const ToyCampaign& toy = campaign.toy();
        ASSERT_EQ(ratchet(toy.folder(), {"check"}).status, 0);
        for (const char* note : {"first", "second"})
            ASSERT_EQ(ratchet(toy.folder(), {"note", note}).status, 0);
        toy.write("outside.txt", "another base\n");
        toy.commit("HEAD moves");
        EXPECT_EQ(
            ratchet(toy.folder(), usual_run, campaign.environment("RATCHET_KILL_AT", {point, 1})).status,
            128 + SIGKILL);

        const Ended ended = ratchet(toy.folder(), usual_run);

        EXPECT_EQ(ended.status, 0) << ended.errors;
        const StillClock clock;
        const Ledger ledger(toy.ledger(), clock, Ledger::Mode::read_only);
        std::vector<std::string> notes;
        for (const Note& note : ledger.notes())
            notes.push_back(note.text);
        EXPECT_THAT(notes, ElementsAreArray({"second", "first"}));
        EXPECT_EQ(ledger.identity()->base.hex + "\n", shell(toy.root(), "git rev-parse HEAD"));
    }
}

TEST(CrashElsewhere, after_an_answer_was_given_back_asks_for_the_second_one_only) {
    const FaultCampaign campaign(campaigns().at("given_back"));
    const ToyCampaign& toy = campaign.toy();
    const std::string point = "ledger/store_returned committed";
    ASSERT_EQ(ratchet(toy.folder(), usual_run, campaign.environment("RATCHET_KILL_AT", {point, 1})).status,
              128 + SIGKILL);
    const int asked = campaign.points()["proposal/write the assignment end"];

    EXPECT_EQ(ratchet(toy.folder(), usual_run, campaign.environment()).status, 0);

    EXPECT_EQ(campaign.points()["proposal/write the assignment end"], asked + 1);
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray({"regressed", "kept"}));
}

TEST(CrashElsewhere, while_a_ledger_is_brought_up_to_date_leaves_it_as_it_was_or_has_all_done) {
    constexpr int older = 3;
    for (const auto& [point, version] : {std::pair{"ledger/bring_up_to_date commit", older},
                                         std::pair{"ledger/bring_up_to_date committed", schema_version()}}) {
        SCOPED_TRACE(point);
        const FaultCampaign campaign(FaultSettings{});
        const ToyCampaign& toy = campaign.toy();
        std::filesystem::create_directories(toy.ledger().parent_path());
        restore_released_ledger(older, toy.ledger());

        const Ended killed =
            ratchet(toy.folder(), {"note", "not yet"}, campaign.environment("RATCHET_KILL_AT", {point, 1}));

        EXPECT_EQ(killed.status, 128 + SIGKILL) << killed.errors;
        EXPECT_EQ(Database(toy.ledger(), Database::Mode::read_only).value<int>("PRAGMA user_version"),
                  version);
        EXPECT_EQ(ratchet(toy.folder(), {"note", "now"}).status, 0);
        const StillClock clock;
        EXPECT_TRUE(Ledger(toy.ledger(), clock, Ledger::Mode::read_only).problems().empty());
    }
}

}  // namespace
}  // namespace ratchet::test
