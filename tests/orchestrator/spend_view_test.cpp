#include "orchestrator/views/spend_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/views/views.hpp"
#include "tests/orchestrator/golden.hpp"
#include "tests/orchestrator/recorded_ledger.hpp"

namespace ratchet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

ModelRequest request(const std::string& model, std::optional<double> cost, int status = 200) {
    ModelRequest request;
    request.protocol = "openai-chat";
    request.model = model;
    request.status = status;
    request.input_tokens = 1000;
    request.output_tokens = 100;
    request.cost = cost;
    return request;
}

/// A night with two agents and a budget of money.
class SpendView : public ::testing::Test {
  protected:
    SpendView() {
        Campaign& campaign = recorded.campaign();
        campaign.proposer.name = "careful";
        campaign.further_proposers = {campaign.proposer};
        campaign.further_proposers[0].name = "quick";
        campaign.proposer_policy = ProposerPolicy::bandit;
        campaign.budget.allowance = {500, std::nullopt, std::nullopt, 20.0};
        campaign.budget.target = 5;
        add("careful", "gpt-5", {.verdict = Verdict::kept, .effect = 0.2}, 2.5);
        add("quick", "gpt-5-mini", {.verdict = Verdict::no_gain, .effect = 0.001}, 0.1);
        add("quick", "gpt-5-mini", {.verdict = Verdict::gate_failed, .output = "error\n"}, 0.12);
        add("careful", "gpt-5", {.verdict = Verdict::regressed, .effect = -0.2}, 3.25);
        add("quick", "gpt-5-mini", {.verdict = Verdict::kept, .effect = 0.05}, 0.08);
    }

    void add(const std::string& proposer, const std::string& model, Told told, double cost) {
        told.proposer = proposer;
        told.model = model;
        told.usage = {2, 2000, 200, cost, 60};
        told.model_requests = {request(model, cost / 2), request(model, cost / 2)};
        recorded.record(told);
    }

    RecordedLedger recorded;
};

TEST_F(SpendView, IsPartOfTheOneScreen) {
    const std::string text = status_text(recorded.campaign(), recorded.ledger(), {});
    std::istringstream lines(text);
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count)
        EXPECT_LE(columns_of(line), 80U) << line;
    EXPECT_LE(count, 24U);
    expect_golden("status_spend.txt", text);
}

TEST_F(SpendView, IsNotThereWhereNothingIsKnown) {
    RecordedLedger plain;
    record_a_night(plain);
    EXPECT_TRUE(spend_rows(plain.campaign(), plain.ledger()).empty());
    EXPECT_EQ(drawn_budgets(plain.campaign(), plain.ledger()), "");
}

TEST_F(SpendView, SaysOfWhichModelsNoPriceIsKnown) {
    Told told{.verdict = Verdict::no_gain};
    told.proposer = "quick";
    told.usage = {2, 2000, 200, {}, 60};
    told.model_requests = {request("own-model", {}), request("own-model", {}, 500)};
    recorded.record(told);
    EXPECT_THAT(status_text(recorded.campaign(), recorded.ledger(), {false, 200}),
                HasSubstr("by model     gpt-5 $5.75, gpt-5-mini $0.30, own-model no price for 2 requests"));
}

TEST_F(SpendView, AsJsonHasProposerModelAndVerdict) {
    const auto json = status_json(recorded.campaign(), recorded.ledger());
    ASSERT_EQ(json["spend"].size(), 5U);
    const auto& line = json["spend"][0];
    EXPECT_EQ(line["proposer"], "careful");
    EXPECT_EQ(line["model"], "gpt-5");
    EXPECT_EQ(line["verdict"], "kept");
    EXPECT_EQ(line["experiments"], 1);
    EXPECT_EQ(line["requests"], 2);
    EXPECT_EQ(line["cost"], 2.5);
    EXPECT_NEAR(line["gain"].get<double>(), 0.2, 1e-9);
    EXPECT_EQ(json["budget"]["cost"]["limit"], 20);
    EXPECT_NEAR(json["budget"]["cost"]["left"].get<double>(), 20 - 6.05, 1e-9);
    EXPECT_TRUE(json["budget"]["input_tokens"].is_null());
    EXPECT_EQ(json["model_spend"][0]["model"], "gpt-5");
    EXPECT_EQ(json["model_spend"][0]["requests"], 4);
    EXPECT_EQ(json["proposers"].size(), 2U);
    EXPECT_THAT(json["next_proposer"]["reason"].get<std::string>(), HasSubstr("careful kept 1 of 2"));
}

TEST_F(SpendView, TellsTheCostOfGainInTheReport) {
    EXPECT_THAT(
        report_text(recorded.campaign(), recorded.ledger()),
        HasSubstr("| proposals took | 10 requests, 10.0k + 1.00k tokens, $6.05; $0.21 for 1 % of gain |"));
}

TEST_F(SpendView, ShowsWhatOneExperimentTookAndWhyItsProposerWasAsked) {
    Experiment experiment = *recorded.ledger().experiment(ExperimentId{1});
    experiment.brief.choice = "by lot, with a weight of 1 in 2";
    experiment.brief.repair_of = ExperimentId{7};
    experiment.proposal->model_requests[1].status = 529;
    const std::string text = show_text(experiment, recorded.campaign(), "logs", {});
    EXPECT_THAT(
        text,
        AllOf(HasSubstr("chosen     by lot, with a weight of 1 in 2\n"), HasSubstr("repair     of #7\n"),
              HasSubstr("model      gpt-5\n"),
              HasSubstr("usage      2 requests, 2.00k + 200 tokens, $2.50; 1 of the requests failed\n")));
    const auto json = json_of(experiment);
    EXPECT_EQ(json["repair_of"], 7);
    EXPECT_EQ(json["proposer_reason"], "by lot, with a weight of 1 in 2");
    EXPECT_EQ(json["proposal"]["model"], "gpt-5");
    EXPECT_EQ(json["proposal"]["model_requests"][1]["status"], 529);
    EXPECT_EQ(json["proposal"]["model_requests"][0]["cost"], 1.25);
}

TEST(CostOfGain, IsForOnePercentOrOneUnit) {
    Benchmark benchmark;
    EXPECT_EQ(cost_of_gain(5, std::log(1.1), benchmark), "$0.50 for 1 %");
    benchmark.scale = Scale::difference;
    benchmark.unit = "points";
    EXPECT_EQ(cost_of_gain(5, 2, benchmark), "$2.50 for 1 points");
    EXPECT_EQ(cost_of_gain(5, 0, benchmark), "");
    EXPECT_EQ(cost_of_gain(0, 2, benchmark), "");
}

}  // namespace
}  // namespace ratchet
