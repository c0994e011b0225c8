#include "orchestrator/briefing/shares.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>

namespace ratchet {
namespace {

using ::testing::ElementsAre;

/// A part that is a list: as many whole lines of this length as fit.
PromptPart lines(std::size_t share, std::size_t length, std::size_t count) {
    return {share,
            [=](std::size_t room) { return std::string(std::min(room / length, count) * length, 'x'); }};
}

std::vector<std::size_t> sizes(const std::vector<std::string>& texts) {
    std::vector<std::size_t> result;
    for (const std::string& text : texts)
        result.push_back(text.size());
    return result;
}

TEST(WriteParts, WritesAllThatFits) {
    EXPECT_THAT(sizes(write_parts({lines(90, 10, 2), lines(10, 10, 7)}, 100, 0)), ElementsAre(20, 70));
}

TEST(WriteParts, GivesEachPartItsShareAndTheRestToTheFirst) {
    EXPECT_THAT(sizes(write_parts({lines(30, 1, 500), lines(30, 1, 10), lines(40, 1, 500)}, 100, 2)),
                ElementsAre(29, 10, 58));
}

TEST(WriteParts, GivesWhatAPartCannotUseToTheNext) {
    // The second has 3 bytes too little for a line; the first takes them.
    EXPECT_THAT(sizes(write_parts({lines(50, 1, 500), lines(50, 47, 5)}, 100, 1)), ElementsAre(51, 47));
}

TEST(WriteParts, DropsNoPartWhileThereIsRoomForIt) {
    // A line of the first is longer than its share: it comes before the second takes more.
    EXPECT_THAT(sizes(write_parts({lines(10, 30, 1), lines(20, 1, 500)}, 100, 1)), ElementsAre(30, 68));
}

TEST(WriteParts, AsksAPartAgainOnlyForMoreRoom) {
    std::vector<std::size_t> rooms;
    const PromptPart counted = {50, [&](std::size_t room) {
                                    rooms.push_back(room);
                                    return std::string(room, 'x');
                                }};
    write_parts({lines(20, 1, 5), counted, lines(30, 1, 500)}, 100, 1);
    // All there is, its share, and what the others left.
    EXPECT_THAT(rooms, ElementsAre(100, 49, 63));
}

RC_GTEST_PROP(WritePartsProperty, WastesNothingAndStarvesNobody, ()) {
    std::vector<PromptPart> parts;
    const auto count = *rc::gen::inRange<std::size_t>(1, 9);
    for (std::size_t i = 0; i < count; ++i) {
        parts.push_back(lines(100 / count, *rc::gen::inRange<std::size_t>(1, 300),
                              *rc::gen::inRange<std::size_t>(0, 40)));
    }
    const auto limit = *rc::gen::inRange<std::size_t>(0, 4000);
    const std::vector<std::string> texts =
        write_parts(parts, limit, *rc::gen::inRange<std::size_t>(0, count));
    const auto cost = [](const std::string& text) { return text.empty() ? 0 : text.size() + 1; };
    const std::size_t used =
        std::accumulate(texts.begin(), texts.end(), std::size_t{0},
                        [&](std::size_t sum, const std::string& text) { return sum + cost(text); });
    RC_ASSERT(used <= limit);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t could_have = limit - used + cost(texts[i]);
        if (could_have > 1) RC_ASSERT(parts[i].write(could_have - 1).size() <= texts[i].size());
        const std::size_t share = limit * parts[i].share / 100;
        if (share > 1) RC_ASSERT(parts[i].write(share - 1).size() <= texts[i].size());
    }
}

}  // namespace
}  // namespace ratchet
