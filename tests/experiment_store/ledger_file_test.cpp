#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "experiment_store/migrations.hpp"
#include "experiment_store/sqlite.hpp"
#include "ledger_fixture.hpp"

// What only real files show: what is durable, who may read, and which files are left alone.

namespace ratchet::test {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr unsigned ordinary_user = 1500;

class LedgerFileTest : public ::testing::Test {
  protected:
    void found_campaign() {
        Ledger ledger(folder.file(), clock);
        ledger.found(identity());
        ledger.begin_epoch("harness", "", base);
    }

    [[nodiscard]] std::string bytes_of_the_file() const {
        std::ifstream stream(folder.file(), std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    /// What opening the file says, or "" where it says nothing.
    std::string complaint(Ledger::Mode mode = Ledger::Mode::read_write) {
        try {
            const Ledger ledger(folder.file(), clock, mode);
            return "";
        } catch (const UserError& error) {
            return error.what();
        }
    }

    HandClock clock;
    TemporaryFolder folder{memory_folder()};
};

/// Runs it in a child that ends without closing anything, as one that is killed does. Returns the exit
/// status.
int in_a_child_that_dies(const std::function<void()>& work) {
    const pid_t child = fork();
    if (child == 0) {
        try {
            work();
        } catch (...) {
            _exit(1);
        }
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void write_to_standard_error(const std::string& text) {
    const std::string line = text + "\n";
    if (write(STDERR_FILENO, line.data(), line.size()) < 0) _exit(2);
}

TEST_F(LedgerFileTest, is_there_when_it_is_opened_again) {
    found_campaign();
    {
        Ledger ledger(folder.file(), clock);
        ledger.store_proposal(ledger.begin(Brief{}, "prompt"), proposal());
    }
    const Ledger ledger(folder.file(), clock);
    EXPECT_EQ(ledger.identity()->name, "matmul");
    EXPECT_EQ(ledger.prompt({1}), "prompt");
    EXPECT_EQ(ledger.experiment({1})->proposal, proposal());
    EXPECT_TRUE(ledger.intact());
}

TEST_F(LedgerFileTest, keeps_each_committed_step_of_a_process_that_is_killed) {
    found_campaign();
    const int status = in_a_child_that_dies([&] {
        Ledger ledger(folder.file(), clock);
        const ExperimentId id = ledger.begin(Brief{}, "prompt");
        ledger.store_proposal(id, proposal());
        ledger.captured(id, commit(1), tree(1));
        ledger.add_pair(id, pair(Phase::search, 0));
        _exit(0);
    });
    ASSERT_EQ(status, 0);
    const Ledger ledger(folder.file(), clock);
    ASSERT_THAT(ledger.unfinished(), SizeIs(1));
    EXPECT_EQ(ledger.unfinished()[0].stage, Stage::captured);
    EXPECT_THAT(ledger.unfinished()[0].pairs, SizeIs(1));
    EXPECT_TRUE(ledger.intact());
}

TEST_F(LedgerFileTest, forgets_the_half_written_step_of_a_process_that_is_killed) {
    found_campaign();
    const int status = in_a_child_that_dies([&] {
        Database database(folder.file(), Database::Mode::read_write);
        Transaction transaction(database);
        database.run("INSERT INTO note (text, at) VALUES ('half', 0)");
        _exit(0);
    });
    ASSERT_EQ(status, 0);
    Ledger ledger(folder.file(), clock);
    EXPECT_THAT(ledger.notes(), SizeIs(0));
    ledger.add_note("whole");
    EXPECT_THAT(ledger.notes(), SizeIs(1));
}

TEST_F(LedgerFileTest, shows_a_reader_what_a_writer_has_committed) {
    found_campaign();
    Ledger writer(folder.file(), clock);
    const Ledger reader(folder.file(), clock, Ledger::Mode::read_only);
    EXPECT_EQ(reader.experiment_count(), 0);
    writer.begin(Brief{}, "");
    EXPECT_EQ(reader.experiment_count(), 1);
}

TEST_F(LedgerFileTest, shows_a_reader_the_state_before_while_a_writer_is_in_a_transaction) {
    found_campaign();
    Database writer(folder.file(), Database::Mode::read_write);
    Transaction transaction(writer);
    writer.run("INSERT INTO note (text, at) VALUES ('half', 0)");
    const Ledger reader(folder.file(), clock, Ledger::Mode::read_only);
    EXPECT_THAT(reader.notes(), SizeIs(0));
    transaction.commit();
    EXPECT_THAT(reader.notes(), SizeIs(1));
}

TEST_F(LedgerFileTest, is_read_from_one_state_within_a_snapshot_and_not_written) {
    found_campaign();
    Ledger ledger(folder.file(), clock);
    Ledger other(folder.file(), clock);
    {
        const Ledger::Snapshot snapshot(ledger);
        EXPECT_EQ(ledger.note_count(), 0);
        other.add_note("meanwhile");
        EXPECT_EQ(ledger.note_count(), 0);
        EXPECT_THROW(ledger.add_note("within"), MachineryError);
    }
    EXPECT_EQ(ledger.note_count(), 1);
    ledger.add_note("after");
    EXPECT_EQ(ledger.note_count(), 2);
}

TEST_F(LedgerFileTest, lets_nobody_write_through_a_reader) {
    found_campaign();
    Ledger reader(folder.file(), clock, Ledger::Mode::read_only);
    EXPECT_THROW(reader.add_note("no"), UserError);
}

TEST_F(LedgerFileTest, lets_two_writers_take_turns) {
    found_campaign();
    Ledger one(folder.file(), clock);
    Ledger other(folder.file(), clock);
    EXPECT_EQ(one.begin(Brief{}, ""), ExperimentId{1});
    EXPECT_EQ(other.begin(Brief{}, ""), ExperimentId{2});
    EXPECT_EQ(one.begin(Brief{}, ""), ExperimentId{3});
}

TEST_F(LedgerFileTest, is_made_once_by_processes_that_open_it_together) {
    std::vector<pid_t> children;
    for (int i = 0; i < 6; ++i) {
        children.push_back(fork());
        if (children.back() == 0) {
            try {
                Ledger ledger(folder.file(), clock);
                ledger.add_note("here I am");
            } catch (const std::exception& error) {
                write_to_standard_error(error.what());
                _exit(1);
            }
            _exit(0);
        }
    }
    for (const pid_t child : children) {
        int status = -1;
        waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    EXPECT_THAT(Ledger(folder.file(), clock).notes(), SizeIs(6));
}

TEST_F(LedgerFileTest, is_read_from_a_folder_that_is_not_writable) {
    found_campaign();
    std::filesystem::permissions(folder.file(), std::filesystem::perms(0444));
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
    const int status = in_a_child_that_dies([&] {
        if (geteuid() == 0 && setuid(ordinary_user) != 0) _exit(2);
        const Ledger reader(folder.file(), clock, Ledger::Mode::read_only);
        _exit(reader.identity()->name == "matmul" ? 0 : 3);
    });
    EXPECT_EQ(status, 0);
}

TEST_F(LedgerFileTest, says_that_a_folder_is_not_writable) {
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
    const int status = in_a_child_that_dies([&] {
        if (geteuid() == 0 && setuid(ordinary_user) != 0) _exit(2);
        _exit(complaint().find("cannot be written") != std::string::npos ? 0 : 3);
    });
    EXPECT_EQ(status, 0);
}

TEST_F(LedgerFileTest, is_not_made_by_a_reader) {
    EXPECT_THAT(complaint(Ledger::Mode::read_only), HasSubstr("there is no ledger at"));
    EXPECT_FALSE(std::filesystem::exists(folder.file()));
}

TEST_F(LedgerFileTest, refuses_a_newer_schema_and_leaves_it_as_it_is) {
    found_campaign();
    Database(folder.file(), Database::Mode::read_write).script("PRAGMA user_version = 4711");
    const std::string before = bytes_of_the_file();
    EXPECT_THAT(complaint(), HasSubstr("written by a newer ratchet: its schema has version 4711"));
    EXPECT_THAT(complaint(Ledger::Mode::read_only), HasSubstr("newer ratchet"));
    EXPECT_EQ(bytes_of_the_file(), before);
}

TEST_F(LedgerFileTest, refuses_the_database_of_another_program_and_leaves_it_as_it_is) {
    Database(folder.file(), Database::Mode::read_write).script("CREATE TABLE t (a); PRAGMA user_version = 1");
    const std::string before = bytes_of_the_file();
    EXPECT_THAT(complaint(), HasSubstr("belongs to another program"));
    EXPECT_THAT(complaint(Ledger::Mode::read_only), HasSubstr("belongs to another program"));
    EXPECT_EQ(bytes_of_the_file(), before);
}

TEST_F(LedgerFileTest, refuses_a_file_that_is_no_database_and_leaves_it_as_it_is) {
    const std::string noise = "This is a letter to my grandmother, not a ledger. " + std::string(5000, 'x');
    std::ofstream(folder.file()) << noise;
    EXPECT_THAT(complaint(), HasSubstr("is not a ledger"));
    EXPECT_THAT(complaint(Ledger::Mode::read_only), HasSubstr("is not a ledger"));
    EXPECT_EQ(bytes_of_the_file(), noise);
}

TEST_F(LedgerFileTest, lets_nobody_change_or_delete_a_fact) {
    found_campaign();
    Database database(folder.file(), Database::Mode::read_write);
    Statement tables = database.query("SELECT name FROM sqlite_schema WHERE type = 'trigger'");
    int triggers = 0;
    while (tables.next())
        ++triggers;
    EXPECT_GE(triggers, 2 * 20);
    EXPECT_THROW(database.run("UPDATE campaign SET goal = 'another'"), MachineryError);
    EXPECT_THROW(database.run("DELETE FROM champion"), MachineryError);
}

TEST_F(LedgerFileTest, is_durable_at_each_commit) {
    found_campaign();
    Database database(folder.file(), Database::Mode::read_write);
    prepare_ledger(database, Database::Mode::read_write, clock.now());
    EXPECT_EQ(database.value<std::string>("PRAGMA journal_mode"), "wal");
    EXPECT_EQ(database.value<int>("PRAGMA synchronous"), 2);
    EXPECT_EQ(database.value<int>("PRAGMA foreign_keys"), 1);
}

}  // namespace
}  // namespace ratchet::test
