#include <gmock/gmock.h>

#include "tests/experiment_store/ledger_fixture.hpp"

// Who belongs to whom: what stands on a candidate, who made it, what was rejected because of it.

namespace ratchet::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using LedgerFamilyTest = LedgerTest;

std::vector<std::int64_t> numbers_of(const std::vector<Summary>& experiments) {
    std::vector<std::int64_t> all;
    for (const Summary& experiment : experiments)
        all.push_back(experiment.id.value);
    return all;
}

TEST_F(LedgerFamilyTest, finds_the_maker_of_a_candidate) {
    finished(Verdict::no_gain);
    finished(Verdict::kept, base, proposal("two"), 0.1);
    EXPECT_EQ(ledger.maker_of(commit(2))->id, ExperimentId{2});
    EXPECT_FALSE(ledger.maker_of(base));
    EXPECT_FALSE(ledger.maker_of({}));
}

TEST_F(LedgerFamilyTest, lists_what_stands_on_a_commit_kept_ones_first_then_the_newest) {
    finished(Verdict::no_gain);
    finished(Verdict::kept, base, proposal("two"), 0.1);
    finished(Verdict::regressed, commit(2), proposal("three"));
    finished(Verdict::no_gain, commit(2), proposal("four"));
    finished(Verdict::kept, commit(2), proposal("five"), 0.1);
    candidate(commit(2), proposal("six"));
    EXPECT_THAT(numbers_of(ledger.standing_on(commit(2), 10)), ElementsAre(5, 6, 4, 3));
    EXPECT_THAT(numbers_of(ledger.standing_on(commit(2), 2)), ElementsAre(5, 6));
    EXPECT_THAT(numbers_of(ledger.standing_on(base, 10)), ElementsAre(2, 1));
    EXPECT_THAT(ledger.standing_on({}, 10), IsEmpty());
    EXPECT_EQ(ledger.count_standing_on(commit(2)), 4);
}

TEST_F(LedgerFamilyTest, lists_the_duplicates_of_an_experiment) {
    finished(Verdict::no_gain);
    for (const char* idea : {"again", "and again"}) {
        Decision twin = decision(Verdict::rejected);
        twin.rejection = Rejection::duplicate;
        twin.duplicate_of = ExperimentId{1};
        ledger.finish(candidate(base, proposal(idea)), twin, base);
    }
    EXPECT_THAT(numbers_of(ledger.duplicates_of({1}, 10)), ElementsAre(2, 3));
    EXPECT_THAT(numbers_of(ledger.duplicates_of({1}, 1)), ElementsAre(2));
    EXPECT_THAT(ledger.duplicates_of({2}, 10), IsEmpty());
}

TEST_F(LedgerFamilyTest, gives_summaries_in_the_order_that_was_asked_for) {
    finished(Verdict::no_gain);
    finished(Verdict::no_gain, base, proposal("two"));
    EXPECT_THAT(numbers_of(ledger.summaries_of({{2}, {7}, {1}})), ElementsAre(2, 1));
}

TEST_F(LedgerFamilyTest, has_the_replays_of_one_experiment) {
    finished(Verdict::no_gain);
    finished(Verdict::no_gain, base, proposal("two"));
    for (const std::int64_t number : {1, 2, 1}) {
        Replay replay;
        replay.experiment = ExperimentId{number};
        replay.epoch = 1;
        replay.decision.pairs = static_cast<int>(ledger.replays().size());
        ledger.add_replay(replay);
    }
    ASSERT_EQ(ledger.replays_of({1}).size(), 2U);
    EXPECT_EQ(ledger.replays_of({1}).back().decision.pairs, 2);
}

}  // namespace
}  // namespace ratchet::test
