#include "orchestrator/spending.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orchestrator/budget.hpp"
#include "tests/orchestrator/recorded_ledger.hpp"

namespace ratchet {
namespace {

FinishedExperiment outcome(const std::string& proposer, const Usage& usage) {
    FinishedExperiment outcome;
    outcome.proposer = proposer;
    outcome.verdict = Verdict::no_gain;
    outcome.usage = usage;
    return outcome;
}

Usage dollars(double cost) {
    Usage usage;
    usage.cost = cost;
    return usage;
}

ProposerSettings paid_agent(const std::string& name = "agent") {
    ProposerSettings proposer;
    proposer.use = "command";
    proposer.name = name;
    return proposer;
}

ModelRequest answered(const std::string& model, std::int64_t input, std::int64_t output) {
    ModelRequest request;
    request.model = model;
    request.status = 200;
    request.input_tokens = input;
    request.output_tokens = output;
    return request;
}

TEST(TooDear, IsNobodyWithoutABudget) {
    EXPECT_EQ(too_dear({}, paid_agent(), dollars(1e9), {outcome("agent", dollars(1e9))}), "");
}

TEST(TooDear, IsNobodyBeforeAnythingIsKnown) {
    Budget budget;
    budget.allowance.cost = 5;
    EXPECT_EQ(too_dear(budget, paid_agent(), {}, {}), "");
}

TEST(TooDear, IsWhoseNextProposalWouldPassABudget) {
    Budget budget;
    budget.allowance.cost = 5;
    const std::vector<FinishedExperiment> newest = {
        outcome("agent", dollars(0.2)), outcome("agent", dollars(0.5)), outcome("other", dollars(3))};
    EXPECT_EQ(too_dear(budget, paid_agent(), dollars(4.5), newest), "") << "what is left is just enough";
    EXPECT_EQ(too_dear(budget, paid_agent(), dollars(4.6), newest),
              "the next proposal would pass budget.cost: $4.60 of $5.00 are used, and one takes up to $0.50");
    EXPECT_EQ(too_dear(budget, paid_agent("other"), dollars(3), newest).substr(0, 45),
              "the next proposal would pass budget.cost: $3.");
    EXPECT_EQ(too_dear(budget, paid_agent(), dollars(5), {}),
              "the budget of $5.00 for proposals is spent (budget.cost)");
}

TEST(TooDear, LooksAtEachOfTheBudgets) {
    Budget budget;
    budget.allowance = {100, 1000, 200, std::nullopt};
    EXPECT_EQ(too_dear(budget, paid_agent(), {100, 0, 0, {}, 0}, {}),
              "the budget of 100 requests is spent (budget.requests)");
    EXPECT_EQ(too_dear(budget, paid_agent(), {0, 1000, 0, {}, 0}, {}),
              "the budget of 1.00k input_tokens is spent (budget.input_tokens)");
    EXPECT_EQ(
        too_dear(budget, paid_agent(), {0, 0, 150, {}, 0}, {outcome("agent", {1, 1, 60, {}, 0})}),
        "the next proposal would pass budget.output_tokens: 150 of 200 are used, and one takes up to 60");
}

TEST(TooDear, ExpectsNoMoreThanAProposalMayUse) {
    Budget budget;
    budget.allowance.cost = 5;
    ProposerSettings capped = paid_agent();
    capped.allowance.cost = 0.3;
    EXPECT_EQ(too_dear(budget, capped, dollars(4.6), {outcome("agent", dollars(0.5))}), "");
}

TEST(TooDear, IsNobodyWhoCostsNothing) {
    Budget budget;
    budget.allowance.cost = 5;
    ProposerSettings tune;
    tune.use = "tune";
    EXPECT_EQ(too_dear(budget, tune, dollars(9), {}), "");
}

TEST(Allowance, IsTheLesserOfWhatTheProposerMayAndWhatIsLeft) {
    Budget budget;
    budget.allowance = {100, 1000, std::nullopt, 5.0};
    ProposerSettings proposer = paid_agent();
    proposer.allowance = {30, std::nullopt, 500, 1.0};
    const Allowance allowed = allowance_of(budget, proposer, {90, 100, 50, 4.75, 0}, {});
    EXPECT_EQ(allowed, (Allowance{10, 900, 500, 0.25}));
}

TEST(Allowance, CountsWhatTheProposalHasUsedAlready) {
    Budget budget;
    budget.allowance.requests = 100;
    ProposerSettings proposer = paid_agent();
    proposer.allowance.requests = 30;
    EXPECT_EQ(allowance_of(budget, proposer, {50, 0, 0, {}, 0}, {20, 0, 0, {}, 0}).requests, 10);
    EXPECT_EQ(allowance_of(budget, proposer, {75, 0, 0, {}, 0}, {20, 0, 0, {}, 0}).requests, 5);
}

RC_GTEST_PROP(Allowance, AndWhatWasUsedNeverPassTheBudget, ()) {
    const auto some = [] { return *rc::gen::inRange<std::int64_t>(0, 100); };
    Budget budget;
    budget.allowance.requests = some();
    ProposerSettings proposer = paid_agent();
    if (*rc::gen::arbitrary<bool>()) proposer.allowance.requests = some();
    Usage used;
    used.requests = some();
    Usage begun;
    begun.requests = some();
    const std::int64_t allowed = *allowance_of(budget, proposer, used, begun).requests;
    RC_ASSERT(allowed >= 0);
    RC_ASSERT(allowed == 0 || used.requests + begun.requests + allowed <= *budget.allowance.requests);
    RC_ASSERT(!proposer.allowance.requests || allowed == 0 ||
              begun.requests + allowed <= *proposer.allowance.requests);
}

TEST(Settle, CountsWhatRatchetSawAndNotWhatWasSaid) {
    ProposerAnswer answer;
    answer.usage = {1, 2, 3, 0.01, 60};
    answer.model_requests = {answered("mine", 1000, 100), answered("other", 10, 200)};
    settle(answer, Prices({{"mine", 2, 8, 1, ""}, {"other", 1, 1, 1, ""}}));
    EXPECT_EQ(answer.usage.requests, 2);
    EXPECT_EQ(answer.usage.input_tokens, 1010);
    EXPECT_EQ(answer.usage.output_tokens, 300);
    EXPECT_DOUBLE_EQ(*answer.usage.cost, 1e-6 * (1000 * 2 + 100 * 8 + 210));
    EXPECT_EQ(answer.usage.wall_seconds, 60);
    EXPECT_EQ(answer.model, "other") << "it wrote most";
    EXPECT_DOUBLE_EQ(*answer.model_requests[0].cost, 1e-6 * (1000 * 2 + 100 * 8));
}

TEST(Settle, LeavesTheCostThatWasSaidWhereAPriceIsMissing) {
    ProposerAnswer answer;
    answer.usage.cost = 0.25;
    answer.model_requests = {answered("mine", 1000, 100), answered("unheard of", 10, 20)};
    const Prices prices({{"mine", 2, 8, 1, ""}});
    EXPECT_EQ(unpriced_models(answer, prices), std::vector<std::string>{"unheard of"});
    settle(answer, prices);
    EXPECT_EQ(answer.usage.cost, 0.25);
    EXPECT_FALSE(answer.model_requests[1].cost);
}

TEST(Settle, TakesWhatCanBePricedWhereNothingWasSaid) {
    ProposerAnswer answer;
    answer.model_requests = {answered("mine", 1'000'000, 0), answered("unheard of", 10, 20)};
    settle(answer, Prices({{"mine", 2, 8, 1, ""}}));
    EXPECT_EQ(answer.usage.cost, 2);
}

TEST(Settle, HasTokensOnlyOfAnUnknownModel) {
    ProposerAnswer answer;
    answer.model_requests = {answered("unheard of", 10, 20)};
    settle(answer, Prices());
    EXPECT_FALSE(answer.usage.cost);
    EXPECT_EQ(answer.usage.input_tokens, 10);
}

TEST(Settle, PricesWhatAProposerSaysOfItsModel) {
    ProposerAnswer answer;
    answer.model = "mine";
    answer.usage.input_tokens = 1'000'000;
    answer.cached_tokens = 500'000;
    settle(answer, Prices({{"mine", 2, 8, 1, ""}}));
    EXPECT_EQ(answer.usage.cost, 1.5);
    answer.usage.cost = 7;
    settle(answer, Prices({{"mine", 2, 8, 1, ""}}));
    EXPECT_EQ(answer.usage.cost, 7) << "its own figure knows of discounts";
}

TEST(Settle, MakesNoCostOfTokensOfWhichItIsNotKnownWhetherTheyWereCached) {
    ProposerAnswer answer;
    answer.model = "mine";
    answer.usage.input_tokens = 1'000'000;
    settle(answer, Prices({{"mine", 2, 8, 0.2, ""}}));
    EXPECT_FALSE(answer.usage.cost);
    EXPECT_EQ(answer.model, "mine");
}

class Spent : public ::testing::Test {
  protected:
    std::string reason() {
        return spent(recorded.campaign(), TimeBudget(recorded.campaign().budget, clock), recorded.ledger());
    }
    RecordedLedger recorded;
    TickingClock clock;
};

TEST_F(Spent, IsNothingInTheBeginning) {
    EXPECT_EQ(reason(), "");
}

TEST_F(Spent, IsTheTimeThatAnExperimentWouldPass) {
    // By its clock each experiment of the recorded ledger takes minutes.
    for (int i = 0; i < 3; ++i)
        recorded.record({.verdict = Verdict::no_gain, .effect = 0});
    recorded.campaign().budget.duration = std::chrono::hours(1);
    EXPECT_EQ(reason(), "");
    recorded.campaign().budget.duration = std::chrono::seconds(90);
    EXPECT_EQ(reason(), "the time that is left (1m 30s) is less than an experiment takes (6m 00s)");
}

TEST_F(Spent, TellsNothingOfTheTimeByExperimentsThatWereNeverRun) {
    recorded.record({.verdict = Verdict::no_proposal});
    recorded.campaign().budget.duration = std::chrono::seconds(1);
    EXPECT_EQ(reason(), "");
}

TEST_F(Spent, IsATargetThatTheChampionHasReached) {
    recorded.campaign().budget.target = 5;
    recorded.record({.verdict = Verdict::kept, .effect = 0.1});  // from 8 to 7.2
    EXPECT_EQ(reason(), "");
    recorded.campaign().budget.target = 7.2;
    EXPECT_EQ(reason(), "the champion's time_ms is 7.2 ms: the target of 7.2 ms is reached (budget.target)");
}

TEST_F(Spent, LooksForTheTargetInItsDirection) {
    recorded.campaign().benchmark.direction = Direction::higher;
    recorded.campaign().budget.target = 7;
    recorded.record({.verdict = Verdict::kept, .effect = 0.1});
    EXPECT_NE(reason(), "");
    recorded.campaign().budget.target = 7.5;
    EXPECT_EQ(reason(), "");
}

TEST_F(Spent, PrefersTheChampionsCalibrationToThePairsOfItsExperiment) {
    recorded.record({.verdict = Verdict::kept, .effect = 0.1});
    CalibrationRecord calibration;
    calibration.epoch = 1;
    calibration.champion = recorded.ledger().champion().commit;
    calibration.champion_value = 6.5;
    recorded.ledger().add_calibration(calibration);
    EXPECT_EQ(champion_value(recorded.ledger()), 6.5);
}

}  // namespace
}  // namespace ratchet
