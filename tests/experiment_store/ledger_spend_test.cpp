#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger_fixture.hpp"

// What proposals cost: the requests as facts, and the sums by proposer, model and verdict.

namespace ratchet::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ModelRequest request(const std::string& model, std::optional<double> cost = 0.01, int status = 200) {
    ModelRequest request;
    request.protocol = "anthropic";
    request.model = model;
    request.status = status;
    request.streamed = true;
    request.wall_seconds = 1.5;
    request.input_tokens = 1000;
    request.cached_tokens = 600;
    request.output_tokens = 50;
    request.at = Timestamp(std::chrono::seconds(1'800'000'123));
    request.cost = cost;
    return request;
}

Proposal paid(double cost, const std::string& model = "large") {
    Proposal paid = proposal();
    paid.model = model;
    paid.usage = {2, 2000, 100, cost, 30};
    paid.model_requests = {request(model, cost / 2), request(model, cost / 2)};
    return paid;
}

TEST_F(LedgerTest, keeps_each_request_to_a_model_with_its_proposal) {
    const Proposal told = paid(0.5);
    const ExperimentId id = candidate(base, told);
    EXPECT_EQ(ledger.experiment(id)->proposal, told);
}

TEST_F(LedgerTest, keeps_the_requests_for_an_answer_that_was_given_back_apart) {
    const ExperimentId failed = finished(Verdict::regressed);
    const ExperimentId id = begin();
    Returned returned;
    returned.duplicate_of = failed;
    returned.usage = {1, 1000, 50, 0.25, 20};
    returned.model_requests = {request("large", 0.25)};
    ledger.store_returned(id, returned);
    ledger.store_proposal(id, paid(0.75));
    EXPECT_EQ(ledger.experiment(id)->returned->model_requests, returned.model_requests);
    EXPECT_EQ(ledger.experiment(id)->proposal->model_requests.size(), 2U);
    EXPECT_EQ(ledger.model_spend().at(0).requests, 3);
}

TEST_F(LedgerTest, counts_what_was_paid_for_an_answer_after_which_no_other_came) {
    const ExperimentId failed = finished(Verdict::regressed);
    const ExperimentId id = begin();
    Returned returned;
    returned.duplicate_of = failed;
    returned.usage = {1, 1000, 50, 0.25, 20};
    returned.model_requests = {request("large", 0.25)};
    ledger.store_returned(id, returned);
    ledger.finish(id, decision(Verdict::interrupted), base);
    EXPECT_EQ(ledger.total_usage().cost, 0.25);
    EXPECT_EQ(ledger.model_spend().at(0).cost, 0.25);
    EXPECT_EQ(ledger.spend().at(0),
              (Spend{"tune", "", Verdict::interrupted, 1, 1, 1000, 50, 1, 0.25, 20, 0}));
}

TEST_F(LedgerTest, adds_up_spend_by_proposer_model_and_verdict) {
    finished(Verdict::no_gain, base, paid(0.5), 0.001);
    finished(Verdict::no_gain, base, paid(0.25), 0.002);
    finished(Verdict::kept, base, paid(1, "small"), 0.125);
    candidate(base, paid(8));  // counts once it has a verdict
    EXPECT_THAT(ledger.spend(),
                ElementsAre(Spend{"tune", "large", Verdict::no_gain, 2, 4, 4000, 200, 2, 0.75, 60, 0},
                            Spend{"tune", "small", Verdict::kept, 1, 2, 2000, 100, 1, 1, 30, 0.125}));
}

TEST_F(LedgerTest, knows_of_how_many_experiments_the_cost_is_known) {
    Proposal unknown = proposal();
    unknown.usage = {1, 10, 1, std::nullopt, 1};
    finished(Verdict::no_gain, base, unknown);
    EXPECT_EQ(ledger.spend().at(0).priced, 0);
    EXPECT_EQ(ledger.spend().at(0).model, "");
}

TEST_F(LedgerTest, moves_the_spend_on_what_is_vetoed_and_takes_its_gain_away) {
    finished(Verdict::kept, base, paid(1), 0.125);
    ledger.veto({1}, "too clever");
    EXPECT_THAT(ledger.spend(),
                ElementsAre(Spend{"tune", "large", Verdict::vetoed, 1, 2, 2000, 100, 1, 1, 30, 0}));
    EXPECT_THAT(ledger.problems(), IsEmpty());
}

TEST_F(LedgerTest, adds_up_requests_by_model_with_those_that_failed_or_have_no_price) {
    Proposal told = proposal();
    told.model_requests = {request("large", 0.5), request("large", 0.25, 529), request("own", std::nullopt)};
    ModelRequest refused = request("own", std::nullopt, 401);
    refused.input_tokens = refused.output_tokens = refused.cached_tokens = 0;
    told.model_requests.push_back(refused);
    candidate(base, told);
    EXPECT_THAT(ledger.model_spend(), ElementsAre(ModelSpend{"large", 2, 1, 2000, 1200, 100, 0, 0.75, 3},
                                                  ModelSpend{"own", 2, 1, 1000, 600, 50, 1, 0, 3}));
}

TEST_F(LedgerTest, bears_usage_that_nobody_can_have_had) {
    Proposal told = proposal();
    told.usage = {INT64_MAX, INT64_MAX / 2, -5, 1e300, 1e300};
    finished(Verdict::no_gain, base, told);
    told.usage = {-1, 0, 0, -1e300, -1};
    finished(Verdict::no_gain, base, told);
    EXPECT_EQ(ledger.spend().at(0).experiments, 2);
    EXPECT_THAT(ledger.problems(), IsEmpty());
}

TEST_F(LedgerTest, tells_the_newest_finished_first) {
    finished(Verdict::kept, base, paid(1), 0.125);
    clock.tick(std::chrono::seconds(90));
    const ExperimentId broken = candidate(commit(1), paid(0.5));
    clock.tick(std::chrono::seconds(30));
    ledger.finish(broken, decision(Verdict::gate_failed), commit(1));
    begin();
    const auto outcomes = ledger.newest_finished(10);
    ASSERT_EQ(outcomes.size(), 2U);
    EXPECT_EQ(outcomes[0].id, broken);
    EXPECT_EQ(outcomes[0].verdict, Verdict::gate_failed);
    EXPECT_EQ(outcomes[0].usage.cost, 0.5);
    EXPECT_EQ(outcomes[0].duration, std::chrono::seconds(30));
    EXPECT_EQ(outcomes[0].gain, 0);
    EXPECT_EQ(outcomes[1].gain, 0.125);
    EXPECT_EQ(ledger.newest_finished(1).size(), 1U);
}

TEST_F(LedgerTest, links_a_repair_to_what_it_mends_once) {
    const ExperimentId failed = finished(Verdict::gate_failed);
    Brief brief;
    brief.parent = base;
    brief.proposer = "agent";
    brief.move = Move::repair;
    brief.repair_of = failed;
    brief.choice = "it made #1";
    const ExperimentId repair = ledger.begin(brief, "the prompt");
    EXPECT_EQ(ledger.experiment(repair)->brief.repair_of, failed);
    EXPECT_EQ(ledger.experiment(repair)->brief.choice, "it made #1");
    EXPECT_EQ(ledger.summaries({}).at(0).repair_of, failed);
    EXPECT_EQ(ledger.repaired_by(failed), repair);
    EXPECT_FALSE(ledger.repaired_by(repair));
    EXPECT_THROW(ledger.begin(brief, "the prompt"), MachineryError);
    EXPECT_EQ(ledger.experiment_count(), 2);
}

}  // namespace
}  // namespace ratchet::test
