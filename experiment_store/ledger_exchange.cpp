#include <map>

#include "experiment_store/ledger_implementation.hpp"

// What came from elsewhere, and what was judged once more.

namespace ratchet {

namespace {

constexpr std::string_view imported_columns =
    "source, line, segment, session, metric, unit, direction, run, baseline, commit_name, commit_id, value, "
    "status, description, learned, confidence, measured_at, extra, record, at";

void insert_imported(Database& database, const ImportedExperiment& imported, Timestamp at) {
    database.run("INSERT INTO imported (" + std::string(imported_columns) +
                     ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                 imported.source, imported.line, imported.segment, imported.session, imported.metric,
                 imported.unit, imported.direction, imported.run, imported.baseline, imported.commit_name,
                 imported.commit, imported.value, imported.status, imported.description, imported.learned,
                 imported.confidence, imported.measured_at, imported.extra, imported.record, at);
    const std::int64_t id = database.last_insert_id();
    for (std::size_t i = 0; i < imported.files.size(); ++i) {
        database.run("INSERT INTO imported_file (imported, position, path) VALUES (?, ?, ?)", id, i,
                     imported.files[i]);
    }
}

ImportedExperiment take_imported(Database& database, Statement& row) {
    ImportedExperiment imported;
    imported.id = row.take<ImportedId>();
    imported.source = row.take<std::string>();
    imported.line = row.take<std::int64_t>();
    imported.segment = row.take<int>();
    imported.session = row.take<std::string>();
    imported.metric = row.take<std::string>();
    imported.unit = row.take<std::string>();
    imported.direction = row.take<std::optional<Direction>>();
    imported.run = row.take<std::optional<std::int64_t>>();
    imported.baseline = row.take<bool>();
    imported.commit_name = row.take<std::string>();
    imported.commit = row.take<CommitId>();
    imported.value = row.take<std::optional<double>>();
    imported.status = row.take<ImportedStatus>();
    imported.description = row.take<std::string>();
    imported.learned = row.take<std::string>();
    imported.confidence = row.take<std::optional<double>>();
    imported.measured_at = row.take<std::optional<Timestamp>>();
    imported.extra = row.take<std::string>();
    imported.record = row.take<std::string>();
    imported.at = row.take<Timestamp>();
    Statement files =
        database.query("SELECT path FROM imported_file WHERE imported = ? ORDER BY position", imported.id);
    while (files.next())
        imported.files.push_back(files.take<std::string>());
    return imported;
}

/// How often each line stands in the ledger already.
std::map<std::string, int> imported_records(Database& database) {
    std::map<std::string, int> records;
    Statement rows = database.query("SELECT record FROM imported");
    while (rows.next())
        ++records[rows.take<std::string>()];
    return records;
}

Replay take_replay(Statement& row) {
    Replay replay;
    replay.experiment = row.take<std::optional<ExperimentId>>();
    replay.imported = row.take<std::optional<ImportedId>>();
    replay.epoch = row.take<std::int64_t>();
    replay.champion = row.take<CommitId>();
    replay.candidate = row.take<CommitId>();
    replay.decision.verdict = row.take<Verdict>();
    replay.decision.rejection = row.take<std::optional<Rejection>>();
    replay.decision.basis = row.take<Basis>();
    replay.decision.reason = row.take<std::string>();
    replay.decision.effect = take_interval(row);
    replay.decision.e_value = row.take<double>();
    replay.decision.pairs = row.take<int>();
    replay.host = row.take<std::string>();
    replay.at = row.take<Timestamp>();
    return replay;
}

}  // namespace

std::int64_t Ledger::add_imported(const std::vector<ImportedExperiment>& experiments) {
    Database& database = implementation_->database;
    Transaction transaction(database);
    std::map<std::string, int> known = imported_records(database);
    std::int64_t added = 0;
    for (const ImportedExperiment& imported : experiments) {
        if (const auto same = known.find(imported.record); same != known.end() && same->second > 0) {
            --same->second;
            continue;
        }
        insert_imported(database, imported, implementation_->now());
        ++added;
    }
    transaction.commit();
    return added;
}

std::vector<ImportedExperiment> Ledger::imported(int limit) const {
    Database& database = implementation_->database;
    Transaction snapshot(database, Transaction::Kind::read);
    std::vector<ImportedExperiment> found;
    Statement rows = database.query(
        "SELECT id, " + std::string(imported_columns) + " FROM imported ORDER BY id DESC LIMIT ?", limit);
    while (rows.next())
        found.push_back(take_imported(database, rows));
    return found;
}

std::int64_t Ledger::imported_count() const {
    // Numbers have no gaps here either.
    return *implementation_->database.value<std::int64_t>("SELECT coalesce(max(id), 0) FROM imported");
}

void Ledger::add_replay(const Replay& replay) {
    const Decision& decision = replay.decision;
    const auto [low, estimate, high] = interval_columns(decision.effect);
    Transaction transaction(implementation_->database);
    implementation_->database.run(
        "INSERT INTO replay (experiment, imported, epoch, champion, candidate, verdict, rejection, basis, "
        "reason, effect_low, effect_estimate, effect_high, e_value, pairs, host, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        replay.experiment, replay.imported, replay.epoch, replay.champion, replay.candidate, decision.verdict,
        decision.rejection, decision.basis, decision.reason, low, estimate, high, decision.e_value,
        decision.pairs, replay.host, replay.at);
    transaction.commit();
}

std::vector<Replay> Ledger::replays() const {
    std::vector<Replay> found;
    Statement rows = implementation_->database.query(
        "SELECT experiment, imported, epoch, champion, candidate, verdict, rejection, basis, reason, "
        "effect_low, effect_estimate, effect_high, e_value, pairs, host, at FROM replay ORDER BY id");
    while (rows.next())
        found.push_back(take_replay(rows));
    return found;
}

std::vector<Replay> Ledger::replays_of(ExperimentId id) const {
    std::vector<Replay> found;
    Statement rows = implementation_->database.query(
        "SELECT experiment, imported, epoch, champion, candidate, verdict, rejection, basis, reason, "
        "effect_low, effect_estimate, effect_high, e_value, pairs, host, at FROM replay WHERE experiment = ? "
        "ORDER BY id",
        id);
    while (rows.next())
        found.push_back(take_replay(rows));
    return found;
}

std::optional<Replay> Ledger::latest_replay(ImportedId id) const {
    Statement row = implementation_->database.query(
        "SELECT experiment, imported, epoch, champion, candidate, verdict, rejection, basis, reason, "
        "effect_low, effect_estimate, effect_high, e_value, pairs, host, at FROM replay WHERE imported = ? "
        "ORDER BY id DESC LIMIT 1",
        id);
    if (!row.next()) return std::nullopt;
    return take_replay(row);
}

}  // namespace ratchet
