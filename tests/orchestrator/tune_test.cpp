#include "orchestrator/proposers/tune.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <functional>
#include <set>

#include "experiment_store/errors.hpp"
#include "orchestrator/proposers/knob_file.hpp"
#include "tests/support/fixed_clock.hpp"
#include "tests/support/temporary_repository.hpp"

namespace ratchet {
namespace {

Knob ordered(const std::string& name, std::vector<std::string> values) {
    return {name, "src/a.c", name + " = (.*)", std::move(values), true};
}
Knob unordered(const std::string& name, std::vector<std::string> values) {
    return {name, "src/a.c", name + " = (.*)", std::move(values), false};
}

/// How good a setting is, as a logarithm; nothing where it fails.
using Landscape = std::function<std::optional<double>(const Setting&)>;

/// A campaign without noise: a setting that is better becomes the champion.
struct Played {
    std::vector<KnobTrial> trials;
    Setting champion;
};

Played play(const std::vector<Knob>& knobs, Setting start, const Landscape& landscape, int experiments) {
    Played played{{}, std::move(start)};
    for (int n = 1; n <= experiments; ++n) {
        const auto next = next_setting(knobs, played.trials, played.champion, static_cast<std::uint64_t>(n));
        if (!next) break;
        KnobTrial trial{*next, played.champion, {}, false};
        const std::optional<double> value = landscape(*next);
        trial.failed = !value;
        if (value) trial.effect = *value - *landscape(played.champion);
        if (trial.effect && *trial.effect > 0) played.champion = *next;
        played.trials.push_back(std::move(trial));
    }
    return played;
}

const std::vector<Knob> two_by_three = {unordered("order", {"ijk", "kij"}),
                                        ordered("block", {"16", "32", "64"})};

TEST(Tune, TheFirstSettingsChangeOneKnobEachAndTheMostDifferentValueComesFirst) {
    const std::vector<Knob> knobs = {ordered("block", {"1", "2", "4", "8", "16"}),
                                     unordered("flag", {"-O2", "-O3"})};
    const Setting current = {"2", "-O2"};
    const auto flat = [](const Setting&) { return std::optional<double>(0); };
    const Played played = play(knobs, current, flat, 4);
    ASSERT_EQ(played.trials.size(), 4U);
    EXPECT_EQ(played.trials[0].setting, (Setting{"16", "-O2"}));
    EXPECT_EQ(played.trials[1].setting, (Setting{"2", "-O3"}));
    EXPECT_EQ(played.trials[2].setting, (Setting{"1", "-O2"}));
    EXPECT_EQ(played.trials[3].setting, (Setting{"4", "-O2"}));
}

TEST(Tune, ValuesOfAnUnorderedKnobAreExploredInTheirOrder) {
    const std::vector<Knob> knobs = {unordered("order", {"a", "b", "c", "d"})};
    const auto flat = [](const Setting&) { return std::optional<double>(0); };
    const Played played = play(knobs, {"c"}, flat, 10);
    ASSERT_EQ(played.trials.size(), 3U);
    EXPECT_EQ(played.trials[0].setting, Setting{"a"});
    EXPECT_EQ(played.trials[1].setting, Setting{"b"});
    EXPECT_EQ(played.trials[2].setting, Setting{"d"});
}

TEST(Tune, AValueThatABetterOneReplacedIsNotLookedAtAgainInTurn) {
    const std::vector<Knob> knobs = {unordered("order", {"a", "b", "c"}), unordered("flag", {"0", "1"})};
    const std::vector<KnobTrial> trials = {{{"b", "0"}, {"a", "0"}, 0.5, false},
                                           {{"b", "1"}, {"b", "0"}, -0.1, false}};
    EXPECT_EQ(next_setting(knobs, trials, {"b", "0"}, 1), (Setting{"c", "0"}));
}

TEST(Tune, TheSearchClimbsToTheBestValueOfAnOrderedKnob) {
    std::vector<std::string> values;
    for (int i = 0; i < 100; ++i)
        values.push_back(std::to_string(i));
    const auto peak = [](const Setting& setting) {
        return std::optional<double>(-std::abs(std::stod(setting[0]) - 70) / 100);
    };
    const Played played = play({ordered("block", values)}, {"3"}, peak, 40);
    EXPECT_EQ(played.champion, Setting{"70"});
}

TEST(Tune, TwoChangesThatHelpedEachAreTriedTogether) {
    const std::vector<Knob> knobs = {unordered("a", {"0", "1"}), unordered("b", {"0", "1"})};
    const std::vector<KnobTrial> trials = {{{"1", "0"}, {"0", "0"}, 0.01, false},
                                           {{"0", "1"}, {"0", "0"}, 0.02, false}};
    EXPECT_EQ(next_setting(knobs, trials, {"0", "0"}, 1), (Setting{"1", "1"}));
}

TEST(Tune, AValueThatHasAlwaysFailedComesLast) {
    const std::vector<Knob> knobs = {unordered("a", {"0", "bad", "2"}), unordered("b", {"0", "1", "2"}),
                                     unordered("c", {"0", "1", "2"})};
    const auto landscape = [](const Setting& setting) {
        return setting[0] == "bad" ? std::nullopt : std::optional<double>(0);
    };
    const Played played = play(knobs, {"0", "0", "0"}, landscape, 100);
    ASSERT_EQ(played.trials.size(), 26U);
    // The first failure is exploration; a second one proves the point; the other seven wait for the end.
    for (std::size_t i = 19; i < 26; ++i)
        EXPECT_TRUE(played.trials[i].failed) << i;
}

TEST(Tune, ASpaceLikeTheExampleIsWonWithinFortyExperiments) {
    // What such a campaign looks like: the loop order counts most, others interact with it.
    const std::vector<Knob> knobs = {
        unordered("order", {"ijk", "ikj", "jik", "jki", "kij", "kji"}),
        ordered("block", {"16", "32", "64", "128", "256"}),
        ordered("unroll", {"1", "2", "4", "8"}),
        unordered("optimisation", {"-O2", "-O3"}),
        unordered("architecture", {"x86-64", "native"}),
        unordered("unrolling", {"off", "on"}),
    };
    const auto landscape = [](const Setting& s) {
        const bool streams = s[0] == "ikj" || s[0] == "kij";
        double value = streams ? std::log(4.0) : s[0] == "jki" || s[0] == "kji" ? -1.0 : 0.0;
        if (s[1] == "64" || s[1] == "128") value += 0.2;
        if (s[2] == "4" && streams) value += 0.4;
        if (s[2] == "8" && !streams) value -= 0.3;
        if (s[3] == "-O3" && streams) value += 0.3;
        if (s[4] == "native") value += streams ? 0.5 : 0.05;
        return std::optional<double>(value);
    };
    const Played played = play(knobs, {"ijk", "256", "1", "-O2", "x86-64", "off"}, landscape, 40);
    const double best = std::log(4.0) + 0.2 + 0.4 + 0.3 + 0.5;
    EXPECT_NEAR(*landscape(played.champion), best, 1e-9);
}

TEST(Tune, ASpaceTooLargeToListIsSearchedAllTheSame) {
    std::vector<std::string> values;
    for (int i = 0; i < 10'000; ++i)
        values.push_back(std::to_string(i));
    std::vector<Knob> knobs;
    for (int k = 0; k < 20; ++k)
        knobs.push_back(ordered("knob" + std::to_string(k), values));
    EXPECT_EQ(space_size(knobs), std::uint64_t{1} << 63);
    const auto flat = [](const Setting&) { return std::optional<double>(0); };
    const Played played = play(knobs, Setting(20, "5000"), flat, 150);
    std::set<Setting> distinct;
    for (const KnobTrial& trial : played.trials)
        distinct.insert(trial.setting);
    EXPECT_EQ(distinct.size(), 150U);
}

RC_GTEST_PROP(Tune, NoSettingIsProposedTwiceAndTheWholeSpaceIsTriedInTheEnd, ()) {
    std::vector<Knob> knobs;
    std::size_t size = 1;
    const auto count = *rc::gen::inRange<std::size_t>(1, 4);
    Setting start;
    for (std::size_t k = 0; k < count; ++k) {
        std::vector<std::string> values;
        const auto length = *rc::gen::inRange(2, 6);
        for (int i = 0; i < length; ++i)
            values.push_back(std::to_string(i * 3));
        start.push_back(*rc::gen::elementOf(values));
        size *= values.size();
        const bool in_order = *rc::gen::arbitrary<bool>();
        knobs.push_back(in_order ? ordered(std::string(1, static_cast<char>('a' + k)), values)
                                 : unordered(std::string(1, static_cast<char>('a' + k)), values));
    }
    // A start outside of the space is what stands in many a file.
    const bool outside = *rc::gen::arbitrary<bool>();
    if (outside) start[0] = "7";
    const auto salt = *rc::gen::arbitrary<std::uint32_t>();
    const auto landscape = [&](const Setting& setting) -> std::optional<double> {
        std::string text = std::to_string(salt);
        for (const std::string& value : setting)
            text += "," + value;
        const std::size_t hash = std::hash<std::string>{}(text);
        if (hash % 5 == 0 && setting != start) return std::nullopt;
        return static_cast<double>(hash % 1000) / 1000;
    };
    const Played played = play(knobs, start, landscape, static_cast<int>(2 * size) + 10);
    std::set<Setting> distinct = {start};
    std::size_t in_space = outside ? 0 : 1;
    for (const KnobTrial& trial : played.trials) {
        RC_ASSERT(trial.setting != trial.parent);
        RC_ASSERT(distinct.insert(trial.setting).second);
        // While a knob keeps a value of its own, settings beside the declared ones are tried as well.
        if (trial.setting[0] != "7") ++in_space;
    }
    RC_ASSERT(in_space == size);
    RC_ASSERT(all_tried(knobs, played.trials));
    RC_ASSERT(!next_setting(knobs, played.trials, played.champion, 99));
}

TEST(Tune, AnOriginTellsTheTrialAgain) {
    const Setting setting = {"kij", "64"};
    const Setting parent = {"kij", "16"};
    const auto origin = origin_of(two_by_three, setting, parent);
    EXPECT_EQ(origin,
              (std::map<std::string, std::string>{{"order", "kij"}, {"block", "64"}, {"was block", "16"}}));
    const auto trial = trial_of(two_by_three, origin);
    ASSERT_TRUE(trial);
    EXPECT_EQ(trial->setting, setting);
    EXPECT_EQ(trial->parent, parent);
    EXPECT_FALSE(trial_of(two_by_three, {{"order", "kij"}}));
    EXPECT_FALSE(trial_of({two_by_three[0]}, origin));
}

TEST(Tune, OnlyTheTextOfTheGroupIsReplacedAndPermissionsStay) {
    const test::TemporaryFolder folder;
    const std::string text = "a\r\norder = old;\n\xff block = 16; // block\n";
    test::write_file(folder.path() / "src/a.c", text);
    ::chmod((folder.path() / "src/a.c").c_str(), 0751);
    const Knob order{"order", "src/a.c", "^order = ([a-z]+);$", {"old", "newer"}, false};
    const Knob block{"block", "./src/a.c", "block = ([0-9]+)", {"16", "8"}, true};
    EXPECT_EQ(read_knobs(folder.path(), {order, block}), (std::vector<std::string>{"old", "16"}));
    write_knobs(folder.path(), {{&order, "newer"}});
    write_knobs(folder.path(), {{&block, "8"}});
    EXPECT_EQ(test::read_file(folder.path() / "src/a.c"), "a\r\norder = newer;\n\xff block = 8; // block\n");
    struct stat status = {};
    ASSERT_EQ(::stat((folder.path() / "src/a.c").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0751U);
}

std::string refusal(const std::filesystem::path& tree, const Knob& knob) {
    try {
        (void)read_knobs(tree, {knob});
    } catch (const UserError& error) {
        return error.what();
    }
    return "it was read";
}

TEST(Tune, AKnobThatIsNotThereOnceIsRefused) {
    const test::TemporaryFolder folder;
    test::write_file(folder.path() / "f", "block = 16\nblock = 32\n");
    const Knob twice{"block", "f", "block = ([0-9]+)", {"1", "2"}, true};
    EXPECT_EQ(refusal(folder.path(), twice), "the pattern of the knob \"block\" matches several times in f");
    const Knob nowhere{"block", "f", "size = ([0-9]+)", {"1", "2"}, true};
    EXPECT_EQ(refusal(folder.path(), nowhere), "the pattern of the knob \"block\" matches nothing in f");
    const Knob across{"block", "f", "16[^]*block = ([0-9]+)", {"1", "2"}, true};
    EXPECT_EQ(refusal(folder.path(), across), "the pattern of the knob \"block\" matches nothing in f");
    const Knob either{"block", "f", "16|block = (32)", {"1", "2"}, true};
    EXPECT_EQ(refusal(folder.path(), either),
              "the pattern of the knob \"block\" matches without its group in f");
    const Knob no_file{"block", "g", "size = ([0-9]+)", {"1", "2"}, true};
    EXPECT_EQ(refusal(folder.path(), no_file), "the knob file g cannot be opened: No such file or directory");
}

TEST(Tune, ASymlinkInAKnobsPathIsNeverFollowed) {
    const test::TemporaryFolder folder;
    test::write_file(folder.path() / "outside/f", "block = 16\n");
    std::filesystem::create_directories(folder.path() / "tree");
    std::filesystem::create_symlink("../outside/f", folder.path() / "tree/f");
    std::filesystem::create_directory_symlink("../outside", folder.path() / "tree/src");
    const Knob file{"block", "f", "block = ([0-9]+)", {"1", "2"}, true};
    const Knob below{"block", "src/f", "block = ([0-9]+)", {"1", "2"}, true};
    EXPECT_NE(refusal(folder.path() / "tree", file), "it was read");
    EXPECT_NE(refusal(folder.path() / "tree", below), "it was read");
    EXPECT_THROW(write_knobs(folder.path() / "tree", {{&file, "1"}}), UserError);
}

TEST(Tune, AHostilelyLongFileNeitherHangsNorOverflows) {
    const test::TemporaryFolder folder;
    test::write_file(folder.path() / "f",
                     std::string(3'000'000, 'a') + "\n" + std::string(3'900, 'a') + "\nblock = 16\n");
    const Knob greedy{"block", "f", "^(?:[a-z])*lock = ([0-9]+?)", {"1", "2"}, true};
    EXPECT_EQ(read_knobs(folder.path(), {greedy}), std::vector<std::string>{"1"});
}

/// A real ledger, a real worktree.
class TuneProposing : public ::testing::Test {
  protected:
    TuneProposing() : ledger(":memory:", clock) {
        repository.write("sub/src/a.c", "order = ijk\nblock = 16\n");
        base = {repository.commit_all()};
        campaign.name = "toy";
        campaign.folder = "sub";
        campaign.proposer.use = "tune";
        campaign.proposer.knobs = {{"order", "src/a.c", "order = ([a-z]+)", {"ijk", "kij"}, false},
                                   {"block", "src/a.c", "block = ([0-9]+)", {"16", "32"}, true}};
        CampaignIdentity identity;
        identity.name = "toy";
        identity.base = base;
        ledger.found(identity);
        ledger.begin_epoch("hash", "", base);
    }

    /// Asks once and ends the experiment as `regressed`.
    ProposerAnswer experiment(TuneProposer& proposer, Repository& opened) {
        Assignment assignment;
        assignment.brief.parent = base;
        assignment.brief.proposer = "tune";
        assignment.brief.id = ledger.begin(assignment.brief, "");
        Worktree tree = Worktree::lease(opened, repository.folder() / "worktrees", "toy", "proposal");
        tree.reset(base);
        const NeverStop never;
        ProposerAnswer answer = proposer.propose(assignment, tree, never);
        written = test::read_file(tree.path() / "sub/src/a.c");
        Proposal proposal;
        proposal.notes = answer.notes;
        proposal.failure = answer.failure;
        ledger.store_proposal(assignment.brief.id, proposal);
        Decision decision;
        decision.verdict = Verdict::regressed;
        decision.effect = Interval{-0.2, -0.1, -0.05};
        ledger.finish(assignment.brief.id, decision, base);
        return answer;
    }

    test::TemporaryRepository repository;
    test::FixedClock clock;
    Ledger ledger;
    Campaign campaign;
    CommitId base;
    std::string written;
};

TEST_F(TuneProposing, EachExperimentSetsWhatItSaysUntilTheSpaceIsExhausted) {
    Repository opened = Repository::open(repository.root());
    TuneProposer proposer(campaign, ledger);
    EXPECT_FALSE(proposer.exhausted());
    const ProposerAnswer first = experiment(proposer, opened);
    EXPECT_EQ(first.notes.hypothesis, "set order = kij (was ijk)");
    EXPECT_EQ(written, "order = kij\nblock = 16\n");
    // A proposer that was made anew goes on from the ledger.
    TuneProposer again(campaign, ledger);
    EXPECT_EQ(experiment(again, opened).notes.hypothesis, "set block = 32 (was 16)");
    EXPECT_EQ(experiment(again, opened).notes.hypothesis, "set order = kij (was ijk), block = 32 (was 16)");
    EXPECT_TRUE(again.exhausted());
    const ProposerAnswer end = experiment(again, opened);
    EXPECT_TRUE(end.exhausted);
    EXPECT_EQ(end.failure, "every setting of the knobs has been tried");
}

}  // namespace
}  // namespace ratchet
