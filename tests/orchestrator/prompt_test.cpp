#include "orchestrator/briefing/prompt.hpp"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <regex>
#include <set>
#include <sstream>

#include "orchestrator/briefing/digest.hpp"
#include "orchestrator/briefing/policy.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "tests/orchestrator/golden.hpp"
#include "tests/orchestrator/recorded_ledger.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string prompt_of(RecordedLedger& recorded, std::size_t limit = default_prompt_bytes) {
    return write_prompt(recorded.campaign(), recorded.ledger(), plan(recorded.campaign(), recorded.ledger()),
                        limit);
}

/// How many failures the prompt says it does not show.
std::int64_t not_shown(const std::string& prompt) {
    static const std::regex words("([0-9]+) more failures are not shown; `ratchet log`");
    std::smatch match;
    return std::regex_search(prompt, match, words) ? std::stoll(match[1]) : 0;
}

/// The numbers in a text like "#3 #9 to #12".
std::set<std::int64_t> numbers_with_ranges(const std::string& text) {
    std::set<std::int64_t> numbers;
    static const std::regex number("#([0-9]+)(?: to #([0-9]+))?");
    for (std::sregex_iterator at(text.begin(), text.end(), number), end; at != end; ++at) {
        const std::int64_t first = std::stoll((*at)[1]);
        const std::int64_t last = (*at)[2].matched ? std::stoll((*at)[2]) : first;
        for (std::int64_t each = first; each <= last; ++each)
            numbers.insert(each);
    }
    return numbers;
}

/// "src/a.cpp: #3 #9 to #12! idea; #4 idea": the numbers before each idea.
void add_dense_line(const std::string& line, std::set<std::int64_t>& numbers) {
    static const std::regex item("[:;] ((?:#[0-9]+(?: to)? ?)+)");
    for (std::sregex_iterator at(line.begin(), line.end(), item), end; at != end; ++at)
        numbers.merge(numbers_with_ranges((*at)[1]));
}

/// The numbers that the part on failures stands for; `has_part` says whether it is there.
std::set<std::int64_t> failures_told(const std::string& prompt, bool& has_part) {
    std::set<std::int64_t> numbers;
    const std::size_t start = prompt.find("## What was tried and did not work\n");
    has_part = start != std::string::npos;
    if (!has_part) return numbers;
    std::istringstream lines(prompt.substr(start, prompt.find("\n## ", start) - start));
    bool is_dense = false;
    for (std::string line; std::getline(lines, line);) {
        is_dense = is_dense || line.starts_with("The rest in key words");
        if (is_dense) add_dense_line(line, numbers);
        // "#9 gate-failed (tried 2 times: #3 #9) | idea | …": all numbers before the idea.
        else if (line.starts_with("#"))
            numbers.merge(numbers_with_ranges(line.substr(0, line.find(" | "))));
    }
    return numbers;
}

bool is_failure(Verdict verdict) {
    return verdict != Verdict::kept && verdict != Verdict::interrupted;
}

TEST(GoldenPrompt, OfAnEmptyLedger) {
    RecordedLedger recorded;
    expect_golden("prompt_0.md", prompt_of(recorded));
}

TEST(GoldenPrompt, OfOneExperiment) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::no_gain,
                     .idea = "Mark the pointers as restrict",
                     .effect = -0.002,
                     .reason = "gains less than 0.5%"});
    expect_golden("prompt_1.md", prompt_of(recorded));
}

TEST(GoldenPrompt, OfANight) {
    RecordedLedger recorded;
    record_a_night(recorded);
    expect_golden("prompt_12.md", prompt_of(recorded));
}

TEST(GoldenPrompt, OfThreeHundredExperiments) {
    RecordedLedger recorded;
    record_many(recorded, 300);
    const std::string prompt = prompt_of(recorded);
    EXPECT_LE(prompt.size(), default_prompt_bytes);
    expect_golden("prompt_300.md", prompt);
}

TEST(Prompt, IsTheSameForTheSameLedger) {
    RecordedLedger recorded;
    record_a_night(recorded);
    EXPECT_EQ(prompt_of(recorded), prompt_of(recorded));
}

