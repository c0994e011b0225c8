#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "experiment_store/exchange/facts.hpp"
#include "experiment_store/exchange/json_text.hpp"
#include "experiment_store/sqlite.hpp"
#include "ledger_fixture.hpp"

// What comes from elsewhere, and the facts as text.

namespace ratchet::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ImportedExperiment imported(const std::string& description, ImportedStatus status = ImportedStatus::keep) {
    ImportedExperiment imported;
    imported.source = "log.jsonl";
    imported.line = 3;
    imported.segment = 1;
    imported.session = "Sort";
    imported.metric = "total_ms";
    imported.unit = "ms";
    imported.direction = Direction::lower;
    imported.run = 7;
    imported.commit_name = "abc1234";
    imported.commit = commit(5);
    imported.files = {"src/a.cpp", "src/b\xff.cpp"};
    imported.value = 12.5;
    imported.status = status;
    imported.description = description;
    imported.learned = "it was the cache";
    imported.confidence = 2.5;
    imported.measured_at = Timestamp(std::chrono::seconds(1'700'000'123));
    imported.extra = R"({"iterationTokens":17})";
    imported.record = "the line of " + description;
    return imported;
}

TEST_F(LedgerTest, gives_back_an_imported_experiment_as_it_was) {
    ImportedExperiment expected = imported("radix sort");
    EXPECT_EQ(ledger.add_imported({expected}), 1);
    expected.id = {1};
    expected.at = clock.now();
    EXPECT_THAT(ledger.imported(10), ElementsAre(expected));
    EXPECT_EQ(ledger.imported_count(), 1);
}

TEST_F(LedgerTest, takes_a_line_over_once_however_often_the_file_is_imported) {
    const ImportedExperiment twin = imported("crash");
    EXPECT_EQ(ledger.add_imported({imported("one"), twin, twin}), 3) << "two lines that are alike are two";
    EXPECT_EQ(ledger.add_imported({imported("one"), twin, twin, imported("new")}), 1);
    EXPECT_EQ(ledger.add_imported({twin, twin, twin}), 1);
    EXPECT_EQ(ledger.imported_count(), 5);
}

TEST_F(LedgerTest, counts_nothing_that_was_imported) {
    const auto tally = ledger.tally();
    ledger.add_imported({imported("kept elsewhere"), imported("failed", ImportedStatus::crash)});
    EXPECT_EQ(ledger.champion().commit, base);
    EXPECT_EQ(ledger.error_budget().tests, 0);
    EXPECT_EQ(ledger.error_budget().kept, 0);
    EXPECT_EQ(ledger.experiment_count(), 0);
    EXPECT_EQ(ledger.since_last_kept(), 0);
    EXPECT_EQ(ledger.tally(), tally);
    EXPECT_THAT(ledger.map(10), IsEmpty());
    EXPECT_THAT(ledger.summaries({}), IsEmpty());
    EXPECT_EQ(ledger.with_tree(tree(5), {0}), std::nullopt);
}

TEST_F(LedgerTest, remembers_what_was_judged_once_more) {
    ledger.add_imported({imported("radix sort")});
    const ExperimentId id = finished(Verdict::kept, base, proposal(), 0.1);
    Replay own;
    own.experiment = id;
    own.champion = base;
    own.candidate = commit(1);
    own.decision = decision(Verdict::no_gain, 0.001);
    own.decision.pairs = 12;
    own.host = "here";
    own.at = clock.now();
    Replay foreign = own;
    foreign.experiment.reset();
    foreign.imported = ImportedId{1};
    foreign.decision = decision(Verdict::build_failed);
    ledger.add_replay(own);
    ledger.add_replay(foreign);
    EXPECT_THAT(ledger.replays(), ElementsAre(own, foreign));
    EXPECT_EQ(ledger.latest_replay(ImportedId{1}), foreign);
    EXPECT_EQ(ledger.latest_replay(ImportedId{2}), std::nullopt);
    EXPECT_EQ(ledger.champion().commit, commit(1)) << "a replay takes nothing back";
    EXPECT_EQ(ledger.error_budget().kept, 1);
    EXPECT_THROW(ledger.add_replay(Replay{}), MachineryError) << "of nothing";
}

TEST_F(LedgerTest, gives_back_pairs_that_count_no_more) {
    const ExperimentId id = candidate();
    ledger.add_pair(id, pair(Phase::search, 0, 10, 9));
    ledger.discard_pairs(id, "the champion changed");
    ledger.discard_pairs(id, "the champion changed again");
    ledger.add_pair(id, pair(Phase::search, 0, 10, 8));
    const auto discarded = ledger.discarded_pairs(id);
    ASSERT_THAT(discarded, SizeIs(1));
    EXPECT_EQ(discarded[0].reason, "the champion changed");
    EXPECT_EQ(discarded[0].pairs.at(0).candidate.value, 9);
    EXPECT_EQ(ledger.experiment(id)->pairs.at(0).candidate.value, 8);
}

/// A ledger in a file in which every kind of value occurs.
class FactsTest : public ::testing::Test {
  protected:
    FactsTest() {
        Ledger ledger(folder.file(), clock);
        ledger.found(identity());
        ledger.begin_epoch("harness", "[campaign]\n", base);
        ledger.end_session(ledger.begin_session("host", 7), "done");
        Brief brief;
        brief.parent = base;
        brief.proposer = "command";
        brief.focus = "a \"quoted\"\n\tfocus \xe2\x9c\x93 \x01";
        brief.seed = 0xfedcba9876543210U;
        for (int number = 1; number <= 3; ++number) {
            clock.tick();
            const ExperimentId id = ledger.begin(brief, "prompt \xff " + std::to_string(number));
            Proposal proposed = proposal("idea " + std::to_string(number));
            proposed.files.push_back({"src/\xff.cpp", 1, 0});
            proposed.usage.cost = 0.1;
            ledger.store_proposal(id, proposed);
            ledger.captured(id, commit(number), tree(number));
            if (number == 2) ledger.captured(id, commit(12), tree(12), commit(1));
            ledger.advance(id, Stage::gated, {failed_run(Stage::gated, "check", std::string("out\0put", 7))});
            ledger.add_pair(id, pair(Phase::search, 0, 1.0, 1e-300));
            Decision end = decision(number == 1 ? Verdict::kept : Verdict::gate_failed, 0.25);
            end.e_value = number == 1 ? std::numeric_limits<double>::infinity() : 0;
            ledger.finish(id, end, ledger.champion().commit);
        }
        ledger.veto({1}, "it cheats");
        ledger.begin(brief, "");
        ledger.add_imported({imported("radix")});
        ledger.add_note("a note");
    }

    static std::map<std::string, std::string> facts_of(const std::filesystem::path& file) {
        FactsReader reader(file);
        std::map<std::string, std::string> facts;
        for (const std::string& table : reader.tables()) {
            std::ostringstream out;
            reader.write(table, out);
            facts[table] = out.str();
        }
        return facts;
    }

    static void write_all(FactsWriter& writer, const std::map<std::string, std::string>& facts) {
        for (const auto& [table, text] : facts) {
            std::istringstream lines(text);
            std::int64_t number = 0;
            for (std::string line; std::getline(lines, line);) {
                const std::string place = "ledger/" + table + ".jsonl, line " + std::to_string(++number);
                writer.add(table, line, place);
            }
        }
        writer.finish();
    }

    /// What writing these facts says; "" where it works.
    std::string complaint(const std::map<std::string, std::string>& facts) {
        const TemporaryFolder elsewhere(memory_folder());
        try {
            FactsWriter writer(elsewhere.file());
            write_all(writer, facts);
            return "";
        } catch (const UserError& error) {
            EXPECT_EQ(error.hint(), "Nothing was imported. Export it again where it comes from.");
            return error.what();
        }
    }

    HandClock clock;
    TemporaryFolder folder{memory_folder()};
    TemporaryFolder other{memory_folder()};
};

TEST_F(FactsTest, make_the_same_ledger_and_the_same_text_again) {
    const auto facts = facts_of(folder.file());
    {
        FactsWriter writer(other.file());
        write_all(writer, facts);
    }
    EXPECT_EQ(facts_of(other.file()), facts);
    const Ledger before(folder.file(), clock, Ledger::Mode::read_only);
    const Ledger after(other.file(), clock);
    EXPECT_TRUE(after.intact());
    EXPECT_EQ(after.experiment_count(), 4);
    for (std::int64_t number = 1; number <= 4; ++number) {
        SCOPED_TRACE(number);
        const auto one = before.experiment({number});
        const auto same = after.experiment({number});
        EXPECT_EQ(one->brief, same->brief);
        EXPECT_EQ(one->proposal, same->proposal);
        EXPECT_EQ(one->runs, same->runs);
        EXPECT_EQ(one->pairs, same->pairs);
        EXPECT_EQ(one->decision, same->decision);
        EXPECT_EQ(one->candidate, same->candidate);
        EXPECT_EQ(before.prompt({number}), after.prompt({number}));
    }
    EXPECT_EQ(before.tally(), after.tally());
    EXPECT_EQ(before.imported(9), after.imported(9));
    EXPECT_EQ(before.search("idea", 10).size(), after.search("idea", 10).size());
    EXPECT_EQ(before.identity()->seed, after.identity()->seed);
}

TEST_F(FactsTest, are_all_tables_that_the_schema_guards) {
    FactsReader reader(folder.file());
    // A table that comes to the facts is told by its triggers; what derives from facts has none.
    Database database(folder.file(), Database::Mode::read_only);
    const auto guarded = database.value<int>(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '%_is_never_deleted'");
    EXPECT_THAT(reader.tables(), SizeIs(*guarded));
    EXPECT_THAT(reader.tables(),
                ::testing::IsSupersetOf({"experiment", "imported", "pair", "sample_metric"}));
    EXPECT_THAT(reader.tables(), ::testing::Not(Contains("standing")));
}

TEST_F(FactsTest, name_every_commit_that_was_made) {
    FactsReader reader(folder.file());
    const auto commits = reader.commits();
    EXPECT_EQ(commits.at("1"), commit(1));
    EXPECT_EQ(commits.at("2"), commit(12)) << "the last counts";
    EXPECT_EQ(commits.at("2-1"), commit(2));
    EXPECT_EQ(commits.at("champion"), base) << "after the veto";
    EXPECT_THAT(commits, SizeIs(5));
    EXPECT_THAT(reader.grounds(), Contains(base));
    EXPECT_THAT(reader.champions(), SizeIs(2));
}

TEST_F(FactsTest, that_do_not_fit_are_refused_with_their_place) {
    auto facts = facts_of(folder.file());
    const auto with = [&](const std::string& table, const std::string& line) {
        auto changed = facts;
        changed[table] = line + "\n";
        return complaint(changed);
    };
    const std::string damaged = "the archive's ledger is damaged: ";
    EXPECT_EQ(complaint(facts), "");
    EXPECT_EQ(with("note", "{"), damaged + "ledger/note.jsonl, line 1: it is not JSON");
    EXPECT_EQ(with("note", "[1]"), damaged + "ledger/note.jsonl, line 1: it is no row");
    EXPECT_EQ(with("note", "{}"), damaged + "ledger/note.jsonl, line 1: it is no row");
    EXPECT_EQ(with("note", R"({"id":1,"text":"x","at":1,"colour":"red"})"),
              damaged + "ledger/note.jsonl, line 1: a column that this version does not know");
    EXPECT_EQ(with("note", R"({"id":1,"text":[1],"at":1})"),
              damaged + "ledger/note.jsonl, line 1: a value of an unknown kind");
    EXPECT_EQ(with("note", R"({"id":1,"text":{"base64":"?"},"at":1})"),
              damaged + "ledger/note.jsonl, line 1: a value of an unknown kind");
    EXPECT_EQ(with("note", R"({"id":18446744073709551615,"text":"x","at":1})"),
              damaged + "ledger/note.jsonl, line 1: a value of an unknown kind");
    EXPECT_THAT(with("note", R"({"id":1,"text":"x","at":"now"})"), HasSubstr("ledger/note.jsonl, line 1: "));
    EXPECT_THAT(with("note", R"({"id":1})"), HasSubstr("NOT NULL"));
    EXPECT_THAT(with("veto", R"({"experiment":77,"reason":"","at":1})"), HasSubstr("FOREIGN KEY"));
    EXPECT_THAT(with("discard", R"({"experiment":1,"generation":1,"reason":[[[]]],"at":1})"),
                HasSubstr("nested too deep"));
}

TEST_F(FactsTest, that_make_no_sense_together_are_refused) {
    const auto facts = facts_of(folder.file());
    const auto without = [&](const std::string& table) {
        auto changed = facts;
        changed[table].clear();
        return complaint(changed);
    };
    const std::string damaged = "the archive's ledger is damaged: ";
    EXPECT_EQ(without("campaign"), damaged + "it has no campaign");
    EXPECT_EQ(without("champion"), damaged + "it has no champion");
    auto changed = facts;
    changed["decision"].clear();
    changed["veto"].clear();
    changed["champion"] = changed["champion"].substr(0, changed["champion"].find('\n') + 1);
    EXPECT_EQ(complaint(changed), damaged + "an experiment is finished without a decision");
    EXPECT_EQ(without("progress"), damaged + "an experiment was never planned");
    changed = facts;
    changed["experiment"].erase(0, changed["experiment"].find('\n') + 1);
    EXPECT_EQ(complaint(changed), damaged + "the numbers of its experiments have gaps");
    changed = facts;
    const std::string place = changed["candidate"].substr(changed["candidate"].find("aaaa"), 40);
    changed["candidate"].replace(changed["candidate"].find(place), 40, "../../../../etc/passwd");
    EXPECT_EQ(complaint(changed), damaged + "a commit in it is no commit id");
    changed = facts;
    const std::size_t stage = changed["progress"].find("captured");
    changed["progress"].replace(stage, 8, "capsized");
    EXPECT_THAT(complaint(changed), HasSubstr("capsized"));
}

TEST(Base64, is_what_it_was_made_of) {
    for (const std::string bytes : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
        std::string back;
        EXPECT_TRUE(from_base64(to_base64(bytes), back));
        EXPECT_EQ(back, bytes);
    }
    EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");  // RFC 4648, section 10
    EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
    std::string bytes;
    for (const char* wrong : {"Zg=", "Z===", "Zg==Zg==", "Zm9v!A==", "Zm=v"})
        EXPECT_FALSE(from_base64(wrong, bytes)) << wrong;
}

}  // namespace
}  // namespace ratchet::test
