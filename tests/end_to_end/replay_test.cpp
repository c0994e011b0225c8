#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "experiment_store/ledger.hpp"
#include "tests/end_to_end/exchange_fixture.hpp"

// Experiments that are measured again, and histories that come from elsewhere.

namespace ratchet::test {
namespace {

namespace fs = std::filesystem;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST_F(Exchange, MeasuresItsOwnExperimentsAgainAndComparesTheVerdicts) {
    ASSERT_NO_FATAL_FAILURE(run_campaign());
    const std::string log = ratchet(toy.folder(), {"log", "--json"}).output;
    const std::string logs = shell(toy.state(), "find logs -type f | sort | xargs sha256sum");

    const Ended replayed = ratchet(toy.folder(), {"replay", "--json"});

    ASSERT_EQ(replayed.status, 0) << replayed.output << replayed.errors;
    const auto found = last_json(replayed.output);
    EXPECT_EQ(found["complete"], true);
    std::map<std::string, std::string> agreements;
    for (const auto& each : found["replays"]) {
        const std::string number = std::to_string(each["experiment"].get<int>());
        agreements[number] = each["now"].is_null() ? each["cannot"].get<std::string>()
                                                   : each["agreement"].get<std::string>() + " " +
                                                         each["now"]["verdict"].get<std::string>();
    }
    EXPECT_THAT(agreements, ElementsAreArray(std::map<std::string, std::string>{
                                {"1", "same kept"},
                                {"2", "same regressed"},
                                {"3", "same no-gain"},
                                {"4", "same build-failed"},
                                {"5", "same gate-failed"},
                                {"6", "same benchmark-failed"},
                                {"7", "it was never run (rejected)"},
                                {"8", "it was never run (rejected)"},
                                {"9", "it was never run (rejected)"},
                                {"10", "it was never run (rejected)"},
                                {"11", "it was never run (rejected)"},
                                {"12", "same kept"},
                            }));
    EXPECT_EQ(ratchet(toy.folder(), {"log", "--json"}).output, log) << "nothing counts";
    EXPECT_EQ(
        shell(toy.state(), "find logs -path logs/replay -prune -o -type f -print | sort | xargs sha256sum"),
        logs)
        << "the logs of then are as they were";
    EXPECT_EQ(shell(toy.root(), "git worktree list | wc -l"), "1\n");
    const auto exported = json_lines(ratchet(toy.folder(), {"export"}).output);
    EXPECT_EQ(exported[0]["replays"][0]["verdict"], "kept");
    EXPECT_EQ(exported[0]["replays"][0]["effect"]["estimate"], exported[0]["effect"]["estimate"]);
}

TEST_F(Exchange, SaysWhichVerdictsDiffer) {
    ASSERT_NO_FATAL_FAILURE(run_campaign());
    toy.configure("min_effect = \"1%\"", "min_effect = \"1%\"\nmax_pairs = 20");
    toy.configure("command = \"test \\\"$(cat src/gate.txt)\\\" = ok\"", "command = \"true\"");

    const Ended replayed = ratchet(toy.folder(), {"replay", "1", "#5", "7"});

    ASSERT_EQ(replayed.status, 0) << replayed.output << replayed.errors;
    EXPECT_THAT(replayed.output, HasSubstr("#1 kept +11.1% then, kept +11.1% now: same\n"));
    EXPECT_THAT(replayed.output, HasSubstr("#5 gate-failed then, no-gain"));
    EXPECT_THAT(replayed.output, HasSubstr(" now: differs ("));
    EXPECT_THAT(replayed.output, HasSubstr("#7 rejected then; not measured: it was never run (rejected)\n"));
    EXPECT_THAT(replayed.output,
                HasSubstr("2 measured again: 1 the same, 0 similar, 1 different; 1 not measured\n"));
}

TEST_F(Exchange, StopsAReplayCleanlyAndGoesOnWithWhatIsLeft) {
    // The gate of the last one waits while there is a file `hold` in a folder that every sandbox may read.
    const PlaceElsewhere open;
    fs::permissions(open.path, fs::perms(0755));
    const std::string hold = (open.path / "hold").string();
    toy.configure("command = \"test \\\"$(cat src/gate.txt)\\\" = ok\"", "command = \"sh guarded/gate.sh\"");
    toy.write("guarded/gate.sh",
              "test \"$(cat src/gate.txt)\" = ok || exit 1\ntest \"$(cat src/cost.txt)\" != "
              "500 || test ! -f " +
                  hold + " || sleep 600\n");
    toy.configure("[proposer]", "[sandbox]\nread = [\"" + open.path.string() + "\"]\n\n[proposer]");
    toy.commit("A gate that can wait");
    ASSERT_NO_FATAL_FAILURE(run_campaign());
    const auto replays = [&] {
        const StillClock clock;
        return Ledger(toy.ledger(), clock, Ledger::Mode::read_only).replays().size();
    };
    std::ofstream(hold) << "\n";
    Program first(toy.folder(), {"replay"});
    ASSERT_TRUE(eventually([&] { return replays() == 6; }, std::chrono::minutes(5)));
    first.signal(SIGINT);
    first.signal(SIGTERM);  // at once; not SIGINT again, two pending ones are one
    const Ended stopped = first.end();
    EXPECT_EQ(stopped.status, 130) << stopped.output << stopped.errors;
    EXPECT_THAT(stopped.output, HasSubstr("6 measured again: 6 the same, 0 similar, 0 different\n"));
    fs::remove(hold);

    const Ended second = ratchet(toy.folder(), {"replay"});

    EXPECT_EQ(second.status, 0) << second.output << second.errors;
    EXPECT_THAT(second.output, StartsWith("1 of 7 are left of this round\n"));
    EXPECT_EQ(replays(), 7U);
    EXPECT_EQ(shell(toy.root(), "git worktree list | wc -l"), "1\n");
}

TEST(ReplayOfNothing, IsAnErrorThatSaysWhatToDo) {
    const ToyCampaign toy;
    const Ended own = ratchet(toy.folder(), {"replay"});
    EXPECT_EQ(own.status, 1);
    EXPECT_THAT(own.errors,
                HasSubstr("ratchet: there is nothing to measure again: no experiment was measured "
                          "yet, or none of their commits is here\n  what to do: `ratchet log` lists "
                          "them; `ratchet doctor` makes commits again.\n"));
    EXPECT_THAT(ratchet(toy.folder(), {"replay", "--imported"}).errors,
                HasSubstr("no imported experiment can be measured here"));
    EXPECT_THAT(ratchet(toy.folder(), {"replay", "9"}).errors, HasSubstr("there is no experiment #9"));
    EXPECT_THAT(ratchet(toy.folder(), {"replay", "i9"}).errors,
                HasSubstr("there is no imported experiment i9"));
    const Ended wrong = ratchet(toy.folder(), {"replay", "last"});
    EXPECT_EQ(wrong.status, 2);
    EXPECT_EQ(wrong.errors,
              "ratchet: \"last\" is no number of an experiment\n  what to do: 17 is the experiment "
              "#17, i17 the imported one of that number\n");
}

/// A log of another tool that worked on this repository: it commits what it keeps, on a branch of its own.
class ForeignHistory : public Exchange {
  protected:
    ForeignHistory() {
        const auto commit = [&](const std::string& command) {
            return shell(toy.root(),
                         "git checkout -q other 2>/dev/null || git checkout -qb other\n" + command +
                             "\ngit commit -qam other; git rev-parse --short HEAD; git checkout -q main")
                .substr(0, 7);
        };
        const std::string baseline = shell(toy.root(), "git rev-parse --short HEAD").substr(0, 7);
        const std::string faster = commit("echo 700 > src/cost.txt");
        const std::string lucky = commit("echo 705 > src/cost.txt");
        const std::string cheat = commit("echo unfair > guarded/rules.txt");
        const std::string gone = "deadbee";
        std::ofstream log(toy.root() / "autoresearch.jsonl");
        log << R"({"type":"config","name":"Lower the cost","metricName":"cost","metricUnit":"","bestDirection":"lower"})"
            << '\n';
        const auto run = [&](int number, const std::string& named, double metric, const char* status,
                             const char* what) {
            log << fmt::format(
                R"({{"run":{},"commit":"{}","metric":{},"metrics":{{}},"status":"{}","description":"{}",)"
                R"("timestamp":{},"segment":0,"confidence":null,"asi":{{"rollback_reason":"why {}"}}}})"
                "\n",
                number, named, metric, status, what, 1774886400000 + number * 60000LL, number);
        };
        run(1, baseline, 1000, "keep", "baseline");
        run(2, faster, 700, "keep", "a cheaper loop");
        log << "{\"type\":\"hook\",\"stage\":\"after\"}\n{\"run\":3,\n";
        run(4, faster, 731, "discard", "unroll it <b>all</b>");
        run(5, lucky, 690, "keep", "a lucky one");
        run(6, cheat, 100, "keep", "other rules");
        run(7, gone, 0, "crash", "commit that is gone");
        std::ofstream table(toy.root() / "results.tsv");
        table << "commit\tcost\tmemory_gb\tstatus\tdescription\nfeedbee\t990.000000\t1.5\tdiscard\tfrom a "
                 "table\n";
    }

