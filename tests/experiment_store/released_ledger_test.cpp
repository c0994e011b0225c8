#include "tests/support/released_ledger.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "experiment_store/derived.hpp"
#include "experiment_store/migrations.hpp"
#include "experiment_store/sqlite.hpp"
#include "ledger_fixture.hpp"

// What was written by any released version is read, brought up to date and gone on with.

namespace ratchet::test {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::SizeIs;

using Rows = std::vector<std::string>;

bool is_fact(const std::string& table) {
    if (table == "idea_pair") return false;  // was derived up to version 3
    return !table.starts_with("full_text") && !table.starts_with("sqlite_") && table != "schema_history" &&
           std::find(derived_tables.begin(), derived_tables.end(), table) == derived_tables.end();
}

/// The columns of all tables of facts.
std::map<std::string, std::string> columns_of_facts(const std::filesystem::path& file) {
    Database database(file, Database::Mode::read_only);
    std::map<std::string, std::string> columns;
    Statement tables = database.query("SELECT name FROM sqlite_schema WHERE type = 'table'");
    while (tables.next()) {
        const auto table = tables.take<std::string>();
        if (!is_fact(table)) continue;
        columns[table] = *database.value<std::string>(
            "SELECT group_concat('quote(' || name || ')', ' || '', '' || ') FROM pragma_table_info(?)",
            table);
    }
    return columns;
}

std::map<std::string, Rows> facts(const std::filesystem::path& file,
                                  const std::map<std::string, std::string>& columns) {
    Database database(file, Database::Mode::read_only);
    std::map<std::string, Rows> rows_by_table;
    for (const auto& [table, list] : columns) {
        Statement rows = database.query("SELECT " + list + " FROM " + table + " ORDER BY 1");
        while (rows.next())
            rows_by_table[table].push_back(rows.take<std::string>());
    }
    return rows_by_table;
}

/// The statements of the schema by name, without comments and with single blanks.
std::map<std::string, std::string> schema_of(const std::filesystem::path& file) {
    Database database(file, Database::Mode::read_only);
    std::map<std::string, std::string> statements;
    Statement rows = database.query("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL");
    while (rows.next()) {
        const auto name = rows.take<std::string>();
        const auto sql = rows.take<std::string>();
        std::string& plain = statements[name];
        for (std::size_t i = 0; i < sql.size(); ++i) {
            if (sql.compare(i, 2, "--") == 0) i = std::min(sql.find('\n', i), sql.size() - 1);
            if (std::isspace(static_cast<unsigned char>(sql[i])) == 0) {
                plain += sql[i];
            } else if (!plain.empty() && plain.back() != ' ') {
                plain += ' ';
            }
        }
    }
    return statements;
}

/// Tables of which the recorded campaigns have no rows: they measure exactly, start from the champion, and
/// ask no model.
const std::vector<std::string> never_filled = {"branching", "margin_test", "model_request", "proposal_model"};

class ReleasedLedgerTest : public ::testing::TestWithParam<int> {
  protected:
    ReleasedLedgerTest() { restore_released_ledger(GetParam(), folder.file()); }

    template <typename Type>
    Type value(std::string_view sql) {
        return *Database(folder.file(), Database::Mode::read_only).value<Type>(sql);
    }

