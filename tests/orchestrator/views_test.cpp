#include "orchestrator/views/views.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/json_rendering.hpp"
#include "tests/orchestrator/golden.hpp"
#include "tests/orchestrator/recorded_ledger.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Views : public ::testing::Test {
  protected:
    Views() { record_a_night(recorded); }

    std::vector<Summary> newest(int limit = 50) {
        SummaryQuery query;
        query.limit = limit;
        return recorded.ledger().summaries(query);
    }

    std::string show(int number, const Style& style = {}) {
        return show_text(*recorded.ledger().experiment(ExperimentId{number}), recorded.campaign(), "logs",
                         style);
    }

    void verify() {
        Verification verification;
        verification.base = recorded.ledger().identity()->base;
        verification.champion = recorded.ledger().champion().commit;
        verification.total = {1.2, 1.24, 1.28};
        verification.pairs = 20;
        recorded.ledger().add_verification(verification);
    }

    RecordedLedger recorded;
};

/// The widest line of a text.
std::size_t width_of_text(const std::string& text) {
    std::istringstream lines(text);
    std::string line;
    std::size_t widest = 0;
    while (std::getline(lines, line))
        widest = std::max(widest, columns_of(line));
    return widest;
}

TEST_F(Views, StatusOfANight) {
    recorded.ledger().end_session(recorded.ledger().begin_session("host", 1), "stopped by the user");
    recorded.begin();
    const std::string text = status_text(recorded.campaign(), recorded.ledger(), {});
    EXPECT_LE(width_of_text(text), 80U);
    expect_golden("status_night.txt", text);
}

TEST_F(Views, StatusSaysThatTheGainWasVerified) {
    verify();
    EXPECT_THAT(status_text(recorded.campaign(), recorded.ledger(), {}),
                HasSubstr("×3.46 (×3.32 to ×3.60), measured base against champion in 20 pairs"));
}

TEST_F(Views, StatusSaysThatWhatWasKeptWasVetoed) {
    while (recorded.ledger().champion().experiment)
        recorded.ledger().veto(*recorded.ledger().champion().experiment, "");
    EXPECT_THAT(status_text(recorded.campaign(), recorded.ledger(), {}),
                HasSubstr("the base: what was kept was vetoed"));
}

TEST(StatusView, OfANewCampaign) {
    RecordedLedger recorded;
    expect_golden("status_new.txt", status_text(recorded.campaign(), recorded.ledger(), {}));
}

TEST_F(Views, StatusAsJsonHasEveryVerdict) {
    const auto json = status_json(recorded.campaign(), recorded.ledger());
    EXPECT_EQ(json["verdicts"].size(), Names<Verdict>::names.size());
    EXPECT_EQ(json["verdicts"]["kept"], 2);
    EXPECT_EQ(json["verdicts"]["holdout-failed"], 0);
    EXPECT_TRUE(json["calibration"].is_null());
    EXPECT_EQ(json["total_gain"]["steps"], 2);
    EXPECT_FALSE(json["total_gain"]["verified"]);
}

TEST_F(Views, LogOfANight) {
    const std::string text = list_text(newest(), Scale::ratio, {});
    EXPECT_LE(width_of_text(text), 80U);
    expect_golden("log_night.txt", text);
}

TEST_F(Views, LogFitsAWiderScreen) {
    EXPECT_LE(width_of_text(list_text(newest(), Scale::ratio, {false, 60})), 60U);
    EXPECT_THAT(list_text(newest(), Scale::ratio, {false, 200}),
                HasSubstr("Swap the loops so that the inner one walks along rows\n"));
}

TEST_F(Views, ColoursAreOnlyColours) {
    std::string coloured = list_text(newest(), Scale::ratio, {true, 80});
    EXPECT_THAT(coloured, HasSubstr("\x1b[32mkept"));
    for (std::size_t at = coloured.find("\x1b["); at != std::string::npos; at = coloured.find("\x1b[")) {
        coloured.erase(at, coloured.find('m', at) - at + 1);
    }
    EXPECT_EQ(coloured, list_text(newest(), Scale::ratio, {}));
}

