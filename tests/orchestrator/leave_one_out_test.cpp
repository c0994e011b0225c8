#include "orchestrator/leave_one_out.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "orchestrator/views/views.hpp"
#include "tests/orchestrator/golden.hpp"
#include "tests/orchestrator/recorded_ledger.hpp"

namespace ratchet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Worth, IsReadFromTheInterval) {
    constexpr double least = 0.01;
    EXPECT_EQ(worth_of({0.001, 0.03, 0.05}, least), StepWorth::carries);
    EXPECT_EQ(worth_of({-0.002, 0.003, 0.009}, least), StepWorth::not_any_more);
    EXPECT_EQ(worth_of({-0.05, -0.03, -0.02}, least), StepWorth::not_any_more) << "it does harm by now";
    EXPECT_EQ(worth_of({-0.002, 0.02, 0.05}, least), StepWorth::undecided);
    EXPECT_EQ(worth_of({0.1, 0.1, 0.1}, least), StepWorth::carries) << "exact";
    EXPECT_EQ(worth_of({0, 0, 0}, least), StepWorth::not_any_more) << "exact";
}

/// A champion of four kept steps: #1 to #4.
class LeftOut : public ::testing::Test {
  protected:
    LeftOut() {
        for (const char* idea : {"Swap the loops", "Block them for the cache", "Unroll", "Transpose b once"})
            recorded.record({.verdict = Verdict::kept, .idea = idea, .effect = 0.1});
    }

    void measured(int step, StepWorth worth, std::optional<Interval> effect = {},
                  const std::string& reason = {}, const std::string& host = "here") {
        LeaveOneOut left_out;
        left_out.epoch = 1;
        left_out.champion = ledger.champion().commit;
        left_out.experiment = {step};
        left_out.worth = worth;
        left_out.reason = reason;
        left_out.effect = effect;
        left_out.pairs = effect ? 10 : 0;
        left_out.host = host;
        ledger.add_leave_one_out(left_out);
    }
    void carries(int step) { measured(step, StepWorth::carries, Interval{0.02, 0.03, 0.04}); }

    std::vector<std::int64_t> to_leave_out() {
        std::vector<std::int64_t> numbers;
        for (const ExperimentId step : steps_to_leave_out(ledger, "here"))
            numbers.push_back(step.value);
        return numbers;
    }

    RecordedLedger recorded;
    Ledger& ledger = recorded.ledger();
};

TEST_F(LeftOut, GoesOnWithTheStepsThatThisRoundHasNotMeasured) {
    EXPECT_THAT(to_leave_out(), ElementsAre(1, 2, 3, 4));
    carries(1);
    measured(2, StepWorth::built_on);
    EXPECT_THAT(to_leave_out(), ElementsAre(3, 4));
}

TEST_F(LeftOut, BeginsANewRoundAfterACompleteOne) {
    for (const int step : {1, 2, 3, 4})
        carries(step);
    EXPECT_THAT(to_leave_out(), ElementsAre(1, 2, 3, 4));
    carries(1);
    EXPECT_THAT(to_leave_out(), ElementsAre(2, 3, 4));
}

TEST_F(LeftOut, MeasuresAgainOnAnotherMachine) {
    measured(1, StepWorth::carries, Interval{0.02, 0.03, 0.04}, "", "elsewhere");
    EXPECT_THAT(to_leave_out(), ElementsAre(1, 2, 3, 4));
}

TEST_F(LeftOut, MeasuresAgainForAnotherChampion) {
    carries(1);
    recorded.record({.verdict = Verdict::kept, .effect = 0.1});
    EXPECT_THAT(to_leave_out(), ElementsAre(1, 2, 3, 4, 5));
    EXPECT_THAT(steps_left_out(ledger), IsEmpty());
}

TEST_F(LeftOut, TheNewestMeasurementCounts) {
    measured(2, StepWorth::undecided, Interval{-0.01, 0.01, 0.03});
    carries(2);
    const auto known = steps_left_out(ledger);
    ASSERT_EQ(known.size(), 1U);
    EXPECT_EQ(known.front().worth, StepWorth::carries);
}

/// One step of each kind, and one that is not measured.
class LeftOutView : public LeftOut {
  protected:
    LeftOutView() {
        recorded.record({.verdict = Verdict::kept, .idea = "Prefetch the next row", .effect = 0.1});
        recorded.record({.verdict = Verdict::kept, .idea = "Align the rows", .effect = 0.1});
        measured(1, StepWorth::built_on);
        measured(2, StepWorth::carries, Interval{0.0198, 0.0305, 0.0411});
        measured(3, StepWorth::not_any_more, Interval{-0.004, 0.0005, 0.003});
        measured(4, StepWorth::undecided, Interval{-0.004, 0.01, 0.02});
        measured(5, StepWorth::needed, {}, "gate unit tests fails (exit status 2)");
    }
};

TEST_F(LeftOutView, SaysWhatEachStepIsWorth) {
    expect_golden("verify_each.txt", each_text(recorded.campaign(), ledger, {}));
}

TEST_F(LeftOutView, StandsInStatusAndReport) {
    EXPECT_THAT(
        status_text(recorded.campaign(), ledger, {false, 120}),
        HasSubstr("steps        1 carries its weight, 1 no longer (#3), 1 not decided, 2 cannot be taken "
                  "out, 1 not measured yet\n"));
    const std::string report = report_text(recorded.campaign(), ledger);
    EXPECT_THAT(report, HasSubstr("| 2 | carries +3.1% (+2.0% to +4.2%) | 10 |"));
    EXPECT_THAT(report, HasSubstr("1 more were not measured yet."));
}

TEST_F(LeftOutView, HasTheSameKeysForEveryStep) {
    const auto json = each_json(ledger);
    EXPECT_EQ(json["not_measured"], nlohmann::ordered_json::parse("[6]"));
    ASSERT_EQ(json["leave_one_out"].size(), 5U);
    for (const auto& step : json["leave_one_out"]) {
        std::vector<std::string> keys;
        for (const auto& item : step.items())
            keys.push_back(item.key());
        EXPECT_THAT(keys, ElementsAre("experiment", "worth", "reason", "effect", "pairs", "host", "at"));
    }
    EXPECT_EQ(json["leave_one_out"][4]["worth"], "needed");
    EXPECT_TRUE(json["leave_one_out"][4]["effect"].is_null());
    EXPECT_EQ(status_json(recorded.campaign(), ledger)["leave_one_out"], json["leave_one_out"]);
}

TEST(LeftOutViewOfANewCampaign, SaysNothing) {
    RecordedLedger recorded;
    EXPECT_THAT(status_text(recorded.campaign(), recorded.ledger(), {}), Not(HasSubstr("steps")));
    EXPECT_THAT(report_text(recorded.campaign(), recorded.ledger()), Not(HasSubstr("is worth now")));
    EXPECT_EQ(status_json(recorded.campaign(), recorded.ledger())["leave_one_out"],
              nlohmann::ordered_json::array());
}

}  // namespace
}  // namespace ratchet
