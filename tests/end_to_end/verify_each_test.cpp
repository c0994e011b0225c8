#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

#include "experiment_store/ledger.hpp"
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"
#include "tests/support/open_folder.hpp"

namespace ratchet::test {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

// The cost is the sum of the numbers; a cache saves 100, an index saves 300 and makes the cache superfluous.
constexpr const char* numbers_benchmark =
    R"sh(total=$(cat src/*.num | awk '{ sum += $1 } END { print sum }')
if test -f src/index; then total=$((total - 300)); elif test -f src/cache; then total=$((total - 100)); fi
echo "METRIC cost=$total"
)sh";

// d.num is right only where b.num is 400. `hold` is empty, or a folder: then the champion without its index
// waits there for a file `go`.
constexpr const char* numbers_gate =
    R"sh(if test -f src/d.num; then test "$(cat src/b.num)" = 400 || exit 1; fi
hold=$(cat guarded/hold)
if test -n "$hold" && grep -q zeroth src/a.num && ! test -f src/index; then
    test -f "$hold/go" || sleep 600
fi
)sh";

/// What the eight patches do, one after the other, and what each is worth in the champion that they make.
struct KeptStep {
    const char* deed;
    const char* worth;
    double without;  ///< what the champion, which costs 900, would cost without it; 0: cannot be had
};
constexpr KeptStep kept_steps[] = {
    {"sed -i s/500/400/ src/a.num", "carries", 1000},  // its line is moved by the last one
    {"echo 800 > src/c.num", "built-on", 0},
    {"echo 600 > src/c.num", "carries", 1100},
    {"echo 400 > src/b.num", "needed", 0},
    {"echo -100 > src/d.num", "carries", 1000},
    {"echo yes > src/cache", "not-any-more", 900},
    {"echo yes > src/index", "carries", 1100},
    {"sed -i '1i zeroth\\n-100' src/a.num", "carries", 1000},
};

/// A campaign that has kept all eight.
class VerifyEach : public ::testing::Test {
  protected:
    void run_campaign(const std::string& hold = {}) {
        toy.write("src/a.num", "first\nsecond\nthird\nfourth\nfifth\nsixth\nseventh\n500\n");
        toy.write("src/b.num", "500\n");
        toy.write("src/c.num", "1000\n");
        toy.write("src/bench.sh", numbers_benchmark);
        toy.write("guarded/gate.sh", numbers_gate);
        toy.write("guarded/hold", hold);
        toy.configure("command = \"test \\\"$(cat src/gate.txt)\\\" = ok\"",
                      "command = \"sh guarded/gate.sh\"");
        if (!hold.empty()) toy.configure("[proposer]", "[sandbox]\nread = [\"" + hold + "\"]\n\n[proposer]");
        toy.commit("Numbers");
        shell(toy.root(), "git clone -q . proposals/work");
        std::vector<ToyPatch> patches;
        for (const KeptStep& step : kept_steps) {
            const std::string diff =
                shell(toy.root() / "proposals/work",
                      std::string(step.deed) + " && git add -A && git commit -qm step && git show --format=");
            patches.push_back({"step", diff, "kept"});
        }
        toy.propose(patches);
        const Ended run = ratchet(toy.folder(), {"run", "--no-verify"});
        ASSERT_EQ(run.status, 0) << run.output << run.errors;
        ASSERT_THAT(words_of(toy.ledger()), AllOf(SizeIs(8), Each("kept"))) << run.output;
    }

    nlohmann::json status() {
        return nlohmann::json::parse(ratchet(toy.folder(), {"status", "--json"}).output);
    }

    /// Read from the ledger itself: a waiting test must not start programs.
    std::vector<std::int64_t> measured_steps() {
        const StillClock clock;
        const Ledger ledger(toy.ledger(), clock, Ledger::Mode::read_only);
        std::vector<std::int64_t> numbers;
        for (const LeaveOneOut& step : ledger.leave_one_out(ledger.champion().commit))
            numbers.push_back(step.experiment.value);
        return numbers;
    }

    /// Whether the verb left no pin, no worktree and no other champion behind.
    void expect_nothing_left() {
        EXPECT_EQ(shell(toy.root(), "git for-each-ref refs/ratchet/toy/without"), "");
        EXPECT_EQ(shell(toy.root(), "git worktree list | wc -l"), "1\n");
        EXPECT_EQ(shell(toy.root(), "git rev-list --count main..ratchet/toy"), "8\n");
    }

