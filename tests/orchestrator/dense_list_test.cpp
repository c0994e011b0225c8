#include "orchestrator/briefing/dense_list.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <numeric>

#include "orchestrator/briefing/safe_text.hpp"

namespace ratchet {
namespace {

using ::testing::ElementsAre;

std::vector<std::size_t> all_of(std::size_t count) {
    std::vector<std::size_t> all(count);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

struct Told {
    std::string numbers;
    std::string idea;
    std::string file;
};

std::vector<std::string> lines_of(const std::vector<Told>& all_told,
                                  const std::vector<FunctionRecord>& functions = {},
                                  std::size_t idea_bytes = 100) {
    std::vector<DenseItem> items;
    for (const Told& told : all_told)
        items.push_back({told.numbers, IdeaLine(told.idea), told.file});
    return DenseList(items, functions).lines(all_of(items.size()), idea_bytes);
}

FunctionRecord function(const std::string& path, const std::string& name) {
    FunctionRecord record;
    record.path = path;
    record.function = name;
    return record;
}

std::string few_words(const std::string& idea, std::size_t bytes,
                      const std::vector<std::string>& others = {}) {
    std::vector<std::string> ideas = others;
    ideas.push_back(idea);
    return FewWords(KeyWords(ideas).of_ideas().back()).text(bytes);
}

TEST(KeyWords, LeaveOutSmallWordsAndPunctuation) {
    EXPECT_EQ(few_words("Unroll the inner loop by 4, so that there is less overhead.", 100),
              "Unroll inner loop by 4 less overhead");
}

TEST(KeyWords, KeepNamesAndCodeAsTheyAre) {
    EXPECT_EQ(few_words("Call `parse_number()` with -O3 in src/a.cpp (not std::stod)", 100),
              "Call parse_number() with -O3 src/a.cpp not std::stod");
}

TEST(KeyWords, LeaveOutWhatManyIdeasSayBeforeWhatTellsThisOne) {
    const std::vector<std::string> others(7, "The profile shows the parser on top, so inline it");
    EXPECT_EQ(few_words("The profile shows the parser on top, so memoize the digits", 30, others),
              "profile shows memoize digits");
    EXPECT_EQ(few_words("The profile shows the parser on top, so memoize the digits", 15, others),
              "memoize digits");
}

TEST(KeyWords, LeaveOutNothingThatFits) {
    const std::vector<std::string> others(20, "split the loop");
    EXPECT_EQ(few_words("split the loop", 10, others), "split loop");
}

TEST(KeyWords, CutTheEndOffWhereNoWordIsCommon) {
    EXPECT_EQ(few_words("Replace the map by a sorted vector because lookups dominate", 24),
              "Replace map by sorted");
}

TEST(Numbers, OfARowAreTheFirstAndTheLast) {
    EXPECT_EQ(numbers_text({ExperimentId{3}, ExperimentId{9}, ExperimentId{10}, ExperimentId{12},
                            ExperimentId{13}, ExperimentId{14}, ExperimentId{15}}),
              "#3 #9 #10 #12 to #15");
}

TEST(DenseList, SaysEachPlaceOnce) {
    EXPECT_THAT(
        lines_of({{"#5", "unroll the loop", "src/a.cpp"},
                  {"#4!", "split the loop", "src/b.cpp"},
                  {"#3 #1-", "fuse both loops", "src/a.cpp"}}),
        ElementsAre("src/a.cpp: #5 unroll loop; #3 #1- fuse both loops", "src/b.cpp: #4! split loop"));
}

TEST(DenseList, PutsAnIdeaThatNamesAFunctionOfItsFileBelowIt) {
    EXPECT_THAT(lines_of({{"#5", "In parse_number, unroll the loop", "src/a.cpp"},
                          {"#4", "split Lexer::next() in two", "src/a.cpp"},
                          {"#3", "cache what parse_number in a.cpp returns", "src/a.cpp"},
                          {"#2", "call parse_number less", "src/b.cpp"}},
                         {function("src/a.cpp", "parse_number"), function("src/a.cpp", "Lexer::next")}),
                ElementsAre("src/a.cpp:", " parse_number: #5 unroll loop; #3 cache what returns",
                            " Lexer::next: #4 split two", "src/b.cpp: #2 call parse_number less"));
}

TEST(DenseList, TakesNoWordOfASentenceForAFunction) {
    EXPECT_THAT(lines_of({{"#5", "add a cache", "src/a.cpp"}}, {function("src/a.cpp", "add")}),
                ElementsAre("src/a.cpp: #5 add cache"));
}

TEST(DenseList, LetsNoIdeaSeparateOrNumberItself) {
    EXPECT_THAT(lines_of({{"#5", "#7; #8 kept | ```\n## Rules", ""}}),
                ElementsAre("(no file): #5 7 8 kept Rules"));
}

DenseItem any_item(int number) {
    const std::string idea = *rc::gen::oneOf(
        rc::gen::arbitrary<std::string>(), rc::gen::map(rc::gen::inRange(0, 99), [](int value) {
            return fmt::format("unroll the loop in f_{} by {}", value % 7, value);
        }));
    const std::string file = fmt::format("src/{}.cpp", *rc::gen::inRange(0, 4));
    return {fmt::format("#{}", number), IdeaLine(idea), file};
}

RC_GTEST_PROP(DenseListProperty, TellsEachThatFitsOnceAndTakesNoMoreRoom, ()) {
    std::vector<DenseItem> items;
    const int count = *rc::gen::inRange(0, 30);
    for (int number = 1; number <= count; ++number)
        items.push_back(any_item(number));
    const auto idea_bytes = *rc::gen::inRange<std::size_t>(3, 60);
    const auto room = *rc::gen::inRange<std::size_t>(0, 2000);
    DenseList list(items, {function("src/1.cpp", "f_1"), function("src/1.cpp", "f_2")});
    std::vector<std::size_t> order = all_of(items.size());
    order.resize(list.fitting(order, idea_bytes, room));
    std::string text = "\n";
    for (const std::string& line : list.lines(order, idea_bytes)) {
        RC_ASSERT(many_lines(line) == line);
        text += line + '\n';
    }
    RC_ASSERT(text.size() - 1 <= room);
    for (std::size_t item = 0; item < items.size(); ++item) {
        const bool is_there = text.find(": " + items[item].numbers + ' ') != std::string::npos ||
                              text.find("; " + items[item].numbers + ' ') != std::string::npos ||
                              text.find(": " + items[item].numbers + ';') != std::string::npos ||
                              text.find("; " + items[item].numbers + ';') != std::string::npos ||
                              text.find(": " + items[item].numbers + '\n') != std::string::npos ||
                              text.find("; " + items[item].numbers + '\n') != std::string::npos;
        RC_ASSERT(is_there == (item < order.size()));
    }
}

RC_GTEST_PROP(KeyWordsProperty, AreNeverLongerThanTheirRoom, (const std::vector<std::string>& ideas)) {
    const auto bytes = *rc::gen::inRange<std::size_t>(0, 60);
    std::vector<std::string> lines;
    for (const std::string& idea : ideas)
        lines.push_back(prompt_line(idea, 200));
    const KeyWords key_words(lines);
    for (const std::vector<KeyWord>& words : key_words.of_ideas()) {
        const FewWords few(words);
        const std::string text = few.text(bytes);
        RC_ASSERT(text.size() <= few.bytes(bytes));
        RC_ASSERT(few.bytes(bytes) <= bytes);
        RC_ASSERT(text.find_first_of(";|") == std::string::npos);
    }
}

}  // namespace
}  // namespace ratchet
