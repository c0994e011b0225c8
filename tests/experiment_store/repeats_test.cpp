#include <gmock/gmock.h>

#include "experiment_store/errors.hpp"
#include "ledger_fixture.hpp"

namespace ratchet::test {
namespace {

using ::testing::IsEmpty;

class RepeatsTest : public LedgerTest {
  protected:
    /// An experiment that changed `before` into `after`, and how it ended.
    ExperimentId tried(const std::string& after, Verdict verdict,
                       std::optional<double> effect = std::nullopt) {
        Proposal proposed = proposal();
        proposed.diff = patch("src/matmul.cpp", "int block = 8;", after);
        return finished(verdict, ledger.champion().commit, proposed, effect);
    }
    std::vector<Repeat> repeats(const std::string& after) {
        return ledger.repeats(patch("src/matmul.cpp", "int block = 8;", after), ExperimentId{}, 5);
    }
};

TEST_F(RepeatsTest, finds_a_failure_in_another_form) {
    const ExperimentId failed = tried("int block = 64;", Verdict::regressed);
    ASSERT_EQ(repeats("int  block = 64;  // more").size(), 1U);
    EXPECT_EQ(repeats("int  block = 64;  // more").front().of, failed);
    EXPECT_EQ(repeats("int  block = 64;  // more").front().likeness, Likeness::reformatted);
    EXPECT_THAT(repeats("int block = 65;"), IsEmpty());
}

TEST_F(RepeatsTest, what_was_never_run_is_no_failure) {
    tried("int block = 64;", Verdict::rejected);
    tried("int block = 64;", Verdict::interrupted);
    tried("int block = 64;", Verdict::kept);
    EXPECT_THAT(repeats("int block = 64;"), IsEmpty());
}

TEST_F(RepeatsTest, what_a_person_took_back_is_one) {
    const ExperimentId vetoed = tried("int block = 64;", Verdict::kept);
    ledger.veto(vetoed, "unreadable");
    ASSERT_EQ(repeats("int block = 64;").size(), 1U);
}

TEST_F(RepeatsTest, failures_of_an_earlier_epoch_do_not_count) {
    tried("int block = 64;", Verdict::regressed);
    ledger.begin_epoch("another harness", "[campaign]\n", base);
    EXPECT_THAT(repeats("int block = 64;"), IsEmpty());
}

TEST_F(RepeatsTest, nor_do_they_hide_what_failed_in_this_one) {
    std::string calls;
    for (int i = 0; i < 8; ++i)
        calls += "sum += f(" + std::to_string(i) + "); ";
    for (int i = 0; i < 300; ++i)
        tried(calls, Verdict::regressed);
    ledger.begin_epoch("another harness", "[campaign]\n", base);
    EXPECT_THAT(repeats(calls), IsEmpty());
    const ExperimentId failed = tried(calls + "flush();", Verdict::regressed);
    ASSERT_EQ(repeats(calls).size(), 1U);
    EXPECT_EQ(repeats(calls).front().of, failed);
}

TEST_F(RepeatsTest, a_near_miss_is_there_to_be_taken_up) {
    const std::string declared = "int half = n / 2; int block = half;";
    const std::string renamed = "int middle = n / 2; int block = middle;";
    tried(declared, Verdict::inconclusive, 0.02);
    EXPECT_THAT(repeats(renamed), IsEmpty());
    EXPECT_EQ(repeats(declared + "  // again").size(), 1U);
    tried(declared, Verdict::inconclusive, -0.02);
    EXPECT_EQ(repeats(renamed).size(), 1U);
}

TEST_F(RepeatsTest, what_is_the_same_comes_before_what_is_near) {
    const ExperimentId same = tried("int half = n / 2; int block = half;", Verdict::regressed);
    tried("int middle = n / 2; int block = middle;", Verdict::regressed);
    const auto found = repeats("int half = n / 2;  int block = half;");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found.front().of, same);
    EXPECT_EQ(found.back().likeness, Likeness::near);
}

TEST_F(RepeatsTest, what_was_rejected_as_a_duplicate_does_not_hide_the_failure) {
    const ExperimentId failed = tried("int block = 64;", Verdict::regressed);
    for (int i = 0; i < 300; ++i) {
        Proposal again = proposal();
        again.diff = patch("src/matmul.cpp", "int block = 8;", "int block = 64;");
        Decision duplicate = decision(Verdict::rejected);
        duplicate.duplicate_of = failed;
        ledger.finish(candidate(base, again), duplicate, base);
    }
    ASSERT_EQ(repeats("int block = 64;").size(), 1U);
    EXPECT_EQ(repeats("int block = 64;").front().of, failed);
}

Returned returned_as(ExperimentId earlier) {
    Returned returned;
    returned.diff = patch("a", "1", "2");
    returned.notes.hypothesis = "an idea";
    returned.notes.next_ideas = {"one", "two"};
    returned.usage = {1, 20, 30, 0.5, 2.5};
    returned.failure = "it failed";
    returned.duplicate_of = earlier;
    returned.likeness = Likeness::near;
    returned.told = "it was tried";
    returned.at = Timestamp(std::chrono::seconds(1'800'000'002));
    return returned;
}

TEST_F(RepeatsTest, an_answer_that_was_given_back_is_read_as_it_was_stored) {
    const ExperimentId failed = tried("int block = 64;", Verdict::regressed);
    const ExperimentId id = begin();
    ledger.store_returned(id, returned_as(failed));
    EXPECT_EQ(ledger.experiment(id)->returned, returned_as(failed));
    EXPECT_EQ(ledger.experiment(id)->stage, Stage::planned);
    EXPECT_EQ(ledger.unfinished().front().returned, returned_as(failed));
}

TEST_F(RepeatsTest, an_answer_is_given_back_once_and_before_the_proposal) {
    const ExperimentId failed = tried("int block = 64;", Verdict::regressed);
    const ExperimentId id = begin();
    ledger.store_returned(id, returned_as(failed));
    EXPECT_THROW(ledger.store_returned(id, returned_as(failed)), MachineryError);
    const ExperimentId proposed = candidate();
    EXPECT_THROW(ledger.store_returned(proposed, returned_as(failed)), MachineryError);
}

}  // namespace
}  // namespace ratchet::test