    [[nodiscard]] Ended import_log() const { return ratchet(toy.folder(), {"import", "autoresearch.jsonl"}); }
};

TEST_F(ForeignHistory, IsImportedUnverifiedWithEveryBrokenLineNamed) {
    const Ended imported = import_log();
    ASSERT_EQ(imported.status, 0) << imported.errors;
    EXPECT_EQ(
        imported.output,
        "autoresearch.jsonl: 6 experiments imported, unverified; 1 hook line passed over\n"
        "  line 5 is skipped: it is not JSON\n"
        "They are told to the next proposers; `ratchet replay --imported` measures those whose commits are "
        "here.\n");
    const Ended table = ratchet(toy.folder(), {"import", "results.tsv", "--json"});
    EXPECT_EQ(last_json(table.output)["imported"], 1);
    EXPECT_EQ(
        import_log().output,
        "autoresearch.jsonl: 0 experiments imported, unverified; 6 known before; 1 hook line passed over\n"
        "  line 5 is skipped: it is not JSON\n");
    const auto listed = nlohmann::json::parse(ratchet(toy.folder(), {"log", "--imported", "--json"}).output);
    ASSERT_THAT(listed, SizeIs(7));
    EXPECT_THAT(listed, Each(::testing::ResultOf([](const auto& each) { return each["verified"]; }, false)));
    EXPECT_EQ(listed[5]["description"], "a cheaper loop");
    EXPECT_EQ(listed[5]["files"], nlohmann::json({"src/cost.txt"}));
    EXPECT_EQ(listed[5]["extra"]["asi"]["rollback_reason"], "why 2");
    EXPECT_TRUE(listed[3].contains("commit"));
    EXPECT_TRUE(listed[4]["commit"].is_null()) << "what was discarded was never committed";
    EXPECT_THAT(ratchet(toy.folder(), {"log", "--imported"}).output,
                HasSubstr("i4    keep          cost 690         a lucky one\n"));
}

TEST_F(ForeignHistory, FeedsThePromptAndNothingElse) {
    ASSERT_EQ(import_log().status, 0);
    toy.propose({{"better", toy.cost_patch(1000, 900), "kept"}});
    const Ended run = ratchet(toy.folder(), {"run", "--no-verify"});
    ASSERT_EQ(run.status, 0) << run.output << run.errors;

    const std::string told = ratchet(toy.folder(), {"show", "1", "--prompt"}).output;
    EXPECT_THAT(told,
                HasSubstr("## What was tried before, with other tools\nImported, and unverified unless "));
    EXPECT_THAT(told, HasSubstr("i2 keep (unverified) cost 700 | a cheaper loop | why 2 | src/cost.txt\n"));
    EXPECT_THAT(told, HasSubstr("i6 crash (unverified) | commit that is gone | why 7\n"));
    EXPECT_THAT(words_of(toy.ledger()), ElementsAre("kept"))
        << "the base was champion, not what was imported";
    EXPECT_EQ(shell(toy.root(), "git show ratchet/toy:src/cost.txt"), "900\n");
    const auto status = nlohmann::json::parse(ratchet(toy.folder(), {"status", "--json"}).output);
    EXPECT_EQ(status["experiments"], 1);
    EXPECT_EQ(status["imported"], 6);
    EXPECT_EQ(status["verdicts"]["kept"], 1);
    EXPECT_THAT(ratchet(toy.folder(), {"status"}).output,
                HasSubstr("imported     6, unverified; `ratchet log --imported` lists them\n"));
}

TEST_F(ForeignHistory, StaysWhereTheBaseMovesBeforeTheFirstExperiment) {
    ASSERT_EQ(import_log().status, 0);
    ASSERT_EQ(ratchet(toy.folder(), {"check"}).status, 0);
    toy.write("src/more.txt", "more\n");
    toy.commit("more");
    toy.propose({{"better", toy.cost_patch(1000, 900), "kept"}});
    ASSERT_EQ(ratchet(toy.folder(), {"run", "--no-verify"}).status, 0);
    EXPECT_THAT(ratchet(toy.folder(), {"show", "1", "--prompt"}).output, HasSubstr("a cheaper loop"));
    EXPECT_THAT(words_of(toy.ledger()), ElementsAre("kept"));
}

TEST_F(ForeignHistory, IsMeasuredHereWhereItsCommitsAre) {
    ASSERT_EQ(import_log().status, 0);

    const Ended replayed = ratchet(toy.folder(), {"replay", "--imported"});

    ASSERT_EQ(replayed.status, 0) << replayed.output << replayed.errors;
    EXPECT_THAT(replayed.output, HasSubstr("i2 keep then, kept +42.9% now: same\n"));
    EXPECT_THAT(replayed.output, HasSubstr("i4 keep then, "));
    EXPECT_THAT(replayed.output,
                HasSubstr("i5 keep then, rejected now: differs (it changes guarded/rules.txt, "
                          "which is protected)\n"));
    EXPECT_THAT(replayed.output,
                HasSubstr("3 measured again: 1 the same, 0 similar, 2 different; 3 not measured\n"));
    EXPECT_THAT(ratchet(toy.folder(), {"prompt"}).output,
                HasSubstr("i2 keep (measured here: kept +42.9%) cost 700 | a cheaper loop"));
    EXPECT_EQ(shell(toy.root(), "git for-each-ref refs/heads/ratchet --format='%(refname)' | wc -l"), "1\n");
    EXPECT_EQ(shell(toy.root(), "git show ratchet/toy:src/cost.txt"), "1000\n")
        << "no champion is made of it";
    EXPECT_THAT(words_of(toy.ledger()), IsEmpty());
    const Ended again = ratchet(toy.folder(), {"replay", "i3", "i1", "i6"});
    EXPECT_THAT(again.output, HasSubstr("i3 discard then; not measured: it has no commit of its own in this "
                                        "repository\n"));
    EXPECT_THAT(again.output,
                HasSubstr("i1 keep then; not measured: it is a baseline: nothing was tried yet\n"));
}

TEST_F(ForeignHistory, GoesIntoAnArchiveToo) {
    ASSERT_EQ(import_log().status, 0);
    ASSERT_EQ(ratchet(toy.folder(), {"replay", "i2"}).status, 0);
    ASSERT_EQ(ratchet(toy.folder(), {"export", "--format", "archive", "-o", archive().string()}).status, 0);
    make_clone();
    ASSERT_EQ(ratchet(clone(), {"import", archive().string()}).status, 0);
    const std::vector<std::string> list = {"log", "--imported", "--json"};
    EXPECT_EQ(ratchet(clone(), list).output, ratchet(toy.folder(), list).output);
    EXPECT_THAT(ratchet(clone(), {"prompt"}).output, HasSubstr("i2 keep (measured here: kept +42.9%)"));
}

TEST_F(ForeignHistory, WithoutAReadableRunIsAnErrorThatSaysWhy) {
    std::ofstream(toy.root() / "broken.jsonl") << "{\"run\":1}\n";
    const Ended imported = ratchet(toy.folder(), {"import", "broken.jsonl"});
    EXPECT_EQ(imported.status, 1);
    EXPECT_EQ(
        imported.errors,
        fmt::format("ratchet: {}/broken.jsonl holds no experiment that could be read (line 1: it has no "
                    "status)\n  what to do: docs/exchange.md says what is read. Nothing was imported.\n",
                    toy.root().string()));
}

}  // namespace
}  // namespace ratchet::test