TEST(Prompt, NeverMentionsTheHoldout) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::kept, .idea = "good", .effect = 0.1});
    recorded.record({.verdict = Verdict::holdout_failed,
                     .idea = "good for one input only",
                     .effect = 0.2,
                     .reason = "better on the benchmark, worse on the held-out one"});
    const std::string prompt = prompt_of(recorded);
    EXPECT_THAT(prompt, HasSubstr("#2 inconclusive | good for one input only | the gain was not confirmed"));
    EXPECT_THAT(prompt, HasSubstr("(1 kept, 1 inconclusive)"));
    EXPECT_THAT(prompt, Not(HasSubstr("held-out")));
    EXPECT_THAT(prompt, Not(HasSubstr("secret")));
    EXPECT_THAT(prompt, Not(HasSubstr("holdout")));
}

TEST(Prompt, SaysHowSmallAGainCanBeSeen) {
    RecordedLedger recorded;
    CalibrationRecord record;
    record.epoch = 1;
    record.champion = recorded.ledger().champion().commit;
    for (int i = 0; i < 20; ++i)
        record.differences.push_back(0.02 * (i % 5 - 2));
    record.champion_value = 8.31;
    record.run_seconds = 1;
    recorded.ledger().add_calibration(record);
    const std::string prompt = prompt_of(recorded);
    EXPECT_THAT(prompt, HasSubstr("can hardly be told from noise"));
    EXPECT_THAT(prompt, HasSubstr("the champion's time_ms here: 8.31 ms"));
}

TEST(Prompt, SaysThatOneRunOfADeterministicMetricDecides) {
    RecordedLedger recorded;
    CalibrationRecord record;
    record.epoch = 1;
    record.deterministic = true;
    record.champion = recorded.ledger().champion().commit;
    recorded.ledger().add_calibration(record);
    EXPECT_THAT(prompt_of(recorded), HasSubstr("the same in every run"));
}

TEST(Prompt, FoldsTheSameIdeaIntoOneLine) {
    RecordedLedger recorded;
    for (int i = 0; i < 3; ++i) {
        recorded.record({.verdict = Verdict::gate_failed,
                         .idea = fmt::format("Use {} single precision!", i % 2 == 0 ? "the" : "The")});
        recorded.record({.verdict = Verdict::regressed, .idea = fmt::format("Something else, number {}", i)});
    }
    EXPECT_THAT(prompt_of(recorded), HasSubstr("(tried 3 times: #1 #3 #5)"));
}

TEST(Prompt, FoldsNearlyTheSameDiffIntoOneLine) {
    RecordedLedger recorded;
    const std::string diff =
        "diff --git a/src/a.cpp b/src/a.cpp\n@@ -1 +1,2 @@\n+int answer = compute(42) + 1;\n";
    recorded.record({.verdict = Verdict::gate_failed, .idea = "first words for it", .diff = diff});
    recorded.record({.verdict = Verdict::gate_failed, .idea = "quite another story told", .diff = diff});
    EXPECT_THAT(prompt_of(recorded), HasSubstr("(tried 2 times: #1 #2)"));
}

TEST(Prompt, DoesNotFoldProposalsThatSaidNothing) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::gate_failed, .file = "src/one/file.cpp"});
    recorded.record({.verdict = Verdict::gate_failed, .file = "src/one/file.cpp"});
    EXPECT_THAT(prompt_of(recorded), Not(HasSubstr("tried 2 times")));
}

TEST(Prompt, TellsNearMissesFirst) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::inconclusive, .idea = "nearly there it is", .effect = 0.01});
    for (int i = 0; i < 9; ++i)
        recorded.record({.verdict = Verdict::gate_failed, .idea = fmt::format("broken thing {}", i)});
    const std::string prompt = prompt_of(recorded);
    EXPECT_LT(prompt.find("nearly there it is"), prompt.find("broken thing 8"));
}

