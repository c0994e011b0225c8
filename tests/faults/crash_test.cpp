#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "experiment_store/ledger.hpp"
#include "tests/faults/fault_campaign.hpp"

// kill -9 at every durable step. The list of steps is what an undisturbed run passes: a new step is in it as
// soon as it is in the program.

namespace ratchet::testing {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

constexpr int shards = 16;

/// The first, a middle and the last passing of each point.
std::vector<Passing> passings_of(const std::map<std::string, int>& points) {
    std::vector<Passing> all;
    for (const auto& [point, count] : points) {
        for (const int pass : std::set<int>{1, (count + 1) / 2, count})
            all.push_back({point, pass});
    }
    return all;
}

/// Kills the campaign there and takes it up again.
void kill_and_go_on(const FaultSettings& settings, const FaultCampaign& model, const Passing& at) {
    SCOPED_TRACE(at.text());
    FaultCampaign campaign(settings);
    Program program(campaign.toy().folder(), {"run"}, campaign.environment("RATCHET_KILL_AT", at));
    const Ended killed = program.end();
    ASSERT_EQ(killed.status, 128 + SIGKILL) << killed.output << killed.errors;
    campaign.expect_nothing_lost();
    campaign.run_to_the_end();
    campaign.expect_same_as(model);
    EXPECT_THAT(control_groups_of(program.pid()), IsEmpty());
}

class Crash : public ::testing::TestWithParam<int> {};

TEST_P(Crash, at_any_durable_step_loses_nothing_and_doubles_nothing) {
    const std::map<std::string, int> points = undisturbed().points();
    ASSERT_GT(points.size(), 30U) << "is this a build with RATCHET_CRASH_POINTS?";
    const std::vector<Passing> passings = passings_of(points);
    int kills = 0;
    for (std::size_t i = static_cast<std::size_t>(GetParam()); i < passings.size(); i += shards) {
        kill_and_go_on({}, undisturbed(), passings[i]);
        ++kills;
    }
    std::printf("%zu points, %zu passings, %d kills here\n", points.size(), passings.size(), kills);
}

INSTANTIATE_TEST_SUITE_P(Shard, Crash, ::testing::Range(0, shards));

/// Steps that only campaigns of another kind have.
TEST(CrashElsewhere, at_the_steps_of_other_campaigns_loses_nothing_either) {
    const FaultSettings plain{"none"};
    const FaultSettings prepared{
        "strong",
        "\n[prepare]\ncommand = \"mkdir deps && echo 1 > deps/one\"\ninputs = [\"guarded/rules.txt\"]\n"
        "outputs = [\"deps\"]\n"};
    for (const FaultSettings& settings : {plain, prepared}) {
        FaultCampaign model(settings);
        model.run_to_the_end();
        std::map<std::string, int> points = model.points();
        std::erase_if(points, [](const auto& point) { return undisturbed().points().contains(point.first); });
        EXPECT_THAT(points, ::testing::Not(IsEmpty()));
        for (const Passing& at : passings_of(points))
            kill_and_go_on(settings, model, at);
    }
}

TEST(CrashElsewhere, while_the_ledger_follows_HEAD_loses_no_note) {
    for (const char* point : {"ledger/add_note committed", "ledger/follow HEAD begin",
                              "ledger/follow HEAD old one closed", "ledger/follow HEAD end"}) {
        SCOPED_TRACE(point);
        const FaultCampaign campaign;
        const ToyCampaign& toy = campaign.toy();
        ASSERT_EQ(ratchet(toy.folder(), {"check"}).status, 0);
        for (const char* note : {"first", "second"})
            ASSERT_EQ(ratchet(toy.folder(), {"note", note}).status, 0);
        toy.write("outside.txt", "another base\n");
        toy.commit("HEAD moves");
        EXPECT_EQ(ratchet(toy.folder(), {"run"}, campaign.environment("RATCHET_KILL_AT", {point, 1})).status,
                  128 + SIGKILL);

        const Ended ended = ratchet(toy.folder(), {"run"});

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

}  // namespace
}  // namespace ratchet::testing
