#include "orchestrator/views/lookup_views.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "orchestrator/briefing/safe_text.hpp"
#include "tests/orchestrator/golden.hpp"
#include "tests/orchestrator/recorded_ledger.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;

class LookupViews : public ::testing::Test {
  protected:
    LookupViews() { record_a_night(recorded); }

    TriedWhere map(std::size_t limit = 40) {
        return tried_where(recorded.ledger(),
                           {"src/matmul.cpp", "src/new.cpp", "src/prefetch.cpp", "src/z.cpp"}, limit);
    }
    Family family(int number) { return family_of(recorded.ledger(), ExperimentId{number}).value(); }
    std::string family_shown(int number) { return family_text(family(number), Scale::ratio, {}); }

    RecordedLedger recorded;
};

void expect_width(const std::string& text, std::size_t columns) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(columns_of(line), columns) << line;
}

TEST_F(LookupViews, MapOfANight) {
    const std::string text = map_text(map(), Scale::ratio, {});
    expect_width(text, 80);
    expect_golden("map_night.txt", text);
}

TEST_F(LookupViews, MapSaysWhatItDoesNotShow) {
    const std::string text = map_text(map(1), Scale::ratio, {});
    EXPECT_THAT(text, HasSubstr("… and 1 files with fewer attempts; --limit N shows more\n"));
    EXPECT_THAT(text, HasSubstr("In scope, and touched by nobody (2):\n  src/new.cpp\n  … and 1 more\n"));
}

TEST(LookupViewsOfAnEmptyLedger, SaySo) {
    RecordedLedger recorded;
    EXPECT_EQ(map_text(tried_where(recorded.ledger(), {}, 5), Scale::ratio, {}),
              "No file was touched yet.\n");
    EXPECT_EQ(ideas_text({}, {}), "No proposal has left an idea yet.\n");
    EXPECT_FALSE(family_of(recorded.ledger(), {1}));
    EXPECT_FALSE(neighbours_of(recorded.ledger(), {1}, 5));
}

TEST_F(LookupViews, MapAsJsonHasTheSameKeysWhateverIsKnown) {
    for (const auto& json : {map_json(map()), map_json({})}) {
        EXPECT_EQ(json.size(), 5U);
        for (const char* key : {"files", "functions", "files_in_all", "untouched", "untouched_in_all"})
            EXPECT_TRUE(json.contains(key)) << key;
    }
    recorded.record({.verdict = Verdict::gate_failed, .file = "src/broken.cpp"});
    const auto files = map_json(map())["files"];
    const auto broken = std::find_if(files.begin(), files.end(),
                                     [](const auto& file) { return file["path"] == "src/broken.cpp"; });
    ASSERT_NE(broken, files.end());
    EXPECT_TRUE((*broken)["best_effect"].is_null());
}

TEST_F(LookupViews, IdeasOfANight) {
    const std::string text = ideas_text(recorded.ledger().ideas(10), {});
    expect_width(text, 80);
    expect_golden("ideas_night.txt", text);
    EXPECT_EQ(ideas_json(recorded.ledger().ideas(1))[0]["from"], 12);
}

TEST_F(LookupViews, FamilyOfAKeptOne) {
    Decision twin;
    twin.verdict = Verdict::rejected;
    twin.rejection = Rejection::duplicate;
    twin.duplicate_of = ExperimentId{7};
    twin.reason = "the same patch as #7 (kept)";
    recorded.ledger().finish(recorded.begin(), twin, recorded.ledger().champion().commit);
    Replay replay;
    replay.experiment = ExperimentId{7};
    replay.epoch = 1;
    replay.decision.verdict = Verdict::kept;
    replay.decision.effect = Interval{0.3, 0.33, 0.36};
    replay.at = Timestamp(std::chrono::milliseconds(1'740'900'000'000));
    recorded.ledger().add_replay(replay);
    const std::string text = family_shown(7);
    expect_width(text, 80);
    expect_golden("family_kept.txt", text);
}

TEST_F(LookupViews, FamilyOfTheFirstOneStandsOnTheBase) {
    const Family first = family(1);
    EXPECT_TRUE(first.ancestors.empty());
    EXPECT_TRUE(first.reaches_base);
    EXPECT_EQ(first.descendants_in_all, 0);
    EXPECT_THAT(family_text(first, Scale::ratio, {}), HasSubstr("base "));
}

TEST_F(LookupViews, FamilyIsBoundedWhateverStandsOnIt) {
    for (int i = 0; i < 40; ++i)
        recorded.record({.idea = "try " + std::to_string(i)});
    const Family kept = family(7);
    EXPECT_EQ(kept.descendants.size(), 20U);
    EXPECT_GT(kept.descendants_in_all, 40);
    EXPECT_EQ(kept.descendants.front().id, ExperimentId{9}) << "what was kept once comes first";
    EXPECT_THAT(family_shown(7), HasSubstr("more\n"));
}

TEST_F(LookupViews, NeighboursComeNearestFirstAndWithoutItself) {
    recorded.record({.idea = "one", .diff = "@@ -1 +1 @@\n-a b c d e f\n+g h i j k l\n"});
    recorded.record({.idea = "two", .diff = "@@ -1 +1 @@\n-a b c d e f\n+g h i j k l\n"});
    const auto neighbours = neighbours_of(recorded.ledger(), {13}, 5).value();
    ASSERT_EQ(neighbours.size(), 1U);
    EXPECT_EQ(neighbours.front().experiment.id, ExperimentId{14});
    EXPECT_EQ(neighbours_text(neighbours, Scale::ratio, {}), " 0 bits  #14 no-gain | two\n");
    EXPECT_EQ(neighbours_json(neighbours)[0]["distance"], 0);
    EXPECT_TRUE(neighbours_of(recorded.ledger(), {8}, 5)->empty()) << "it changed nothing";
}

TEST_F(LookupViews, FamilyAsJsonHasTheSameKeysWhateverIsKnown) {
    for (const int number : {1, 7, 8}) {
        const auto json = family_json(family(number));
        EXPECT_EQ(json.size(), 9U);
        EXPECT_EQ(json["experiment"], number);
        for (const char* key : {"ancestors", "descendants", "duplicates", "near", "replays"})
            EXPECT_TRUE(json[key].is_array()) << key;
    }
}

TEST_F(LookupViews, HostileTextNeverReachesTheTerminal) {
    const std::string hostile = "x\x1b[2J\x1b]0;title\a\u202e\r\b" + std::string(500, 'A');
    const ExperimentId id = recorded.record({.verdict = Verdict::kept,
                                             .idea = hostile,
                                             .file = hostile,
                                             .effect = 0.1,
                                             .reason = hostile,
                                             .next_ideas = {hostile}});
    recorded.record({.idea = hostile, .file = hostile});
    const std::string all = map_text(tried_where(recorded.ledger(), {hostile + "2"}, 9), Scale::ratio, {}) +
                            ideas_text(recorded.ledger().ideas(10), {}) +
                            family_shown(static_cast<int>(id.value));
    EXPECT_EQ(many_lines(all), all) << "nothing is left to be made safe";
    expect_width(all, 100);
}

}  // namespace
}  // namespace ratchet
