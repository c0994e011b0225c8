#include <fmt/format.h>
#include <gmock/gmock.h>

#include "ledger_fixture.hpp"

// What becomes of the ideas that proposals leave.

namespace ratchet::test {
namespace {

using ::testing::ElementsAre;

class IdeasTest : public LedgerTest {
  protected:
    ExperimentId tried(const std::string& hypothesis, const std::vector<std::string>& next_ideas = {},
                       Verdict verdict = Verdict::no_gain) {
        Proposal proposed = proposal(hypothesis);
        proposed.notes.next_ideas = next_ideas;
        return finished(verdict, base, proposed);
    }

    /// "#1 text", "#1 text: tried as #2, no-gain".
    std::vector<std::string> told(int limit = 100) {
        std::vector<std::string> lines;
        for (const IdeaFate& idea : ledger.ideas(limit)) {
            std::string line = fmt::format("#{} {}", idea.from.value, idea.text);
            if (idea.times > 1) line += fmt::format(" x{}", idea.times);
            if (idea.tried_as)
                line += fmt::format(": tried as #{}, {}", idea.tried_as->value, name_of(*idea.verdict));
            lines.push_back(line);
        }
        return lines;
    }
};

TEST_F(IdeasTest, knows_who_tried_an_idea_in_other_words) {
    tried("swap the loops", {"Block the loops for the cache", "Prefetch the next row of b"});
    EXPECT_THAT(told(), ElementsAre("#1 Prefetch the next row of b", "#1 Block the loops for the cache"));
    tried("Blocking of the loops, so that they fit the cache", {}, Verdict::regressed);
    EXPECT_THAT(told(), ElementsAre("#1 Prefetch the next row of b",
                                    "#1 Block the loops for the cache: tried as #2, regressed"));
    EXPECT_EQ(told(1).size(), 1U);
}

TEST_F(IdeasTest, knows_an_idea_that_was_tried_long_before_it_was_left) {
    tried("Prefetch the next row of b");
    for (int i = 0; i < 300; ++i)
        tried(fmt::format("Something quite different with part {} of module {}", i, i * 7));
    tried("swap the loops", {"prefetching the next rows of b"});
    EXPECT_THAT(told(), ElementsAre("#302 prefetching the next rows of b: tried as #1, no-gain"));
}

/// Beyond the newest experiments, in which common words are looked for.
TEST_F(IdeasTest, knows_by_a_rare_word_what_was_long_ago) {
    tried("Marmot rows", {"Okapi rows"});
    constexpr int beyond = 2100;
    for (int i = 0; i < beyond; ++i)
        tried("Copy the rows", {"Sort the rows"});
    tried("Okapi rows", {"Marmot rows"});
    EXPECT_THAT(told(), ElementsAre("#2101 Sort the rows x2100", "#2102 Marmot rows: tried as #1, no-gain",
                                    "#1 Okapi rows: tried as #2102, no-gain"));
}

TEST_F(IdeasTest, calls_no_idea_tried_that_was_never_run) {
    tried("swap the loops", {"Block the loops for the cache"});
    tried("Block the loops for the cache", {}, Verdict::rejected);
    EXPECT_THAT(told(), ElementsAre("#1 Block the loops for the cache"));
}

TEST_F(IdeasTest, knows_who_tried_an_idea_as_it_was_left_last) {
    tried("swap the loops", {"Hoist the bounds check out of the inner loop"});
    tried("transpose b first", {"Hoist the bounds check out of the hot loop"});
    tried("Hoist bounds check, hot loop");
    EXPECT_THAT(told(),
                ElementsAre("#2 Hoist the bounds check out of the hot loop x2: tried as #3, no-gain"));
}

TEST_F(IdeasTest, tells_an_idea_once_that_is_left_again_and_again) {
    tried("swap the loops", {"Block the loops for the cache"});
    tried("unroll the loops by four", {"Hoist the bounds check out of the inner loop"});
    tried("transpose b first", {"block the loops for caches"});
    EXPECT_THAT(told(), ElementsAre("#3 block the loops for caches x2",
                                    "#2 Hoist the bounds check out of the inner loop"));
    tried("block loops for the caches");
    EXPECT_THAT(told(), ElementsAre("#2 Hoist the bounds check out of the inner loop",
                                    "#3 block the loops for caches x2: tried as #4, no-gain"));
}

TEST_F(IdeasTest, reads_vetoed_where_the_trial_was_taken_back) {
    tried("swap the loops", {"Block the loops for the cache"});
    tried("Block the loops for the cache", {}, Verdict::kept);
    ledger.veto({2}, "");
    EXPECT_THAT(told(), ElementsAre("#1 Block the loops for the cache: tried as #2, vetoed"));
}

TEST_F(IdeasTest, takes_ideas_without_words_and_of_any_bytes) {
    tried("swap the loops", {"...", "\xff\xfe\" OR * (", ""});
    tried("\xff\xfe\" OR * (");
    EXPECT_EQ(told().size(), 3U);
}

}  // namespace
}  // namespace ratchet::test