    HandClock clock;
    TemporaryFolder folder{memory_folder()};
};

TEST_P(ReleasedLedgerTest, is_of_its_version_and_has_rows_in_every_table_of_facts) {
    EXPECT_EQ(value<int>("PRAGMA user_version"), GetParam());
    const auto columns = columns_of_facts(folder.file());
    const auto rows = facts(folder.file(), columns);
    for (const auto& [table, list] : columns) {
        if (std::find(never_filled.begin(), never_filled.end(), table) != never_filled.end()) continue;
        EXPECT_THAT(rows, Contains(Key(table))) << "nothing would be tested of it";
    }
}

TEST_P(ReleasedLedgerTest, is_brought_up_to_date_with_all_its_facts_as_they_were) {
    const auto columns = columns_of_facts(folder.file());
    const auto recorded = facts(folder.file(), columns);
    {
        const Ledger ledger(folder.file(), clock);
        EXPECT_EQ(ledger.experiment_count(), released_experiments(GetParam()));
        EXPECT_THAT(ledger.problems(), IsEmpty());
    }
    EXPECT_EQ(value<int>("PRAGMA user_version"), schema_version());
    EXPECT_EQ(value<int>("SELECT max(version) FROM schema_history"), schema_version());
    EXPECT_EQ(facts(folder.file(), columns), recorded);
}

TEST_P(ReleasedLedgerTest, then_has_the_schema_of_a_new_one) {
    {
        const Ledger ledger(folder.file(), clock);
    }
    const TemporaryFolder other(memory_folder());
    {
        const Ledger fresh(other.file(), clock);
    }
    const auto fresh_schema = schema_of(other.file());
    EXPECT_EQ(schema_of(folder.file()), fresh_schema)
        << "a released schema is changed by a migration only, and schema.sql with it";
    Ledger(folder.file(), clock).rebuild();
    EXPECT_EQ(schema_of(folder.file()), fresh_schema);
}

TEST_P(ReleasedLedgerTest, then_is_rebuilt_to_the_same_and_gone_on_with) {
    Ledger ledger(folder.file(), clock);
    ledger.rebuild();
    EXPECT_THAT(ledger.problems(), IsEmpty());
    EXPECT_TRUE(ledger.intact());
    const CommitId champion = ledger.champion().commit;
    const ExperimentId id = ledger.begin(Brief{{}, champion, "tune", Move::explore, "", 1}, "prompt");
    EXPECT_EQ(id.value, released_experiments(GetParam()) + 1);
    ledger.store_proposal(id, proposal());
    ledger.captured(id, commit(99), tree(99));
    ledger.finish(id, decision(Verdict::kept, 0.01), champion);
    EXPECT_EQ(ledger.champion().commit, commit(99));
    EXPECT_THAT(ledger.problems(), IsEmpty());
}

TEST_P(ReleasedLedgerTest, is_read_in_every_way) {
    {
        const Ledger ledger(folder.file(), clock);
    }
    const Ledger ledger(folder.file(), clock, Ledger::Mode::read_only);
    EXPECT_THAT(ledger.summaries({}), Not(IsEmpty()));
    EXPECT_THAT(ledger.lineage(), SizeIs(::testing::Ge(2U)));
    for (std::int64_t number = 1; number <= released_experiments(GetParam()); ++number) {
        const auto experiment = ledger.experiment({number});
        ASSERT_TRUE(experiment && experiment->proposal && experiment->decision) << number;
        EXPECT_FALSE(ledger.prompt({number}).empty() && experiment->brief.proposer == "replay") << number;
    }
}

/// A ledger with a diff that cannot be read can be looked at and checked only where it is of today's version.
TEST(DamagedReleasedLedger, is_brought_up_to_date_where_only_ideas_are_derived_anew) {
    const HandClock clock;
    for (const auto& [version, is_left] : {std::pair{3, true}, std::pair{4, false}}) {
        const TemporaryFolder folder{memory_folder()};
        restore_released_ledger(version, folder.file());
        Database(folder.file(), Database::Mode::read_write)
            .script(
                "DROP TRIGGER proposal_is_never_updated; "
                "UPDATE proposal SET diff = x'00112233' WHERE experiment = 5");
        if (is_left) {
            EXPECT_THROW(Ledger(folder.file(), clock), UserError);
        } else {
            EXPECT_THAT(Ledger(folder.file(), clock).problems(), Not(IsEmpty()));
        }
        const auto found =
            Database(folder.file(), Database::Mode::read_only).value<int>("PRAGMA user_version");
        EXPECT_EQ(found, is_left ? version : schema_version());
    }
}

INSTANTIATE_TEST_SUITE_P(Version, ReleasedLedgerTest, ::testing::ValuesIn(released_versions));

}  // namespace
}  // namespace ratchet::test
