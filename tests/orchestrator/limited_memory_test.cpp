#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "orchestrator/briefing/policy.hpp"
#include "orchestrator/briefing/prompt.hpp"
#include "tests/orchestrator/recorded_ledger.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string prompt_with(PromptMemory memory, RecordedLedger& recorded,
                        std::size_t limit = default_prompt_bytes) {
    recorded.campaign().proposer.memory = memory;
    return write_prompt(recorded.campaign(), recorded.ledger(), plan(recorded.campaign(), recorded.ledger()),
                        limit);
}

TEST(LimitedMemory, OfNoneTellsGoalRulesAndBriefOnly) {
    RecordedLedger recorded;
    record_a_night(recorded);
    const std::string prompt = prompt_with(PromptMemory::none, recorded);
    EXPECT_THAT(prompt, HasSubstr("Make the multiplication faster."));
    EXPECT_THAT(prompt, HasSubstr("\n\n## Your brief\n- Kind of move: explore"));
    EXPECT_THAT(prompt, Not(HasSubstr("what others tried before you")));
    EXPECT_THAT(prompt, Not(HasSubstr("#2")));
    EXPECT_THAT(prompt, Not(HasSubstr("precision")));
}

TEST(LimitedMemory, OfTheKeptTellsNoFailure) {
    RecordedLedger recorded;
    record_a_night(recorded);
    const std::string prompt = prompt_with(PromptMemory::kept, recorded);
    EXPECT_THAT(prompt, HasSubstr("| Block the loops for the cache | src/matmul.cpp\n"));
    EXPECT_THAT(prompt, HasSubstr("| Swap the loops so that the inner one walks along rows |"));
    EXPECT_THAT(prompt, Not(HasSubstr("Multiply in single precision")));
}

TEST(LimitedMemory, OfTheLastTwentyTellsThoseAndNoOthers) {
    RecordedLedger recorded;
    record_many(recorded, 50);
    const std::string prompt = prompt_with(PromptMemory::last_20, recorded);
    EXPECT_THAT(prompt, HasSubstr("\n#50 "));
    EXPECT_THAT(prompt, HasSubstr("\n#31 "));
    EXPECT_THAT(prompt, Not(HasSubstr("\n#30 ")));
    EXPECT_THAT(prompt, HasSubstr("#37 kept +2.2% ± 1% | Hoist the thread count in step 37 | "));
}

TEST(LimitedMemory, NeverMentionsTheHoldout) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::holdout_failed,
                     .idea = "good for one input only",
                     .effect = 0.2,
                     .reason = "better on the benchmark, worse on the held-out one"});
    const std::string prompt = prompt_with(PromptMemory::last_20, recorded);
    EXPECT_THAT(prompt, HasSubstr("#1 inconclusive | good for one input only | the gain was not confirmed"));
    EXPECT_THAT(prompt, Not(HasSubstr("held-out")));
}

TEST(LimitedMemory, LeavesTheProposerWhereItLikesToWork) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::inconclusive, .idea = "nearly good enough", .effect = 0.01});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::exploit);
    recorded.campaign().proposer.memory = PromptMemory::last_20;
    const Brief brief = plan(recorded.campaign(), recorded.ledger());
    EXPECT_EQ(brief.move, Move::explore);
    EXPECT_EQ(brief.focus, "");
}

RC_GTEST_PROP(LimitedMemory, IsNeverLongerThanItsLimit, ()) {
    static RecordedLedger recorded;
    if (recorded.ledger().experiment_count() == 0) record_many(recorded, 60);
    const auto memory = *rc::gen::element(PromptMemory::none, PromptMemory::kept, PromptMemory::last_20);
    const auto limit = *rc::gen::inRange<std::size_t>(0, 12'000);
    RC_ASSERT(prompt_with(memory, recorded, limit).size() <= limit);
}

}  // namespace
}  // namespace ratchet
