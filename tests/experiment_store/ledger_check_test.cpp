#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "experiment_store/compression.hpp"
#include "experiment_store/derived.hpp"
#include "experiment_store/sqlite.hpp"
#include "ledger_fixture.hpp"

// What `problems` finds in real files, and what a rebuild makes of it.

namespace ratchet::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A ledger with enough rows for every table to have pages of its own.
class LedgerCheckTest : public ::testing::Test {
  protected:
    LedgerCheckTest() {
        Ledger ledger(folder.file(), clock);
        ledger.found(identity());
        ledger.begin_epoch("harness", "[campaign]\n", base);
        for (int number = 1; number <= 40; ++number) {
            const ExperimentId id =
                ledger.begin(Brief{{}, ledger.champion().commit, "tune", Move::explore, "", 1},
                             std::string(300, static_cast<char>('a' + number % 26)));
            ledger.store_proposal(
                id, proposal("idea " + std::to_string(number), "src/" + std::to_string(number % 7) + ".cpp"));
            ledger.captured(id, commit(number), tree(number));
            ledger.advance(id, Stage::built,
                           {failed_run(Stage::built, "build",
                                       "error: " + std::string(static_cast<std::size_t>(number), 'x'))});
            const bool kept = number % 10 == 0;
            ledger.finish(id, decision(kept ? Verdict::kept : Verdict::build_failed, 0.01 * number),
                          ledger.champion().commit);
        }
        ledger.veto({20}, "it cheats");
    }

    std::vector<LedgerProblem> problems() {
        return Ledger(folder.file(), clock, Ledger::Mode::read_only).problems();
    }
    void rebuild() { Ledger(folder.file(), clock).rebuild(); }
    void change(const std::string& sql) { Database(folder.file(), Database::Mode::read_write).script(sql); }
    /// Everything in one file, so that bytes can be changed in it.
    void settle() { change("PRAGMA wal_checkpoint(TRUNCATE)"); }

    HandClock clock;
    TemporaryFolder folder{memory_folder()};
};

TEST_F(LedgerCheckTest, finds_nothing_in_a_whole_ledger_and_changes_nothing) {
    settle();
    std::ifstream before(folder.file(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(before), {}};
    EXPECT_THAT(problems(), IsEmpty());
    std::ifstream after(folder.file(), std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(after), {}), bytes);
}

