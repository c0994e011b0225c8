#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <random>

#include "experiment_store/ledger.hpp"
#include "tests/end_to_end/exchange_fixture.hpp"

// Campaigns that move to another place.

namespace ratchet::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

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

}  // namespace
}  // namespace ratchet::test
