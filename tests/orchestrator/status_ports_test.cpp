#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <streambuf>

#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/status/status.hpp"
#include "tests/orchestrator/recorded_ledger.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Progress measuring() {
    Progress progress;
    progress.experiment = ExperimentId{12};
    progress.stage = "measure";
    progress.pairs = 7;
    progress.pairs_wanted = 40;
    progress.evidence = 3.25;
    progress.threshold = 1000;
    progress.gain = 0.012;
    progress.total_gain = 0.18;
    progress.experiments_done = 11;
    progress.experiments_budget = 200;
    progress.time_left = Seconds(6 * 3600 + 12 * 60);
    return progress;
}

Experiment of_a_night(int number) {
    RecordedLedger recorded;
    record_a_night(recorded);
    return *recorded.ledger().experiment(ExperimentId{number});
}

/// What a terminal shows as its last line.
std::string last_line(const std::string& output) {
    const std::size_t erased = output.rfind("\x1b[K");
    return erased == std::string::npos ? output : output.substr(erased + 3);
}

TEST(TerminalStatus, ShowsOneLineThatIsRedrawn) {
    std::ostringstream out;
    const auto status = make_terminal_status(out, false, 120);
    status->progress(measuring());
    EXPECT_EQ(out.str(),
              "\r\x1b[K#12 measure · 7/40 pairs · +1.2% · evidence 3.25/1e+03 · total +19.7% · 11/200 done · "
              "6h 12m left");
}

TEST(TerminalStatus, FitsEveryWidth) {
    for (int columns = 1; columns < 120; ++columns) {
        std::ostringstream out;
        const auto status = make_terminal_status(out, false, columns);
        status->progress(measuring());
        EXPECT_LE(columns_of(last_line(out.str())), static_cast<std::size_t>(std::max(1, columns - 1)));
    }
}

TEST(TerminalStatus, GivesUpTheLastFieldsFirst) {
    std::ostringstream out;
    make_terminal_status(out, false, 30)->progress(measuring());
    EXPECT_THAT(out.str(), HasSubstr("#12 measure · 7/40 pairs"));
    EXPECT_THAT(out.str(), Not(HasSubstr("left")));
}

TEST(TerminalStatus, DrawsTheSameLineOnlyOnce) {
    std::ostringstream out;
    const auto status = make_terminal_status(out, false, 80);
    status->progress(measuring());
    const std::string once = out.str();
    status->progress(measuring());
    EXPECT_EQ(out.str(), once);
}

TEST(TerminalStatus, PrintsAboveTheLiveLineAndLeavesNoneBehind) {
    std::ostringstream out;
    {
        const auto status = make_terminal_status(out, false, 80);
        status->progress(measuring());
        status->message("calibrated");
        EXPECT_THAT(out.str(), HasSubstr("\r\x1b[Kcalibrated\n#12 measure"));
    }
    EXPECT_EQ(last_line(out.str()), "");
}

TEST(TerminalStatus, ColoursTheVerdictOnlyWhereAsked) {
    std::ostringstream plain;
    std::ostringstream coloured;
    make_terminal_status(plain, false, 80)->finished(of_a_night(7));
    make_terminal_status(coloured, true, 80)->finished(of_a_night(7));
    EXPECT_THAT(plain.str(), Not(HasSubstr("\x1b")));
    EXPECT_THAT(coloured.str(), HasSubstr("\x1b[32mkept\x1b[0m"));
}

TEST(PlainStatus, PrintsOneLineAnExperiment) {
    std::ostringstream out;
    const auto status = make_plain_status(out);
    status->progress(measuring());
    status->finished(of_a_night(7));
    status->finished(of_a_night(3));
    status->warning("the branch\nis checked out");
    EXPECT_EQ(out.str(),
              "#7    kept +41.9% ± 1.4% | Block the loops for the cache\n"
              "#3    gate-failed: gate unit tests: exit status 2 | Multiply in single precision\n"
              "warning: the branch is checked out\n");
}

TEST(PlainStatus, HasNoControlCharactersWhateverTheAgentSaid) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::gate_failed, .idea = "\x1b[2Jboo\a", .reason = "a\rb\nc"});
    std::ostringstream out;
    make_plain_status(out)->finished(*recorded.ledger().experiment(ExperimentId{1}));
    EXPECT_EQ(out.str(), "#1    gate-failed: a b c | boo\n");
}

TEST(JsonStatus, PrintsOneObjectALineWithAllKeys) {
    std::ostringstream out;
    const auto status = make_json_status(out);
    status->progress(Progress{});
    status->finished(of_a_night(10));
    status->message("line\none");
    std::istringstream lines(out.str());
    std::string line;
    std::vector<nlohmann::json> objects;
    while (std::getline(lines, line))
        objects.push_back(nlohmann::json::parse(line));
    ASSERT_EQ(objects.size(), 3U);
    EXPECT_EQ(objects[0]["event"], "progress");
    for (const char* key : {"experiment", "gain", "total_gain", "experiments_budget", "seconds_left"}) {
        EXPECT_TRUE(objects[0].contains(key)) << key;
        EXPECT_TRUE(objects[0][key].is_null()) << key;
    }
    EXPECT_EQ(objects[1]["event"], "finished");
    EXPECT_EQ(objects[1]["verdict"], "rejected");
    EXPECT_EQ(objects[1]["rejection"], "out-of-scope");
    EXPECT_EQ(objects[2]["text"], "line\none");
}

TEST(SilentStatus, SaysNothing) {
    const auto status = make_silent_status();
    status->progress(measuring());
    status->message("nobody hears it");
}

/// A stream whose reader went away.
class ClosedPipe final : public std::streambuf {
  protected:
    int_type overflow(int_type) override { return traits_type::eof(); }
    int sync() override { return -1; }
};

TEST(EveryStatus, GoesOnWhenItsReaderWentAway) {
    ClosedPipe pipe;
    for (const bool throws : {false, true}) {
        for (int kind = 0; kind < 3; ++kind) {
            std::ostream out(&pipe);
            if (throws) out.exceptions(std::ios::badbit | std::ios::failbit);
            const auto status = kind == 0   ? make_terminal_status(out, true, 80)
                                : kind == 1 ? make_plain_status(out)
                                            : make_json_status(out);
            EXPECT_NO_THROW({
                status->progress(measuring());
                status->finished(of_a_night(7));
                status->message("x");
                status->warning("y");
            });
        }
    }
}

}  // namespace
}  // namespace ratchet
