#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "experiment_store/migrations.hpp"
#include "experiment_store/sqlite.hpp"
#include "tests/orchestrator/everyday_work.hpp"
#include "tests/orchestrator/recorded_ledger.hpp"
#include "tests/support/statement_trace.hpp"

namespace ratchet {
namespace {

using ratchet::test::StatementTrace;
using ::testing::IsEmpty;

/// However long a campaign is.
const std::set<std::string> tables_that_do_not_grow = {
    "campaign",     // one row
    "totals",       // one row
    "tally",        // one row a verdict
    "spend",        // one row a proposer, model and verdict
    "model_spend",  // one row a model
};

/// A statement that goes along a table and is right to.
struct Exception {
    std::string table;
    std::string part_of_statement;
    const char* reason;
};

const std::array exceptions = {
    Exception{"decision", "WHERE basis = 'not-worse'",
              "along the index of those alone that were kept for being simpler"},
};

/// Table names by the names that a statement uses for them.
class Tables {
  public:
    explicit Tables(Database& database) {
        Statement rows = database.query("SELECT name FROM sqlite_schema WHERE type = 'table'");
        while (rows.next())
            names_.insert(rows.take<std::string>());
    }

    /// Empty for a query within the statement, which has lines of its own in the plan.
    [[nodiscard]] std::string named(const std::string& name, const std::string& sql) const {
        if (names_.contains(name)) return name;
        const std::regex alias("(\\w+) AS " + name + "\\b");
        std::smatch match;
        if (std::regex_search(sql, match, alias) && names_.contains(match[1])) return match[1];
        return {};
    }

  private:
    std::set<std::string> names_;
};

/// Whether the statement takes the first rows in the order in which they stand, and no more. (That it does
/// not pass over too many on its way is what steps_test.cpp counts.)
bool stops_at_its_limit(const std::string& sql, const std::string& name, const std::string& plan) {
    if (sql.find("FROM " + name + " ORDER BY id DESC LIMIT 1)") != std::string::npos) return true;
    const std::string end = sql.substr(sql.rfind(')') + 1);  // of the outermost query
    return end.find(" LIMIT ") != std::string::npos && plan.find("TEMP B-TREE") == std::string::npos;
}

/// The tables that this statement reads from end to end.
std::vector<std::string> scanned_tables(Database& database, const Tables& tables, const std::string& sql) {
    std::vector<std::string> details;
    std::string plan;
    Statement rows = database.query("EXPLAIN QUERY PLAN " + sql);
    while (rows.next()) {
        details.emplace_back(rows.bytes(3));
        plan += details.back() + '\n';
    }
    std::vector<std::string> scanned;
    for (const std::string& detail : details) {
        std::istringstream words(detail);
        std::string what;
        std::string name;
        words >> what >> name;
        // A virtual table says by what it is asked: "0:" is by nothing.
        const bool by_something =
            detail.find(" VIRTUAL TABLE INDEX ") != std::string::npos && !detail.ends_with(" INDEX 0:");
        const std::string table = tables.named(name, sql);
        if (what == "SCAN" && !by_something && !table.empty() && !stops_at_its_limit(sql, name, plan))
            scanned.push_back(table);
    }
    return scanned;
}

/// A night and more, with all that is around it.
void fill(RecordedLedger& recorded) {
    record_a_night(recorded);  // first: it takes back its ninth
    record_many(recorded, 40);
    Ledger& ledger = recorded.ledger();
    const CommitId champion = ledger.champion().commit;
    Verification verification;
    verification.base = ledger.identity()->base;
    verification.champion = champion;
    ledger.add_verification(verification);
    CalibrationRecord calibration;
    calibration.epoch = 1;
    calibration.champion = champion;
    calibration.differences = {0.01, -0.01, 0.02};
    ledger.add_calibration(calibration);
    ImportedExperiment imported;
    imported.description = "what another tool tried";
    imported.files = {"src/part_1.cpp"};
    ledger.add_imported({imported});
}

TEST(QueryPlans, NoStatementOfEverydayWorkReadsATableFromEndToEnd) {
    StatementTrace trace;
    RecordedLedger recorded;
    fill(recorded);
    trace.forget();
    std::map<std::string, std::string> whose;  // statement -> the work that needs it
    for (const EverydayWork& work : everyday_work()) {
        work.ask(recorded.campaign(), recorded.ledger());
        for (const auto& [sql, traced] : trace.statements())
            whose.emplace(sql, work.name);
    }
    go_through_an_experiment(recorded.campaign(), recorded.ledger());
    for (const auto& [sql, traced] : trace.statements())
        whose.emplace(sql, "an experiment");

    Database schema(":memory:", Database::Mode::read_write);
    create_without_history(schema);
    const Tables tables(schema);
    std::vector<std::string> wrong;
    std::set<const Exception*> used;
    for (const auto& [sql, work] : whose) {
        for (const std::string& table : scanned_tables(schema, tables, sql)) {
            if (tables_that_do_not_grow.contains(table)) continue;
            const auto* const known =
                std::find_if(exceptions.begin(), exceptions.end(), [&](const Exception& each) {
                    return each.table == table && sql.find(each.part_of_statement) != std::string::npos;
                });
            if (known == exceptions.end()) {
                wrong.push_back(work + " goes along " + table + ": " + sql);
            } else {
                used.insert(known);
            }
        }
    }
    EXPECT_THAT(wrong, IsEmpty());
    EXPECT_GT(whose.size(), 60U) << "the statements are not seen";
    for (const Exception& each : exceptions)
        EXPECT_TRUE(used.contains(&each))
            << "no statement needs the exception for " << each.part_of_statement;
}

}  // namespace
}  // namespace ratchet