    ToyCampaign toy;
};

/// The last line of a text.
std::string last_line(std::string text) {
    while (text.ends_with('\n'))
        text.pop_back();
    return text.substr(text.rfind('\n') + 1);
}

TEST_F(VerifyEach, SaysWhatEveryKeptStepIsWorth) {
    ASSERT_NO_FATAL_FAILURE(run_campaign());

    const Ended verified = ratchet(toy.folder(), {"verify", "--each", "--json"});

    ASSERT_EQ(verified.status, 0) << verified.output << verified.errors;
    const auto found = nlohmann::json::parse(last_line(verified.output));
    EXPECT_TRUE(found["not_measured"].empty());
    ASSERT_EQ(found["leave_one_out"].size(), std::size(kept_steps));
    for (std::size_t i = 0; i < std::size(kept_steps); ++i) {
        const auto& step = found["leave_one_out"][i];
        SCOPED_TRACE(step.dump());
        EXPECT_EQ(step["experiment"], i + 1);
        EXPECT_EQ(step["worth"], kept_steps[i].worth);
        EXPECT_EQ(step["effect"].is_null(), kept_steps[i].without == 0);
        if (kept_steps[i].without == 0) continue;
        EXPECT_NEAR(step["effect"]["estimate"].get<double>(), std::log(kept_steps[i].without / 900), 1e-12);
        EXPECT_EQ(step["effect"]["low"], step["effect"]["high"]) << "the metric is exact";
    }
    EXPECT_EQ(status()["leave_one_out"], found["leave_one_out"]);
    expect_nothing_left();
}

TEST_F(VerifyEach, SaysItToPeople) {
    ASSERT_NO_FATAL_FAILURE(run_campaign());

    const Ended verified = ratchet(toy.folder(), {"verify", "--each"});

    ASSERT_EQ(verified.status, 0) << verified.output << verified.errors;
    EXPECT_THAT(verified.output, StartsWith("8 steps, 10 pairs each, about "));
    EXPECT_THAT(verified.output, HasSubstr("#1 carries +11.1% (exact)\n"));
    EXPECT_THAT(verified.output, HasSubstr("#2 cannot be taken out: later steps build on it\n"));
    EXPECT_THAT(verified.output,
                HasSubstr("#4 cannot be taken out: without it gate check fails (exit status 1)\n"));
    EXPECT_THAT(verified.output, HasSubstr("#6 no longer carries its weight: +0.00% (exact)\n"));
    EXPECT_THAT(ratchet(toy.folder(), {"report"}).output, HasSubstr("| 7 | carries +22.2% (exact) | 10 |"));
}

TEST_F(VerifyEach, StopsCleanlyOnAnInterruptAndGoesOnWithTheStepsThatAreLeft) {
    const OpenFolder hold;
    ASSERT_NO_FATAL_FAILURE(run_campaign(hold.path.string()));
    Program first(toy.folder(), {"verify", "--each"});
    ASSERT_TRUE(eventually([&] { return measured_steps().size() == 6; }, std::chrono::minutes(5)))
        << "the seventh waits in its gate";
    first.signal(SIGINT);
    first.signal(SIGTERM);  // at once; not SIGINT again, two pending ones are one
    const Ended stopped = first.end();
    EXPECT_EQ(stopped.status, 130) << stopped.output << stopped.errors;
    EXPECT_THAT(stopped.output, HasSubstr("2 of 8 steps are not measured yet"));
    EXPECT_THAT(measured_steps(), ElementsAre(1, 2, 3, 4, 5, 6));
    expect_nothing_left();

    std::ofstream(hold.path / "go") << "\n";
    const Ended second = ratchet(toy.folder(), {"verify", "--each"});

    ASSERT_EQ(second.status, 0) << second.output << second.errors;
    EXPECT_THAT(second.output, StartsWith("2 steps (6 measured already), 10 pairs each, about "));
    EXPECT_THAT(measured_steps(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
    expect_nothing_left();
}

TEST(VerifyEachOfNothing, IsAnErrorThatSaysWhatToDo) {
    const ToyCampaign toy;
    const Ended verified = ratchet(toy.folder(), {"verify", "--each"});
    EXPECT_EQ(verified.status, 1);
    EXPECT_THAT(verified.errors, HasSubstr("no experiment was kept yet"));
}

}  // namespace
}  // namespace ratchet::test