TEST_F(LedgerCheckTest, finds_nothing_after_a_rebuild) {
    rebuild();
    EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(LedgerCheckTest, tells_each_derived_table_that_is_not_what_the_facts_give) {
    const std::vector<std::pair<std::string, std::string>> damages = {
        {"standing", "UPDATE standing SET verdict = 'kept' WHERE experiment = 3"},
        {"standing", "DELETE FROM standing WHERE experiment > 30"},
        {"totals", "UPDATE totals SET finished = finished + 1"},
        {"tally", "DELETE FROM tally"},
        {"file_record", "UPDATE file_record SET best_effect = 1 WHERE path = 'src/1.cpp'"},
        {"failure_signature",
         "INSERT INTO failure_signature VALUES (99, 'built', 'build', 'invented', 3, 1)"},
        {"function_record", "INSERT INTO function_record (path, function) VALUES ('src/1.cpp', 'invented')"},
        {"touched_function", "INSERT INTO touched_function VALUES (1, 99)"},
        {"failure_place", "INSERT INTO failure_place VALUES (99, 'src/1.cpp', '', 1)"},
        {"idea_fate", "INSERT INTO idea_fate VALUES (99, 1, 0, x'', 1, NULL)"},
        {"tried_idea", "DELETE FROM tried_idea WHERE experiment = 7"},
        {"tried_word", "INSERT INTO tried_word VALUES (1, 99)"},
        {"idea_word", "INSERT INTO idea_word VALUES (1, 99)"},
        {"fingerprint", "UPDATE fingerprint SET value = value + 1 WHERE experiment = 7"},
        {"word_place", "INSERT INTO full_text (full_text) VALUES ('delete-all')"},
        {"spend", "DELETE FROM spend"},
        {"model_spend", "INSERT INTO model_spend VALUES ('invented', 1, 0, 1, 0, 1, 0, 1, 1)"},
        {"fingerprint", "DROP TABLE fingerprint"},
        {"word_place", "DROP TABLE full_text"},
    };
    for (const auto& [table, damage] : damages) {
        change(damage);
        const std::vector<LedgerProblem> found = problems();
        EXPECT_THAT(found, Contains(Field(&LedgerProblem::text, HasSubstr("derived table " + table))))
            << damage;
        EXPECT_THAT(found, Each(Field(&LedgerProblem::rebuildable, true))) << damage;
        rebuild();
        EXPECT_THAT(problems(), IsEmpty()) << damage;
    }
}

TEST_F(LedgerCheckTest, finds_an_index_that_lost_rows_and_a_rebuild_makes_it_again) {
    // The index is made to say less than its table by telling SQLite that it holds what it does not.
    change(
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = replace(sql, ')', ') WHERE experiment > 20') "
        "WHERE name = 'stage_run_by_experiment';"
        "PRAGMA writable_schema = RESET");
    change("REINDEX stage_run_by_experiment");
    change(
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = replace(sql, ' WHERE experiment > 20', '') "
        "WHERE name = 'stage_run_by_experiment';"
        "PRAGMA writable_schema = RESET");
    const std::vector<LedgerProblem> found = problems();
    ASSERT_THAT(found, Contains(Field(&LedgerProblem::text, HasSubstr("stage_run_by_experiment"))));
    EXPECT_THAT(found, Each(Field(&LedgerProblem::rebuildable, true)));
    rebuild();
    EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(LedgerCheckTest, says_that_damaged_facts_cannot_be_made_again) {
    const std::vector<std::pair<std::string, std::string>> damages = {
        {"diff of #5 cannot be unpacked",
         "DROP TRIGGER proposal_is_never_updated;"
         "UPDATE proposal SET diff = x'00112233' WHERE experiment = 5"},
        {"prompt of #6 cannot be unpacked",
         "DROP TRIGGER prompt_is_never_updated;"
         "UPDATE prompt SET text = x'28b52ffd' WHERE experiment = 6"},
        {"#9 is of an earlier epoch than the experiment before it",
         "INSERT INTO epoch SELECT 2, harness_hash, campaign_file, commit_id, started_at FROM epoch;"
         "DROP TRIGGER experiment_is_never_updated; UPDATE experiment SET epoch = 2 WHERE id = 8"},
        {"#9 is finished without a decision",
         "PRAGMA foreign_keys = OFF; DROP TRIGGER decision_is_never_deleted;"
         "DELETE FROM decision WHERE experiment = 9"},
        {"1 of veto refer to rows of decision that are not there",
         "PRAGMA foreign_keys = OFF; INSERT INTO veto (experiment, reason, at) VALUES (99, 'of nothing', 0)"},
        {"1 of the experiments up to #40 are missing",
         "PRAGMA foreign_keys = OFF; DROP TRIGGER experiment_is_never_deleted;"
         "DELETE FROM experiment WHERE id = 11"},
    };
    for (const auto& [sentence, damage] : damages) {
        change(damage);
        const auto found = problems();
        EXPECT_THAT(found, Contains(AllOf(Field(&LedgerProblem::text, HasSubstr(sentence)),
                                          Field(&LedgerProblem::rebuildable, false))))
            << damage;
    }
}

TEST_F(LedgerCheckTest, finds_noise_in_any_page_or_the_ledger_is_still_the_same) {
    settle();
    std::ifstream stream(folder.file(), std::ios::binary);
    const std::string whole{std::istreambuf_iterator<char>(stream), {}};
    constexpr std::size_t page = 4096;
    const auto pages = whole.size() / page;
    ASSERT_GT(pages, 20U);
    const std::string before = Ledger(folder.file(), clock).experiment({17})->proposal->diff;
    std::size_t told = 0;
    std::size_t mended = 0;
    for (std::size_t number = 1; number < pages; ++number) {
        std::string noisy = whole;
        for (std::size_t i = 0; i < page; ++i)
            noisy[number * page + i] = static_cast<char>(i * 131 + number);
        std::ofstream(folder.file(), std::ios::binary | std::ios::trunc) << noisy;
        std::filesystem::remove(folder.file().string() + "-wal");
        std::filesystem::remove(folder.file().string() + "-shm");
        try {
            const auto found = problems();
            if (!found.empty()) ++told;
            // A page that nothing uses may say what it likes.
            if (found.empty()) {
                EXPECT_EQ(Ledger(folder.file(), clock).experiment({17})->proposal->diff, before);
            }
            const bool rebuildable =
                std::all_of(found.begin(), found.end(), [](const auto& each) { return each.rebuildable; });
            if (!found.empty() && rebuildable) {
                ++mended;
                rebuild();
                EXPECT_THAT(problems(), IsEmpty()) << "page " << number << ": " << found.front().text;
            }
        } catch (const UserError& error) {
            ++told;
            EXPECT_THAT(error.what(), HasSubstr("damaged")) << "page " << number;
            EXPECT_FALSE(error.hint().empty());
        }
    }
    EXPECT_GT(told, pages * 3 / 4);
    EXPECT_GT(mended, 5U) << "what is derived, and the indexes";
}

TEST(LedgerChecksum, tells_each_changed_bit_of_a_diff) {
    const std::string diff = proposal().diff;
    const std::string frame = compressed(diff);
    std::size_t told = 0;
    for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
        std::string changed = frame;
        changed[bit / 8] = static_cast<char>(static_cast<unsigned char>(changed[bit / 8]) ^ (1U << bit % 8));
        try {
            EXPECT_EQ(decompressed(changed), diff) << "bit " << bit;
        } catch (const DamagedLedger&) {
            ++told;
        }
    }
    EXPECT_GT(told, frame.size() * 7) << "a bit or two of a frame's header mean nothing";
}

TEST_F(LedgerCheckTest, a_rebuild_that_is_killed_changes_nothing) {
    change("DELETE FROM tally");
    settle();
    const auto before = problems();
    ASSERT_THAT(before, Not(IsEmpty()));
    const pid_t child = fork();
    if (child == 0) {
        Database database(folder.file(), Database::Mode::read_write);
        Transaction transaction(database);
        rebuild_derived(database);
        _exit(0);  // all is written, nothing committed
    }
    int status = -1;
    waitpid(child, &status, 0);
    ASSERT_EQ(status, 0);
    EXPECT_THAT(problems(), ::testing::SizeIs(before.size()));
    EXPECT_EQ(Ledger(folder.file(), clock).experiment_count(), 40);
    rebuild();
    EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(LedgerCheckTest, looks_at_a_ledger_while_somebody_writes) {
    Database writer(folder.file(), Database::Mode::read_write);
    Transaction transaction(writer);
    writer.run("INSERT INTO note (text, at) VALUES ('half', 0)");
    EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(LedgerCheckTest, lists_candidates_and_logs) {
    const Ledger ledger(folder.file(), clock, Ledger::Mode::read_only);
    const std::vector<CandidateRecord> candidates = ledger.candidates();
    ASSERT_EQ(candidates.size(), 40U);
    EXPECT_EQ(candidates[6].experiment, ExperimentId{7});
    EXPECT_EQ(candidates[6].commit, commit(7));
    EXPECT_EQ(candidates[6].tree, tree(7));
    EXPECT_TRUE(candidates[6].finished);
    EXPECT_THAT(ledger.logs(), IsEmpty()) << "these runs had none";
}

}  // namespace
}  // namespace ratchet::test