TEST_F(Views, ShowAKeptOne) {
    expect_golden("show_kept.txt", show(7));
}
TEST_F(Views, ShowAFailedOne) {
    expect_golden("show_gate_failed.txt", show(3));
}
TEST_F(Views, ShowOneWithoutProposal) {
    expect_golden("show_no_proposal.txt", show(8));
}
TEST_F(Views, ShowAVetoedOne) {
    EXPECT_THAT(show(9), HasSubstr("#9 vetoed: it only serves the benchmark"));
}

TEST_F(Views, ShowOneThatIsNotFinished) {
    const ExperimentId id = recorded.begin();
    EXPECT_THAT(show(static_cast<int>(id.value)), HasSubstr("#13 (planned)"));
}

TEST_F(Views, ReportOfANight) {
    verify();
    expect_golden("report_night.md", report_text(recorded.campaign(), recorded.ledger()));
}

TEST(ReportView, OfACampaignWithoutAGain) {
    RecordedLedger recorded;
    const std::string text = report_text(recorded.campaign(), recorded.ledger());
    EXPECT_THAT(text, HasSubstr("no gain yet"));
    EXPECT_THAT(text, HasSubstr("Nothing was kept."));
}

TEST(ReportView, KeepsMarkupInText) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::kept, .idea = "a | b # <img> @someone #12 `x`", .effect = 0.1});
    EXPECT_THAT(report_text(recorded.campaign(), recorded.ledger()),
                HasSubstr("| a \\| b \\# &lt;img\\> &#64;someone \\#12 \\`x\\` |"));
}

TEST(ReportView, MakesNoLinks) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::kept,
                     .idea = "see https://evil.example and www.evil.example: ok. w.w",
                     .effect = 0.1});
    EXPECT_THAT(report_text(recorded.campaign(), recorded.ledger()),
                HasSubstr("| see https&#58;//evil.example and www&#46;evil.example: ok. w.w |"));
}

TEST_F(Views, HostileTextNeverReachesTheTerminal) {
    const std::string hostile = "x\x1b[2J\x1b]0;title\a\u202e\r\b" + std::string(500, 'A');
    recorded.record({.verdict = Verdict::gate_failed,
                     .idea = hostile,
                     .file = hostile,
                     .reason = hostile,
                     .next_ideas = {hostile},
                     .output = hostile + "\n" + hostile});
    recorded.record({.verdict = Verdict::kept, .idea = hostile, .file = hostile, .effect = 0.1});
    recorded.ledger().add_note(hostile);
    const std::string all = status_text(recorded.campaign(), recorded.ledger(), {}) +
                            list_text(newest(), Scale::ratio, {}) + show(13) + show(14) +
                            report_text(recorded.campaign(), recorded.ledger()) +
                            notes_text(recorded.ledger().notes(), {});
    EXPECT_EQ(many_lines(all), all) << "nothing is left to be made safe";
}

TEST_F(Views, NotesAreListedOrAskedFor) {
    EXPECT_EQ(notes_text({}, {}), "No notes yet: `ratchet note TEXT` tells the next proposers something.\n");
    EXPECT_THAT(notes_text(recorded.ledger().notes(), {}), HasSubstr("UTC  Portable code only"));
}

/// The keys of an object, in order.
std::string keys_of(const nlohmann::ordered_json& json) {
    std::string keys;
    for (const auto& item : json.items())
        keys += item.key() + '\n';
    return keys;
}

TEST_F(Views, JsonOfAnExperimentHasTheSameKeysWhateverIsKnown) {
    recorded.begin();
    std::string keys;
    for (int number = 1; number <= 13; ++number) {
        const auto json = json_of(*recorded.ledger().experiment(ExperimentId{number}));
        if (keys.empty()) keys = keys_of(json);
        EXPECT_EQ(keys_of(json), keys) << "#" << number;
    }
    expect_golden("experiment_keys.txt", keys);
}

TEST_F(Views, JsonOfAListEntryAgreesWithTheWholeExperiment) {
    for (const Summary& summary : newest()) {
        const auto entry = json_of(summary);
        const auto whole = json_of(*recorded.ledger().experiment(summary.id));
        for (const auto& item : entry.items())
            EXPECT_EQ(whole[item.key()], item.value()) << item.key();
    }
}

TEST(JsonText, IsAsciiWhateverTheBytes) {
    const std::string text = text_of({{"a", "\xff\u202e\x1b"}}, false);
    EXPECT_EQ(text, R"({"a":"\ufffd\u202e\u001b"})");
}

}  // namespace
}  // namespace ratchet