TEST(Prompt, TellsTheRestInKeyWordsBelowTheirPlaceWhereThereAreMany) {
    RecordedLedger recorded;
    for (int i = 0; i < 120; ++i) {
        recorded.record({.verdict = i % 2 == 0 ? Verdict::gate_failed : Verdict::no_gain,
                         .idea = fmt::format("Unroll the loop in parse_number by {}, which is the hottest of "
                                             "all that the profile shows on this machine",
                                             i),
                         .file = "src/parser.cpp",
                         .reason = std::string(150, 'r'),
                         .functions = "parse_number"});
    }
    const std::string prompt = prompt_of(recorded, 16000);
    EXPECT_THAT(prompt, HasSubstr("src/parser.cpp:\n parse_number: #"));
    EXPECT_THAT(prompt, HasSubstr("; #3! Unroll loop by 2 "));
    EXPECT_EQ(not_shown(prompt), 0);
    bool has_part = false;
    EXPECT_EQ(failures_told(prompt, has_part).size(), 120U);
}

TEST(Prompt, TellsTheSmallStepsInKeyWordsWhereThereAreMany) {
    RecordedLedger recorded;
    for (int i = 0; i < 40; ++i) {
        recorded.record({.verdict = Verdict::kept,
                         .idea = fmt::format("Inline the helper number {}, which is called in each loop", i),
                         .effect = 0.01 + i / 1000.0,
                         .reason = "better, confirmed on fresh pairs"});
    }
    const DigestFacts facts = recall_facts(recorded.ledger(), {});
    const std::string part = prepare_what_worked(recorded.campaign(), facts)(2700);
    EXPECT_THAT(part, HasSubstr("\n#40 +5.0% (+4.0% to +6.1%) | Inline the helper number 39, which"));
    EXPECT_THAT(part, HasSubstr("; #3 +1.2% Inline helper number 2"));
    EXPECT_THAT(part, Not(HasSubstr("more steps are not shown")));
}

TEST(Prompt, TellsWhatPeopleSaidAndUnusedIdeas) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::gate_failed,
                     .idea = "this was tried already",
                     .next_ideas = {"this was tried already", "this was not tried"}});
    recorded.ledger().add_note("Keep it portable.");
    const std::string prompt = prompt_of(recorded);
    EXPECT_THAT(prompt, HasSubstr("- Keep it portable."));
    EXPECT_THAT(prompt, HasSubstr("from #1 | this was not tried"));
    EXPECT_THAT(prompt, Not(HasSubstr("from #1 | this was tried already")));
}

TEST(Prompt, TellsUnusedIdeasBeforeThoseThatWereTried) {
    RecordedLedger recorded;
    recorded.record({.idea = "swap the loops",
                     .next_ideas = {"prefetch the next row of b", "block the loops for the cache"}});
    recorded.record({.verdict = Verdict::regressed, .idea = "Blocking the loops for the caches"});
    const std::string prompt = prompt_of(recorded);
    EXPECT_THAT(prompt, HasSubstr("from #1 | prefetch the next row of b\n"
                                  "from #1, tried as #2, regressed | block the loops for the cache\n"));
}

TEST(Prompt, TellsNoIdeaThatItWasHeldOut) {
    RecordedLedger recorded;
    recorded.record({.idea = "swap the loops", .next_ideas = {"block the loops for the cache"}});
    recorded.record({.verdict = Verdict::holdout_failed,
                     .idea = "Block the loops for the cache",
                     .effect = 0.2,
                     .reason = "better on the benchmark, worse on the held-out one"});
    const std::string prompt = prompt_of(recorded);
    EXPECT_THAT(prompt, HasSubstr("tried as #2, inconclusive"));
    EXPECT_THAT(prompt, Not(HasSubstr("held-out")));
    EXPECT_THAT(prompt, Not(HasSubstr("+22"))) << "the figure that it won by";
}

TEST(Prompt, SaysWhereTheCodeThatAFailureTouchedWasChangedSince) {
    RecordedLedger recorded;
    recorded.record({.idea = "one way to do it", .functions = "multiply"});
    recorded.record({.idea = "another way to do it", .functions = "add"});
    recorded.record({.verdict = Verdict::kept, .idea = "rewrite it", .effect = 0.1, .functions = "multiply"});
    const std::string prompt = prompt_of(recorded);
    EXPECT_THAT(
        prompt,
        HasSubstr("one way to do it |  | src/matmul.cpp | the code it touched was changed since by #3\n"));
    EXPECT_THAT(prompt, HasSubstr("another way to do it |  | src/matmul.cpp\n"));
}

