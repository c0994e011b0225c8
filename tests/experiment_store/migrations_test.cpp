#include "experiment_store/migrations.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "experiment_store/sqlite.hpp"
#include "ledger_fixture.hpp"

namespace ratchet::test {
namespace {

const int current = schema_version();

const std::vector<Migration> steps = {
    {current + 1, "2027-01-01", "say how a note looks",
     "ALTER TABLE note ADD COLUMN colour TEXT NOT NULL DEFAULT 'black'"},
    {current + 2, "2027-02-01", "a table more",
     "CREATE TABLE extra (a INTEGER) STRICT; INSERT INTO extra VALUES (7)"},
};

class MigrationTest : public ::testing::Test {
  protected:
    MigrationTest() {
        Ledger ledger(folder.file(), clock);
        ledger.found(identity());
        ledger.add_note("from before");
    }

    void open_with(const std::vector<Migration>& known, Database::Mode mode = Database::Mode::read_write) {
        Database database(folder.file(), mode);
        prepare_ledger(database, mode, clock.now(), known);
    }

    template <typename Type>
    Type value(std::string_view sql) {
        return *Database(folder.file(), Database::Mode::read_only).value<Type>(sql);
    }

    HandClock clock;
    TemporaryFolder folder{memory_folder()};
};

TEST_F(MigrationTest, bring_an_older_ledger_up_to_date) {
    open_with(steps);
    EXPECT_EQ(value<int>("PRAGMA user_version"), current + 2);
    EXPECT_EQ(value<std::string>("SELECT text || colour FROM note"), "from beforeblack");
    EXPECT_EQ(value<int>("SELECT a FROM extra"), 7);
}

TEST_F(MigrationTest, are_applied_once) {
    open_with(steps);
    open_with(steps);
    EXPECT_EQ(value<int>("SELECT count(*) FROM extra"), 1);
}

TEST_F(MigrationTest, make_what_is_derived_anew_where_they_say_so) {
    Database(folder.file(), Database::Mode::read_write).script("UPDATE totals SET finished = 7");
    open_with({{current + 1, "2027-01-01", "nothing new", {}}});
    EXPECT_EQ(value<int>("SELECT finished FROM totals"), 7);
    open_with({{current + 1, "2027-01-01", "nothing new", {}},
               {current + 2, "2027-01-01", "ideas anew", {}, Migration::Derives::ideas}});
    EXPECT_EQ(value<int>("SELECT finished FROM totals"), 7);
    open_with({{current + 1, "2027-01-01", "nothing new", {}},
               {current + 2, "2027-01-01", "ideas anew", {}, Migration::Derives::ideas},
               {current + 3, "2027-01-01", "all anew", {}, Migration::Derives::everything},
               {current + 4, "2027-01-01", "nothing new", {}}});
    EXPECT_EQ(value<int>("SELECT finished FROM totals"), 0);
}

TEST_F(MigrationTest, stand_in_the_history_by_name_and_date) {
    clock.tick();
    open_with(steps);
    Database database(folder.file(), Database::Mode::read_only);
    Statement rows =
        database.query("SELECT version || ' ' || dated || ' ' || name FROM schema_history ORDER BY version");
    std::vector<std::string> history;
    while (rows.next())
        history.push_back(rows.take<std::string>());
    ASSERT_EQ(history.size(), 3U);  // the first row is of the version that it was made in
    EXPECT_EQ(history[1], fmt::format("{} 2027-01-01 say how a note looks", current + 1));
    EXPECT_EQ(history[2], fmt::format("{} 2027-02-01 a table more", current + 2));
}

TEST_F(MigrationTest, are_applied_all_or_none) {
    std::vector<Migration> broken = steps;
    broken[1].script = "CREATE TABLE extra (a INTEGER) STRICT; INSERT INTO extra VALUES ('no number')";
    EXPECT_THROW(open_with(broken), MachineryError);
    EXPECT_EQ(value<int>("PRAGMA user_version"), current);
    EXPECT_EQ(value<int>("SELECT count(*) FROM schema_history"), 1);
    EXPECT_EQ(value<int>("SELECT count(*) FROM sqlite_schema WHERE name = 'extra'"), 0);
    open_with(steps);
    EXPECT_EQ(value<int>("PRAGMA user_version"), current + 2);
}

TEST_F(MigrationTest, are_left_to_a_writer) {
    EXPECT_THROW(open_with(steps, Database::Mode::read_only), UserError);
    EXPECT_EQ(value<int>("PRAGMA user_version"), current);
}

TEST_F(MigrationTest, of_a_newer_program_are_refused) {
    open_with(steps);
    EXPECT_THROW(Ledger(folder.file(), clock), UserError);
}

TEST(Migrations, are_numbered_from_2_without_gaps_and_dated_in_order) {
    int version = 1;
    std::string_view dated = "2026-11-22";
    for (const Migration& step : migrations()) {
        EXPECT_EQ(step.version, ++version);
        EXPECT_GE(step.dated, dated);
        EXPECT_FALSE(step.name.empty());
        dated = step.dated;
    }
}

}  // namespace
}  // namespace ratchet::test
