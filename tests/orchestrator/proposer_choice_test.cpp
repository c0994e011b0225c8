#include "orchestrator/briefing/proposer_choice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "orchestrator/briefing/policy.hpp"
#include "tests/orchestrator/recorded_ledger.hpp"

namespace ratchet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

ProposerSettings agent(const std::string& name, double weight = 1) {
    ProposerSettings proposer;
    proposer.use = "command";
    proposer.name = name;
    proposer.weight = weight;
    return proposer;
}

/// Two agents, "one" and "two".
struct TwoAgents : RecordedLedger {
    explicit TwoAgents(ProposerPolicy policy = ProposerPolicy::bandit, double weight = 1) {
        campaign().proposer = agent("one", weight);
        campaign().further_proposers = {agent("two")};
        campaign().proposer_policy = policy;
    }

    void record_of(const std::string& name, std::optional<double> gain, double cost = 0.1) {
        Told told{.verdict = gain ? Verdict::kept : Verdict::no_gain, .effect = gain.value_or(0)};
        told.proposer = name;
        told.usage = {1, 1000, 100, cost, 60};
        record(told);
    }

    /// How often each is chosen over so many seeds.
    std::map<std::string, int> chosen(int seeds, const PassedOver& passed_over = {}) {
        std::map<std::string, int> counts;
        for (int seed = 0; seed < seeds; ++seed)
            ++counts[choose_proposer(campaign(), ledger(), static_cast<std::uint64_t>(seed), passed_over)
                         ->name];
        return counts;
    }
};

TEST(ProposerChoice, IsNoneWhereThereIsOneProposer) {
    RecordedLedger recorded;
    const auto chosen = choose_proposer(recorded.campaign(), recorded.ledger(), 1);
    EXPECT_EQ(chosen->name, "command");
    EXPECT_EQ(chosen->reason, "");
}

TEST(ProposerChoice, ByWeightGivesEachItsShare) {
    TwoAgents recorded(ProposerPolicy::weights, 3);
    auto counts = recorded.chosen(4000);
    EXPECT_NEAR(counts["one"], 3000, 120);
    EXPECT_NEAR(counts["two"], 1000, 120);
}

TEST(ProposerChoice, ByWeightSaysSo) {
    TwoAgents recorded(ProposerPolicy::weights, 3);
    EXPECT_THAT(choose_proposer(recorded.campaign(), recorded.ledger(), 7)->reason,
                AllOf(StartsWith("by lot, with a weight of "), HasSubstr(" in 4")));
}

TEST(ProposerChoice, PassesOverWhoeverRestsAndSaysWhy) {
    for (const ProposerPolicy policy : {ProposerPolicy::weights, ProposerPolicy::bandit}) {
        TwoAgents recorded(policy);
        recorded.campaign().further_proposers.push_back(agent("three"));
        const PassedOver out = {{"one", "it rests"}};
        EXPECT_EQ(recorded.chosen(200, out).count("one"), 0U);
        EXPECT_THAT(choose_proposer(recorded.campaign(), recorded.ledger(), 1, out)->reason,
                    HasSubstr("; not one: it rests"));
    }
}

TEST(ProposerChoice, IsTheOnlyOneThatIsLeftAndNobodyWhereNoneIs) {
    TwoAgents recorded;
    EXPECT_EQ(choose_proposer(recorded.campaign(), recorded.ledger(), 1, {{"two", "dear"}})->reason,
              "the only one to ask; not two: dear");
    EXPECT_FALSE(choose_proposer(recorded.campaign(), recorded.ledger(), 1, {{"one", ""}, {"two", ""}}));
}

TEST(Bandit, IsEvenWithoutData) {
    TwoAgents recorded;
    auto counts = recorded.chosen(2000);
    EXPECT_NEAR(counts["one"], 1000, 100);
}

TEST(Bandit, AsksWhoGainsMoreForTheSameMoney) {
    TwoAgents recorded;
    for (int i = 0; i < 12; ++i) {
        recorded.record_of("one", i % 3 == 0 ? std::optional(0.05) : std::nullopt);
        recorded.record_of("two", std::nullopt);
    }
    auto counts = recorded.chosen(1000);
    EXPECT_GT(counts["one"], 850);
    EXPECT_GT(counts["two"], 0) << "what is uncertain is tried now and then";
}

TEST(Bandit, AsksWhoGainsTheSameForLess) {
    TwoAgents recorded;
    for (int i = 0; i < 12; ++i) {
        recorded.record_of("one", i % 3 == 0 ? std::optional(0.05) : std::nullopt, 0.1);
        recorded.record_of("two", i % 3 == 0 ? std::optional(0.05) : std::nullopt, 1.0);
    }
    EXPECT_GT(recorded.chosen(1000)["one"], 950);
}

TEST(Bandit, CountsAGreatGainForMoreThanASmallOne) {
    TwoAgents recorded;
    for (int i = 0; i < 12; ++i) {
        recorded.record_of("one", i % 3 == 0 ? std::optional(0.005) : std::nullopt);
        recorded.record_of("two", i % 3 == 0 ? std::optional(0.1) : std::nullopt);
    }
    EXPECT_GT(recorded.chosen(1000)["two"], 850);
}