TEST(Prompt, MapsFunctionsBelowTheirFile) {
    RecordedLedger recorded;
    recorded.record({.idea = "one way", .effect = 0.001, .functions = "multiply, Matrix::add"});
    recorded.record({.idea = "two ways", .effect = 0.003, .functions = "multiply"});
    EXPECT_THAT(prompt_of(recorded), HasSubstr("src/matmul.cpp: attempts 2, kept 0, failed 2, best +0.30%\n"
                                               "  multiply: attempts 2, kept 0, failed 2, best +0.30%\n"
                                               "  Matrix::add: attempts 1, kept 0, failed 1, best +0.10%\n"));
}

TEST(Prompt, LeavesFunctionsOutBeforeFiles) {
    RecordedLedger recorded;
    for (int i = 0; i < 30; ++i) {
        recorded.record(
            {.idea = fmt::format("idea number {}", i),
             .file = fmt::format("src/a_file_with_a_name_{}.cpp", i),
             .functions = fmt::format("a_function_with_a_name_{0}, b_function_with_a_name_{0}", i)});
    }
    const std::string prompt = prompt_of(recorded, 12000);
    for (int i = 0; i < 30; ++i)
        EXPECT_THAT(prompt, HasSubstr(fmt::format("\nsrc/a_file_with_a_name_{}.cpp: ", i)));
}

TEST(Prompt, SaysWhatATrapHasInCommon) {
    RecordedLedger recorded;
    for (int i = 0; i < 3; ++i) {
        recorded.record({.verdict = Verdict::gate_failed,
                         .idea = fmt::format("change the corner in way {}", i),
                         .output = "test_corner failed",
                         .functions = "corner"});
        recorded.record({.idea = fmt::format("change the middle in way {}", i), .functions = "middle"});
    }
    EXPECT_THAT(prompt_of(recorded),
                HasSubstr("3 times, gate unit tests (last in #5): test_corner failed | each of them touched "
                          "src/matmul.cpp corner, which 3 experiments touched in all\n"));
}

TEST(Prompt, TellsTheKindOfMoveWhereItWasNotToExplore) {
    RecordedLedger recorded;
    recorded.record({.idea = "once more, with feeling", .move = Move::exploit});
    EXPECT_THAT(prompt_of(recorded), HasSubstr("#1 no-gain (exploit) | once more, with feeling"));
}

TEST(Prompt, SaysWhereALongGoalWasCutOff) {
    RecordedLedger recorded;
    for (int i = 0; i < 5000; ++i)
        recorded.campaign().goal += "\nAnd another wish.";
    const std::string prompt = prompt_of(recorded);
    EXPECT_LE(prompt.size(), default_prompt_bytes);
    EXPECT_THAT(prompt, HasSubstr("[shortened: the prompt has a size limit]"));
    EXPECT_THAT(prompt, HasSubstr(".ratchet-notes.json"));
    EXPECT_THAT(prompt, HasSubstr("You may change"));
}

TEST(Prompt, HasGoalAndBriefEvenWhenTheLimitIsSmall) {
    RecordedLedger recorded;
    record_many(recorded, 60);
    const std::string prompt = prompt_of(recorded, 2048);
    EXPECT_LE(prompt.size(), 2048U);
    EXPECT_THAT(prompt, HasSubstr("Make the multiplication faster"));
    EXPECT_THAT(prompt, HasSubstr("Kind of move"));
}

