#include <algorithm>

#include "experiment_store/ledger_implementation.hpp"

// What the digest is told from, besides lists of experiments: functions, recurring failures, ideas. As in
// ledger_queries.cpp, each reads an index and stops at its limit.

namespace ratchet {

namespace {

/// So many hundredths of the experiments with a failure must have touched a place for it to be the failure's;
constexpr int nearly_always = 80;
/// and where so many of all experiments touched it, that says nothing.
constexpr int nearly_everybody = 80;
constexpr int places_considered = 4;

FunctionRecord take_function(Statement& row) {
    return {row.take<std::string>(),
            row.take<std::string>(),
            row.take<int>(),
            row.take<int>(),
            row.take<int>(),
            row.take<std::optional<double>>(),
            row.take<std::optional<ExperimentId>>()};
}

std::int64_t attempts_at(Database& database, const FailurePlace& place) {
    return (place.function.empty()
                ? database.value<std::int64_t>("SELECT attempts FROM file_record WHERE path = ?", place.path)
                : database.value<std::int64_t>(
                      "SELECT attempts FROM function_record WHERE path = ? AND function = ?", place.path,
                      place.function))
        .value_or(0);
}

/// Experiments that were run: of these the attempts are counted.
std::int64_t attempts_in_all(Database& database) {
    return *database.value<std::int64_t>(
        "SELECT coalesce(sum(count), 0) FROM tally WHERE verdict NOT IN ('rejected', 'no-proposal', "
        "'interrupted')");
}

/// A function rather than its file, where both are touched each time: the order of the index sees to it.
std::optional<FailurePlace> place_of(Database& database, std::int64_t signature, int count,
                                     std::int64_t in_all) {
    Statement rows = database.query(
        "SELECT path, function, count FROM failure_place WHERE signature = ? "
        "ORDER BY count DESC, path DESC, function DESC LIMIT ?",
        signature, places_considered);
    while (rows.next()) {
        FailurePlace place{rows.take<std::string>(), rows.take<std::string>(), rows.take<int>()};
        if (place.failures * 100 < count * nearly_always) return std::nullopt;
        place.attempts = static_cast<int>(attempts_at(database, place));
        if (std::int64_t{place.attempts} * 100 < in_all * nearly_everybody) return place;
    }
    return std::nullopt;
}

IdeaFate take_idea(Statement& row) {
    return {row.take<ExperimentId>(), row.take<std::string>(), row.take<int>(),
            row.take<std::optional<ExperimentId>>(), row.take<std::optional<Verdict>>()};
}

void read_ideas(Database& database, const char* which, std::size_t limit, std::vector<IdeaFate>& ideas) {
    Statement rows = database.query(
        std::string("SELECT idea_fate.experiment, text, times, tried_as, standing.verdict FROM idea_fate "
                    "JOIN next_idea USING (experiment, position) "
                    "LEFT JOIN standing ON standing.experiment = tried_as WHERE tried_as IS ") +
            which + " ORDER BY idea_fate.experiment DESC, idea_fate.position DESC LIMIT ?",
        limit - ideas.size());
    while (rows.next())
        ideas.push_back(take_idea(rows));
}

}  // namespace

std::vector<FunctionRecord> Ledger::functions(int limit) const {
    std::vector<FunctionRecord> records;
    Statement rows = implementation_->database.query(
        "SELECT path, function, attempts, failures, kept, best_effect, last_kept FROM function_record "
        "WHERE attempts > 0 ORDER BY attempts DESC, id DESC LIMIT ?",
        limit);
    while (rows.next())
        records.push_back(take_function(rows));
    return records;
}

std::vector<FunctionRecord> Ledger::functions_of(const std::string& path, int limit) const {
    std::vector<FunctionRecord> records;
    Statement rows = implementation_->database.query(
        "SELECT path, function, attempts, failures, kept, best_effect, last_kept FROM function_record "
        "WHERE path = ? AND attempts > 0 ORDER BY attempts DESC, id DESC LIMIT ?",
        path, limit);
    while (rows.next())
        records.push_back(take_function(rows));
    return records;
}

std::map<ExperimentId, ExperimentId> Ledger::changed_since(const std::vector<ExperimentId>& ids) const {
    std::string list;
    for (const ExperimentId id : ids)
        list += (list.empty() ? "[" : ",") + std::to_string(id.value);
    if (list.empty()) return {};
    // A proposal touches at most as many functions as touched_functions.hpp reads of it.
    Statement rows = implementation_->database.query(
        "SELECT asked.value, (SELECT max(last_kept) FROM touched_function JOIN function_record "
        "ON function_record.id = touched_function.function "
        "WHERE experiment = asked.value AND last_kept > asked.value) AS by FROM json_each(?) AS asked "
        "WHERE by IS NOT NULL",
        list + ']');
    std::map<ExperimentId, ExperimentId> changed;
    while (rows.next()) {
        const auto id = rows.take<ExperimentId>();
        changed.emplace(id, rows.take<ExperimentId>());
    }
    return changed;
}

std::vector<FailureSignature> Ledger::recurring_failures(int limit) const {
    Database& database = implementation_->database;
    Transaction snapshot(database, Transaction::Kind::read);
    const std::int64_t in_all = attempts_in_all(database);
    std::vector<FailureSignature> failures;
    Statement rows = database.query(
        "SELECT id, stage, name, line, count, last FROM failure_signature WHERE count >= 2 "
        "ORDER BY count DESC, id DESC LIMIT ?",
        limit);
    while (rows.next()) {
        const auto signature = rows.take<std::int64_t>();
        FailureSignature failure{rows.take<std::string>(),  rows.take<std::string>(),
                                 rows.take<std::string>(),  rows.take<int>(),
                                 rows.take<ExperimentId>(), std::nullopt};
        failure.place = place_of(database, signature, failure.count, in_all);
        failures.push_back(std::move(failure));
    }
    return failures;
}

std::vector<IdeaFate> Ledger::ideas(int limit) const {
    Database& database = implementation_->database;
    Transaction snapshot(database, Transaction::Kind::read);
    const auto most = static_cast<std::size_t>(std::max(limit, 0));
    std::vector<IdeaFate> ideas;
    read_ideas(database, "NULL", most, ideas);
    if (ideas.size() < most) read_ideas(database, "NOT NULL", most, ideas);
    return ideas;
}

}  // namespace ratchet