TEST(Bandit, TakesAFailureAtOnceForNoBargain) {
    TwoAgents recorded;
    for (int i = 0; i < 12; ++i) {
        recorded.record_of("one", i % 3 == 0 ? std::optional(0.05) : std::nullopt, 1.0);
        Told nothing{.verdict = Verdict::no_proposal, .reason = "exit status 1"};
        nothing.proposer = "two";
        nothing.usage = {0, 0, 0, {}, 0.01};
        recorded.record(nothing);
    }
    EXPECT_GT(recorded.chosen(1000)["one"], 800);
}

TEST(Bandit, GoesByMinutesWhereACostIsNotKnown) {
    TwoAgents recorded;
    recorded.record_of("one", 0.05);
    Told told{.verdict = Verdict::no_gain};
    told.proposer = "two";
    told.usage = {0, 0, 0, {}, 300};
    recorded.record(told);
    const auto records = records_of(recorded.campaign(), recorded.ledger());
    EXPECT_FALSE(records[0].in_dollars);
    EXPECT_DOUBLE_EQ(records[0].cost, (1.0 + 3.0) / 2) << "one of a minute, and the mean of all once";
    EXPECT_DOUBLE_EQ(records[1].cost, (5.0 + 3.0) / 2);
}

TEST(Bandit, TellsItsReasons) {
    TwoAgents recorded;
    recorded.record_of("one", 0.05);
    recorded.record_of("two", std::nullopt);
    const auto chosen = choose_proposer(recorded.campaign(), recorded.ledger(), 3);
    EXPECT_THAT(chosen->reason,
                AllOf(StartsWith("drawn by what each earns for its cost: one kept 1 of 1 for +5.1% at $"),
                      HasSubstr("two kept 0 of 1 at $"), HasSubstr("(drawn 1)")));
}

TEST(Bandit, ForgetsWhatIsLongPast) {
    TwoAgents recorded;
    for (int i = 0; i < 20; ++i)
        recorded.record_of("two", std::nullopt);
    for (int i = 0; i < experiments_that_choose; ++i)
        recorded.record_of("one", std::nullopt);
    EXPECT_EQ(records_of(recorded.campaign(), recorded.ledger())[1].experiments, 0);
    EXPECT_GT(recorded.chosen(100)["two"], 90)
        << "as good as new, while the other one is known to gain nothing";
}

TEST(Bandit, IsPartOfTheBrief) {
    TwoAgents recorded;
    const Brief brief = plan(recorded.campaign(), recorded.ledger());
    EXPECT_THAT(brief.choice, HasSubstr("one was not asked lately"));
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()), brief);
}

/// A campaign of this many experiments in which the chosen proposer gains with its own chance.
std::vector<std::string> campaign_of(TwoAgents& recorded, int experiments, double chance_of_one,
                                     double chance_of_two) {
    std::vector<std::string> asked;
    for (int i = 0; i < experiments; ++i) {
        const Brief brief = plan(recorded.campaign(), recorded.ledger());
        const double chance = brief.proposer == "one" ? chance_of_one : chance_of_two;
        const double drawn = static_cast<double>(brief.seed % 1000) / 1000;
        recorded.record_of(brief.proposer, drawn < chance ? std::optional(0.02) : std::nullopt);
        asked.push_back(brief.proposer);
    }
    return asked;
}

/// Its ledger grows by hundreds of experiments: not a hundred times, as properties usually are tried.
TEST(Bandit, NeverStarvesAProposer) {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        TwoAgents recorded;
        recorded.campaign().seed = seed;
        const bool one_is_good = seed % 2 == 0;
        const auto asked = campaign_of(recorded, 320, one_is_good ? 0.6 : 0.0, one_is_good ? 0.0 : 0.6);
        std::map<std::string, int> last = {{"one", 0}, {"two", 0}};
        for (int i = 0; i < static_cast<int>(asked.size()); ++i) {
            last[asked[static_cast<std::size_t>(i)]] = i;
            // Once it has no experiment among the newest it is drawn evenly from 0 to 1.
            for (const auto& [name, when] : last)
                ASSERT_LT(i - when, experiments_that_choose + 30) << name << " with seed " << seed;
        }
    }
}

TEST(Bandit, ComesBackToWhoFailedAtFirst) {
    TwoAgents recorded;
    for (int i = 0; i < 10; ++i) {
        recorded.record_of("one", i % 5 == 0 ? std::optional(0.02) : std::nullopt);
        recorded.record_of("two", std::nullopt);
    }
    const auto asked = campaign_of(recorded, 300, 0.05, 0.5);
    const auto late = std::count(asked.end() - 100, asked.end(), "two");
    EXPECT_GT(late, 70) << "it gains ten times as often by now";
}

}  // namespace
}  // namespace ratchet
