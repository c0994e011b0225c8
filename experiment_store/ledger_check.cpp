#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "experiment_store/derived.hpp"
#include "experiment_store/derived_differences.hpp"
#include "experiment_store/ledger_implementation.hpp"

// What is wrong with the ledger's own file. Everything is done on a copy, so that nobody waits for it, and so
// that what a rebuild would mend is found out by rebuilding.

namespace ratchet {

namespace {

using Texts = std::vector<std::string>;

std::string on_one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

/// What SQLite itself finds: pages, indexes, references.
void find_damage(Database& copy, Texts& found) {
    Statement checks = copy.query("PRAGMA integrity_check");
    while (checks.next()) {
        const auto text = checks.take<std::string>();
        if (text != "ok") found.push_back("SQLite finds: " + on_one_line(text));
    }
    Statement references =
        copy.query("SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2");
    while (references.next()) {
        const auto table = references.take<std::string>();
        const auto parent = references.take<std::string>();
        found.push_back(fmt::format("{} of {} refer to rows of {} that are not there", references.take<int>(),
                                    table, parent));
    }
}

void find_unreadable(Database& copy, std::string_view what, std::string_view sql, Texts& found) {
    Statement rows = copy.query(sql);
    while (rows.next()) {
        const auto id = rows.take<ExperimentId>();
        try {
            rows.take<Compressed>();
        } catch (const DamagedLedger&) {
            found.push_back(fmt::format("the {} of #{} cannot be unpacked", what, id.value));
        }
    }
}

/// What must hold between the facts, and what SQLite does not know of.
void find_contradictions(Database& copy, Texts& found) {
    const auto last = copy.value<std::optional<std::int64_t>>("SELECT max(id) FROM experiment").value();
    const auto count = *copy.value<std::int64_t>("SELECT count(*) FROM experiment");
    if (last.value_or(0) != count) {
        found.push_back(fmt::format("{} of the experiments up to #{} are missing", last.value_or(0) - count,
                                    last.value_or(0)));
    }
    const bool founded = copy.value<std::int64_t>("SELECT id FROM campaign").has_value();
    if (founded != copy.value<std::int64_t>("SELECT id FROM champion LIMIT 1").has_value())
        found.emplace_back(founded ? "there is no champion" : "there is a champion without a campaign");
    Statement undecided = copy.query(
        "SELECT experiment FROM progress WHERE stage = 'finished' "
        "AND experiment NOT IN (SELECT experiment FROM decision) ORDER BY 1");
    while (undecided.next())
        found.push_back(
            fmt::format("#{} is finished without a decision", undecided.take<ExperimentId>().value));
    Statement misplaced = copy.query(
        "SELECT id FROM (SELECT id, epoch < lag(epoch) OVER (ORDER BY id) AS falls FROM experiment) "
        "WHERE falls ORDER BY id");
    while (misplaced.next())
        found.push_back(fmt::format("#{} is of an earlier epoch than the experiment before it",
                                    misplaced.take<ExperimentId>().value));
}

/// What throws because of what stands in the copy says something about the ledger; anything else (no room for
/// the copy) does not, and goes on to the caller.
template <typename Work>
bool fails(const Work& work, std::string& why) {
    try {
        work();
        return false;
    } catch (const DamagedLedger& error) {
        why = on_one_line(error.what());
    } catch (const MachineryError& error) {
        why = on_one_line(error.what());
    }
    return true;
}

/// Each of these, and that it cannot be done where it fails.
template <typename Check>
void note_if_it_fails(const char* what, Texts& found, const Check& check) {
    std::string why;
    if (fails(check, why)) found.push_back(fmt::format("{} cannot be checked: {}", what, why));
}

Texts damage_of(Database& copy) {
    Texts found;
    note_if_it_fails("the file", found, [&] { find_damage(copy, found); });
    note_if_it_fails("the diffs", found, [&] {
        find_unreadable(copy, "diff", "SELECT experiment, diff FROM proposal ORDER BY experiment", found);
    });
    note_if_it_fails("the prompts", found, [&] {
        find_unreadable(copy, "prompt", "SELECT experiment, text FROM prompt ORDER BY experiment", found);
    });
    note_if_it_fails("the facts", found, [&] { find_contradictions(copy, found); });
    return found;
}

/// Compares the derived tables as they are with what the facts give.
Texts differences(Database& ledger, Database& rebuilt) {
    Texts found;
    for (const std::string_view table : derived_tables) {
        std::string why;
        RowDifferences rows;
        if (fails([&] { rows = differences_of(ledger, rebuilt, table); }, why)) {
            found.push_back(fmt::format("the derived table {} is missing or cannot be read", table));
        } else if (rows.wrong + rows.missing > 0) {
            found.push_back(
                fmt::format("the derived table {} is not what the facts give: {} rows are wrong, {} missing",
                            table, rows.wrong, rows.missing));
        }
    }
    return found;
}

}  // namespace

std::vector<LedgerProblem> Ledger::problems() const {
    std::vector<LedgerProblem> problems;
    Database& ledger = implementation_->database;
    Database copy("", Database::Mode::read_write);  // a file without a name, as large as it needs to be
    std::string why;
    std::optional<Transaction> snapshot;  // what is compared with the copy at the end is what was copied
    const auto copy_it = [&] {
        snapshot.emplace(ledger, Transaction::Kind::read);
        ledger.copy_to(copy);
    };
    if (fails(copy_it, why)) return {{why, false}};
    const Texts before = damage_of(copy);
    if (fails([&] { rebuild_ledger(copy); }, why)) {
        for (const std::string& text : before)
            problems.push_back({text, false});
        problems.push_back({"the derived tables cannot be made from the facts: " + why, false});
        return problems;
    }
    const Texts after = damage_of(copy);
    Texts found = before;
    note_if_it_fails("what is derived", found, [&] {
        const Texts different = differences(ledger, copy);
        found.insert(found.end(), different.begin(), different.end());
    });
    // A rebuild that leaves damage promises nothing: what is wrong is then in the facts.
    for (std::string& text : found)
        problems.push_back({std::move(text), after.empty()});
    return problems;
}

}  // namespace ratchet