/// A random ledger: any verdicts, ideas that repeat, notes, and a limit from silly to ample.
Told any_experiment() {
    Told told;
    told.verdict =
        *rc::gen::element(Verdict::kept, Verdict::no_gain, Verdict::regressed, Verdict::inconclusive,
                          Verdict::gate_failed, Verdict::build_failed, Verdict::timed_out, Verdict::rejected,
                          Verdict::no_proposal, Verdict::no_gain, Verdict::regressed, Verdict::gate_failed);
    told.idea =
        fmt::format("idea of {} {}", *rc::gen::element("inner", "outer", "cached"), *rc::gen::inRange(0, 40));
    if (*rc::gen::inRange(0, 6) == 0) told.idea = *rc::gen::arbitrary<std::string>();
    std::erase(told.idea, '\0');
    told.file = fmt::format("src/file_{}.cpp", *rc::gen::inRange(0, 5));
    told.reason = std::string(*rc::gen::inRange<std::size_t>(0, 200), 'r');
    if (told.verdict != Verdict::gate_failed) told.effect = *rc::gen::inRange(-50, 50) / 1000.0;
    if (*rc::gen::arbitrary<bool>()) told.functions = fmt::format("f{}, g", *rc::gen::inRange(0, 3));
    if (*rc::gen::inRange(0, 4) == 0) told.next_ideas = {fmt::format("try {}", *rc::gen::inRange(0, 9))};
    return told;
}

void record_any(RecordedLedger& recorded, int most) {
    const int count = *rc::gen::inRange(0, most);
    for (int i = 0; i < count; ++i)
        recorded.record(any_experiment());
    if (*rc::gen::arbitrary<bool>()) recorded.ledger().add_note(*rc::gen::string<std::string>());
}

RC_GTEST_PROP(PromptProperty, IsNeverLongerThanItsLimit, ()) {
    RecordedLedger recorded;
    record_any(recorded, 40);
    const auto limit =
        *rc::gen::oneOf(rc::gen::inRange<std::size_t>(0, 400), rc::gen::inRange<std::size_t>(0, 30000));
    RC_ASSERT(prompt_of(recorded, limit).size() <= limit);
}

RC_GTEST_PROP(PromptProperty, HoldsNothingButSafeText, ()) {
    RecordedLedger recorded;
    record_any(recorded, 25);
    const std::string prompt = prompt_of(recorded, *rc::gen::inRange<std::size_t>(0, 30000));
    RC_ASSERT(many_lines(prompt) == prompt);
}

RC_GTEST_PROP(PromptProperty, IsTheSameAfterARebuildOfTheLedger, ()) {
    RecordedLedger recorded;
    record_any(recorded, 40);
    const std::string prompt = prompt_of(recorded);
    RC_ASSERT(prompt_of(recorded) == prompt);
    recorded.ledger().rebuild();
    RC_ASSERT(prompt_of(recorded) == prompt);
}

RC_GTEST_PROP(PromptProperty, TellsEveryFailureOrSaysHowManyItDoesNot, ()) {
    RecordedLedger recorded;
    const int count = *rc::gen::inRange(0, 60);
    std::set<std::int64_t> since_champion;
    std::set<std::int64_t> failed;
    for (int i = 0; i < count; ++i) {
        const Told told = any_experiment();
        const ExperimentId id = recorded.record(told);
        if (told.verdict == Verdict::kept) since_champion.clear();
        if (!is_failure(told.verdict)) continue;
        since_champion.insert(id.value);
        failed.insert(id.value);
    }
    const auto limit =
        *rc::gen::oneOf(rc::gen::inRange<std::size_t>(0, 30000), rc::gen::inRange<std::size_t>(3000, 9000));
    const std::string prompt = prompt_of(recorded, limit);
    bool has_part = false;
    const std::set<std::int64_t> told = failures_told(prompt, has_part);
    RC_ASSERT(has_part || limit < 3000);
    if (!has_part) return;
    for (const std::int64_t number : told)
        RC_ASSERT(failed.contains(number));
    RC_ASSERT(static_cast<std::int64_t>(failed.size() - told.size()) == not_shown(prompt));
    RC_CLASSIFY(not_shown(prompt) > 0, "some are not shown");
    RC_CLASSIFY(prompt.find("The rest in key words") != std::string::npos, "some stand in the dense list");
    if (limit < 20000) return;
    for (const std::int64_t number : since_champion)
        RC_ASSERT(told.contains(number));
}

}  // namespace
}  // namespace ratchet
