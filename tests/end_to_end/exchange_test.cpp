#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "experiment_store/ledger.hpp"
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

// Campaigns that move, and histories that come from elsewhere.

namespace ratchet::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string bytes_of_file(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    EXPECT_TRUE(stream) << file;
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<nlohmann::json> json_lines(const std::string& text) {
    std::vector<nlohmann::json> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(nlohmann::json::parse(line));
    return lines;
}

/// The last line of a text as JSON.
nlohmann::json last_json(const std::string& text) {
    return json_lines(text).back();
}

/// A folder that goes away with it.
struct PlaceElsewhere {
    PlaceElsewhere() {
        std::string name = (fs::temp_directory_path() / "ratchet-elsewhere-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~PlaceElsewhere() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    PlaceElsewhere(const PlaceElsewhere&) = delete;
    PlaceElsewhere& operator=(const PlaceElsewhere&) = delete;
    fs::path path;
};

class Exchange : public ::testing::Test {
  protected:
    /// Twelve experiments, two of them kept.
    void run_campaign() {
        toy.propose(toy.twelve());
        const Ended run = ratchet(toy.folder(), {"run"});
        ASSERT_EQ(run.status, 0) << run.output << run.errors;
        ASSERT_EQ(words_of(toy.ledger()).size(), 12U);
    }
    void export_campaign() {
        const Ended exported =
            ratchet(toy.folder(), {"export", "--format", "archive", "-o", archive().string()});
        ASSERT_EQ(exported.status, 0) << exported.errors;
        EXPECT_THAT(exported.output, HasSubstr("campaign toy, 12 experiments, "));
    }
    [[nodiscard]] fs::path archive() const { return elsewhere.path / "toy.tar"; }
    [[nodiscard]] fs::path clone() const { return elsewhere.path / "clone"; }
    void make_clone() const { shell(elsewhere.path, "git clone -q '" + toy.root().string() + "' clone"); }

    ToyCampaign toy;
    PlaceElsewhere elsewhere;
};

TEST_F(Exchange, RestoresACampaignElsewhereAndExportsTheSameBytesThere) {
    ASSERT_NO_FATAL_FAILURE(run_campaign());
    ASSERT_EQ(ratchet(toy.folder(), {"note", "try the cache"}).status, 0);
    ASSERT_EQ(ratchet(toy.folder(), {"veto", "12", "--reason", "it cheats"}).status, 0);
    ASSERT_NO_FATAL_FAILURE(export_campaign());
    make_clone();

    const Ended imported = ratchet(clone(), {"import", archive().string()});

    ASSERT_EQ(imported.status, 0) << imported.errors;
    EXPECT_THAT(imported.output, StartsWith("campaign toy: 12 experiments, "));
    EXPECT_THAT(imported.output, Not(HasSubstr("warning"))) << imported.output;
    for (const std::vector<std::string>& verb : std::vector<std::vector<std::string>>{
             {"log", "--json"}, {"status", "--json"}, {"report"}, {"prompt"}, {"search", "better"}}) {
        EXPECT_EQ(ratchet(clone(), verb).output, ratchet(toy.folder(), verb).output) << verb.front();
    }
    for (int number = 1; number <= 12; ++number) {
        const std::vector<std::string> show = {"show", std::to_string(number), "--json"};
        EXPECT_EQ(ratchet(clone(), show).output, ratchet(toy.folder(), show).output) << number;
    }
    const std::string refs = "git for-each-ref refs/ratchet refs/heads/ratchet";
    EXPECT_EQ(shell(clone(), refs), shell(toy.root(), refs));
    EXPECT_EQ(shell(clone(), "git fsck --strict 2>&1 | grep -v dangling || true"), "");
    EXPECT_EQ(shell(clone(), "ls -A .git/ratchet"), "toy\n") << "nothing is left beside it";

    const fs::path again = elsewhere.path / "again.tar";
    ASSERT_EQ(ratchet(clone(), {"export", "--format", "archive", "-o", again.string()}).status, 0);
    EXPECT_TRUE(bytes_of_file(archive()) == bytes_of_file(again)) << "the archives differ";
}

TEST_F(Exchange, GoesOnWithARestoredCampaign) {
    ASSERT_NO_FATAL_FAILURE(run_campaign());
    ASSERT_NO_FATAL_FAILURE(export_campaign());
    make_clone();
    ASSERT_EQ(ratchet(clone(), {"import", archive().string()}).status, 0);
    fs::remove_all(toy.root() / ".git/ratchet");
    fs::copy(toy.root() / "proposals", clone() / "proposals");
    std::ofstream(clone() / "proposals/013-best.patch") << "Hypothesis: best\n\n" << toy.cost_patch(500, 400);

    const Ended run = ratchet(clone(), {"run"});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    const auto words = words_of(clone() / ".git/ratchet/toy/ledger.sqlite");
    ASSERT_THAT(words, SizeIs(13));
    EXPECT_EQ(words.back(), "kept");
    EXPECT_EQ(shell(clone(), "git show ratchet/toy:src/cost.txt"), "400\n");
}

TEST_F(Exchange, RestoresACampaignInARepositoryThatHasNothingOfIt) {
    ASSERT_NO_FATAL_FAILURE(run_campaign());
    ASSERT_NO_FATAL_FAILURE(export_campaign());
    shell(elsewhere.path,
          "git init -qb main fresh && cd fresh && echo x > x && git add x && git commit -qm x");
    const fs::path fresh = elsewhere.path / "fresh";

    const Ended imported = ratchet(fresh, {"import", archive().string()});

    ASSERT_EQ(imported.status, 0) << imported.errors;
    EXPECT_THAT(imported.output, HasSubstr("no campaign file here declares \"toy\""));
    EXPECT_EQ(shell(fresh, "git status --porcelain"), "") << "the checkout is the user's";
    EXPECT_EQ(shell(fresh, "git show ratchet/toy:src/cost.txt"), "500\n");
    EXPECT_EQ(shell(fresh, "git rev-list --count ratchet/toy"), "3\n") << "with the history of its base";
    fs::copy(fresh / ".git/ratchet/toy/imported-ratchet.toml", fresh / "ratchet.toml");
    EXPECT_THAT(ratchet(fresh, {"log"}).output, HasSubstr("#12"));
}

TEST_F(Exchange, IsWrittenWhileTheCampaignRuns) {
    toy.propose(toy.twelve());
    Program run(toy.folder(), {"run"});
    int exported = 0;
    while (!run.wait(std::chrono::milliseconds(1))) {
        const Ended one = ratchet(toy.folder(), {"export", "--format", "archive", "-o", archive().string()});
        if (one.status != 0) continue;  // before the campaign is founded
        ++exported;
        make_clone();
        EXPECT_EQ(ratchet(clone(), {"import", archive().string()}).status, 0);
        const StillClock clock;
        EXPECT_TRUE(
            Ledger(clone() / ".git/ratchet/toy/ledger.sqlite", clock, Ledger::Mode::read_only).intact());
        fs::remove_all(clone());
    }
    EXPECT_EQ(run.end().status, 0);
    EXPECT_GT(exported, 0);
    EXPECT_THAT(words_of(toy.ledger()), SizeIs(12));
}

TEST_F(Exchange, SurvivesAKillDuringAnImport) {
    ASSERT_NO_FATAL_FAILURE(run_campaign());
    ASSERT_NO_FATAL_FAILURE(export_campaign());
    make_clone();
    std::mt19937 random(7);
    int kills = 0;
    for (int attempt = 0; attempt < 40 && !fs::exists(clone() / ".git/ratchet/toy/ledger.sqlite");
         ++attempt) {
        Program import(clone(), {"import", archive().string()});
        std::uniform_int_distribution<int> moment(1, 10 + 4 * attempt);
        if (import.wait(std::chrono::milliseconds(moment(random)))) break;
        import.signal(SIGKILL);
        import.end();
        ++kills;
    }
    const Ended last = ratchet(clone(), {"import", archive().string()});
    const bool there = fs::exists(clone() / ".git/ratchet/toy/ledger.sqlite");
    EXPECT_TRUE(there) << last.errors;
    EXPECT_EQ(ratchet(clone(), {"log", "--json"}).output, ratchet(toy.folder(), {"log", "--json"}).output);
    const fs::path again = elsewhere.path / "again.tar";
    ASSERT_EQ(ratchet(clone(), {"export", "--format", "archive", "-o", again.string()}).status, 0);
    EXPECT_TRUE(bytes_of_file(archive()) == bytes_of_file(again)) << "the archives differ";
    EXPECT_EQ(shell(clone(), "ls -A .git/ratchet"), "toy\n") << "nothing is left beside it";
    EXPECT_GT(kills, 0);
}

TEST_F(Exchange, RefusesWhatCannotBeTakenOver) {
    ASSERT_NO_FATAL_FAILURE(run_campaign());
    ASSERT_NO_FATAL_FAILURE(export_campaign());
    make_clone();
    const auto complaint = [&](const std::string& file) {
        const Ended imported = ratchet(clone(), {"import", file});
        EXPECT_EQ(imported.status, 1) << imported.output;
        EXPECT_FALSE(fs::exists(clone() / ".git/ratchet/toy")) << file;
        return imported.errors;
    };
    const std::string tar = archive().string();

    EXPECT_EQ(complaint("missing"),
              fmt::format("ratchet: {}/missing is no file\n  what to do: Name an archive of "
                          "`ratchet export`, a log.jsonl or a results.tsv.\n",
                          clone().string()));
    std::ofstream(clone() / "text") << "just a text\n";
    EXPECT_THAT(complaint("text"), HasSubstr("/text is nothing that can be imported\n"));

    shell(elsewhere.path, "cp toy.tar cut.tar && truncate -s -20000 cut.tar");
    EXPECT_THAT(complaint("../cut.tar"), AllOf(HasSubstr("cut.tar: "), HasSubstr("Nothing was imported.")));
    shell(elsewhere.path, "tar xf toy.tar --one-top-level=x && cd x && tar cf ../other.tar ledger");
    EXPECT_THAT(complaint("../other.tar"), HasSubstr("is no"));
    const auto changed = [&](const std::string& command) {
        shell(elsewhere.path, "rm -rf y && cp -r x y && cd y && " + command +
                                  " && find . -type f -printf '%P\\n' | LC_ALL=C sort | tar cf "
                                  "../changed.tar --format=ustar -T -");
        return complaint("../changed.tar");
    };
    EXPECT_THAT(
        changed("sed -i 's/\"version\": 1/\"version\": 2/' archive.json"),
        HasSubstr("was written by a newer ratchet\n  what to do: Update ratchet; nothing was imported."));
    EXPECT_THAT(changed("sed -i 's/\"campaign\": \"toy\"/\"campaign\": \"..\"/' archive.json"),
                HasSubstr("the campaign in it has a name that none can have"));
    EXPECT_THAT(changed("sed -i 's/\"campaign\": \"toy\"/\"campaign\": \"joy\"/' archive.json"),
                HasSubstr("its ledger is of another campaign than it says"));
    EXPECT_THAT(changed("rm repository.bundle"),
                HasSubstr("it is cut off: \"repository.bundle\" is missing"));
    EXPECT_THAT(changed("echo x > zzz"), HasSubstr("\"zzz\" has no place in an archive"));
    EXPECT_THAT(changed("echo {} > ledger/standing.jsonl"),
                HasSubstr("\"ledger/standing.jsonl\" is no table of a ledger"));
    EXPECT_THAT(changed("sed -i '3s/.*/{}/' ledger/pair.jsonl"),
                HasSubstr("the archive's ledger is damaged: ledger/pair.jsonl, line 3: it is no row\n"));
    EXPECT_THAT(changed("sed -i 's/no-gain/so-what/' ledger/decision.jsonl"), HasSubstr("so-what"));
    EXPECT_THAT(changed("head -c 3000 repository.bundle > b && mv b repository.bundle"),
                HasSubstr("the archive's git bundle is damaged: "));
    EXPECT_THAT(
        changed("sed -i 's/\"commit_id\":\"[0-9a-f]*\"/\"commit_id\":\"" + std::string(40, '1') +
                "\"/' ledger/candidate.jsonl"),
        HasSubstr("the archive's commits cannot be taken over: the commit 1111111111 is not among them"));
    EXPECT_EQ(shell(clone(), "git for-each-ref refs/ratchet"), "") << "after all of these";

    ASSERT_EQ(ratchet(clone(), {"import", tar}).status, 0) << "and then the good one";
    const Ended twice = ratchet(clone(), {"import", tar});
    EXPECT_EQ(twice.status, 1);
    EXPECT_EQ(
        twice.errors,
        fmt::format("ratchet: {}: campaign \"toy\" is in this repository already ({}/.git/ratchet/toy)\n"
                    "  what to do: Nothing was changed. Import it into another clone, or move that folder "
                    "away first.\n",
                    tar, clone().string()));
    fs::rename(clone() / ".git/ratchet/toy", elsewhere.path / "away");
    shell(clone(), "git update-ref refs/ratchet/toy/3 HEAD");
    EXPECT_THAT(ratchet(clone(), {"import", tar}).errors,
                HasSubstr("refs/ratchet/toy/3 is another commit in this repository"));
}

TEST_F(Exchange, ToAnArchiveNeedsAFile) {
    const Ended nowhere = ratchet(toy.folder(), {"export", "--format", "archive"});
    EXPECT_EQ(nowhere.status, 2);
    EXPECT_EQ(nowhere.errors,
              "ratchet: an archive needs a file to be written to\n  what to do: for example --output "
              "campaign.tar\n");
    EXPECT_EQ(ratchet(toy.folder(), {"export"}).errors,
              "ratchet: campaign \"toy\" has no ledger yet\n  what to do: `ratchet run` starts it\n");
}

TEST_F(Exchange, WritesALineForEachExperimentWithAllSamples) {
    ASSERT_NO_FATAL_FAILURE(run_campaign());

    const Ended exported = ratchet(toy.folder(), {"export"});

    ASSERT_EQ(exported.status, 0) << exported.errors;
    const auto lines = json_lines(exported.output);
    ASSERT_THAT(lines, SizeIs(12));
    EXPECT_EQ(lines[0]["experiment"], 1);
    EXPECT_EQ(lines[0]["verdict"], "kept");
    EXPECT_EQ(lines[0]["campaign"]["metric"], "cost");
    EXPECT_EQ(lines[0]["campaign"]["direction"], "lower");
    ASSERT_FALSE(lines[0]["samples"].empty());
    EXPECT_EQ(lines[0]["samples"][0]["candidate"]["value"], 900);
    EXPECT_TRUE(lines[0]["discarded"].is_array());
    EXPECT_TRUE(lines[0]["replays"].empty());

    ASSERT_EQ(ratchet(toy.folder(), {"export", "--format", "tsv", "-o", "table.tsv"}).status, 0);
    std::istringstream table(bytes_of_file(toy.folder() / "table.tsv"));
    std::vector<std::ptrdiff_t> tabs;
    for (std::string line; std::getline(table, line);)
        tabs.push_back(std::count(line.begin(), line.end(), '\t'));
    EXPECT_THAT(tabs, AllOf(SizeIs(13), Each(tabs.front())));
    EXPECT_THAT(bytes_of_file(toy.folder() / "table.tsv"), StartsWith("experiment\tverdict\trejection\t"));
}

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
    ASSERT_NO_FATAL_FAILURE(run_campaign());
    const auto replays = [&] {
        const StillClock clock;
        return Ledger(toy.ledger(), clock, Ledger::Mode::read_only).replays().size();
    };
    Program first(toy.folder(), {"replay"});
    ASSERT_TRUE(eventually([&] { return replays() >= 2; }, std::chrono::minutes(2)));
    first.signal(SIGINT);
    const Ended stopped = first.end();
    const std::size_t done = replays();
    if (done == 7) GTEST_SKIP() << "it was faster than the signal";
    EXPECT_EQ(stopped.status, 130) << stopped.output << stopped.errors;

    const Ended second = ratchet(toy.folder(), {"replay"});

    EXPECT_EQ(second.status, 0) << second.output << second.errors;
    EXPECT_THAT(second.output, HasSubstr(fmt::format("{} of 7 are left of this round\n", 7 - done)));
    EXPECT_EQ(replays(), 7U);
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
        "autoresearch.jsonl: 6 experiments imported, unverified; 1 lines tell of hooks only\n"
        "  line 5 is skipped: it is not JSON\n"
        "They are told to the next proposers; `ratchet replay --imported` measures those whose commits are "
        "here.\n");
    const Ended table = ratchet(toy.folder(), {"import", "results.tsv", "--json"});
    EXPECT_EQ(last_json(table.output)["imported"], 1);
    EXPECT_EQ(
        import_log().output,
        "autoresearch.jsonl: 0 experiments imported, unverified; 6 were imported before; 1 lines tell of "
        "hooks only\n  line 5 is skipped: it is not JSON\n");
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
    EXPECT_THAT(told, HasSubstr("## What was tried before, with other tools\nImported and unverified: "));
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
}  // namespace ratchet::testing
