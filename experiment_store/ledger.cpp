#include "experiment_store/ledger.hpp"

#include <limits>

#include "experiment_store/ledger_implementation.hpp"
#include "experiment_store/migrations.hpp"

// Opening a ledger, and what it holds of the campaign as a whole.

namespace ratchet {

namespace {

/// The pages that one prompt reads of a long ledger are 4 to 5 MiB, nearly all of which the next one reads
/// again; with the 2 MiB that SQLite keeps by itself each of them would come from the file every time.
constexpr const char* keep_what_prompts_read = "PRAGMA cache_size = -8192";

}  // namespace

Ledger::Ledger(const std::filesystem::path& file, const Clock& clock, Mode mode) {
    const auto database_mode =
        mode == Mode::read_write ? Database::Mode::read_write : Database::Mode::read_only;
    implementation_ = std::make_unique<Implementation>(file, clock, database_mode);
    try {
        prepare_ledger(implementation_->database, database_mode, clock.now());
        implementation_->database.script(keep_what_prompts_read);
    } catch (const NoRoom&) {
        throw;  // it names the file already
    } catch (const EmptyLedger& error) {
        throw EmptyLedger(file.string() + ": " + error.what());
    } catch (const UserError& error) {
        implementation_->database.leave_as_it_is();
        const bool named = std::string_view(error.what()).find(file.string()) != std::string_view::npos;
        if (named) throw;
        throw UserError(file.string() + ": " + error.what(), error.hint());
    }
}

Ledger::~Ledger() = default;
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;

Ledger::Snapshot::Snapshot(const Ledger& ledger)
    : transaction_(std::make_unique<Transaction>(ledger.implementation_->database, Transaction::Kind::read)) {
}
Ledger::Snapshot::~Snapshot() = default;

std::optional<CampaignIdentity> Ledger::identity() const {
    Statement row = implementation_->database.query(
        "SELECT name, metric, unit, direction, scale, seed, base, goal, created_at, base_tree, budgeted FROM "
        "campaign");
    if (!row.next()) return std::nullopt;
    return CampaignIdentity{row.take<std::string>(), row.take<std::string>(), row.take<std::string>(),
                            row.take<Direction>(),   row.take<Scale>(),       row.take<std::uint64_t>(),
                            row.take<CommitId>(),    row.take<std::string>(), row.take<Timestamp>(),
                            row.take<TreeId>(),      row.take<int>()};
}

void Ledger::found(const CampaignIdentity& identity) {
    Database& database = implementation_->database;
    Transaction transaction(database);
    if (database.value<std::int64_t>("SELECT id FROM campaign")) {
        throw MachineryError("the ledger belongs to a campaign already");
    }
    database.run(
        "INSERT INTO campaign (id, name, metric, unit, direction, scale, seed, base, base_tree, "
        "budgeted, goal, created_at) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        identity.name, identity.metric, identity.unit, identity.direction, identity.scale, identity.seed,
        identity.base, identity.base_tree, identity.budgeted, identity.goal, identity.created_at);
    crown(database, identity.base, std::nullopt, implementation_->now());
    transaction.commit();
}

std::optional<Epoch> Ledger::epoch() const {
    Statement row = implementation_->database.query(
        "SELECT id, harness_hash, campaign_file, commit_id, started_at FROM epoch ORDER BY id DESC LIMIT 1");
    if (!row.next()) return std::nullopt;
    return Epoch{row.take<std::int64_t>(), row.take<std::string>(), row.take<std::string>(),
                 row.take<CommitId>(), row.take<Timestamp>()};
}

std::int64_t Ledger::begin_epoch(const std::string& harness_hash, const std::string& campaign_file,
                                 const CommitId& commit) {
    Database& database = implementation_->database;
    Transaction transaction(database);
    database.run("INSERT INTO epoch (harness_hash, campaign_file, commit_id, started_at) VALUES (?, ?, ?, ?)",
                 harness_hash, campaign_file, commit, implementation_->now());
    const std::int64_t id = database.last_insert_id();
    transaction.commit();
    return id;
}

std::int64_t Ledger::begin_session(const std::string& host, int process_id) {
    Database& database = implementation_->database;
    Transaction transaction(database);
    database.run("INSERT INTO session (host, process_id, started_at) VALUES (?, ?, ?)", host, process_id,
                 implementation_->now());
    const std::int64_t id = database.last_insert_id();
    transaction.commit();
    return id;
}

void Ledger::end_session(std::int64_t session, const std::string& reason) {
    Transaction transaction(implementation_->database);
    implementation_->database.run("INSERT INTO session_end (session, reason, ended_at) VALUES (?, ?, ?)",
                                  session, reason, implementation_->now());
    transaction.commit();
}

std::string Ledger::last_session_end() const {
    return implementation_->database
        .value<std::string>(
            "SELECT coalesce((SELECT reason FROM session_end WHERE session = session.id), '') "
            "FROM session ORDER BY id DESC LIMIT 1")
        .value_or("");
}

void Ledger::add_calibration(const CalibrationRecord& record) {
    Database& database = implementation_->database;
    Transaction transaction(database);
    database.run(
        "INSERT INTO calibration (epoch, host, champion, deterministic, champion_value, run_seconds, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        record.epoch, record.host, record.champion, record.deterministic, record.champion_value,
        record.run_seconds, record.at);
    const std::int64_t id = database.last_insert_id();
    for (std::size_t i = 0; i < record.differences.size(); ++i) {
        database.run("INSERT INTO calibration_difference (calibration, position, value) VALUES (?, ?, ?)", id,
                     i, record.differences[i]);
    }
    transaction.commit();
}

std::optional<CalibrationRecord> Ledger::latest_calibration() const {
    Database& database = implementation_->database;
    Statement row = database.query(
        "SELECT id, epoch, host, champion, deterministic, champion_value, run_seconds, at FROM calibration "
        "ORDER BY id DESC LIMIT 1");
    if (!row.next()) return std::nullopt;
    CalibrationRecord record;
    record.id = row.take<std::int64_t>();
    record.epoch = row.take<std::int64_t>();
    record.host = row.take<std::string>();
    record.champion = row.take<CommitId>();
    record.deterministic = row.take<bool>();
    record.champion_value = row.take<double>();
    record.run_seconds = row.take<double>();
    record.at = row.take<Timestamp>();
    Statement differences = database.query(
        "SELECT value FROM calibration_difference WHERE calibration = ? ORDER BY position", record.id);
    while (differences.next())
        record.differences.push_back(differences.take<double>());
    return record;
}

void Ledger::add_canary(const CanaryRecord& record) {
    Transaction transaction(implementation_->database);
    implementation_->database.run(
        "INSERT INTO canary (epoch, host, base, sabotage, effect_low, effect_estimate, effect_high, pairs, "
        "seen, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        record.epoch, record.host, record.base, record.sabotage, record.effect.low, record.effect.estimate,
        record.effect.high, record.pairs, record.seen, record.at);
    transaction.commit();
}

std::optional<CanaryRecord> Ledger::latest_canary() const {
    Statement row = implementation_->database.query(
        "SELECT epoch, host, base, sabotage, effect_low, effect_estimate, effect_high, pairs, seen, at "
        "FROM canary ORDER BY id DESC LIMIT 1");
    if (!row.next()) return std::nullopt;
    return CanaryRecord{row.take<std::int64_t>(), row.take<std::string>(), row.take<CommitId>(),
                        row.take<std::string>(),  *take_interval(row),     row.take<int>(),
                        row.take<bool>(),         row.take<Timestamp>()};
}

void Ledger::add_verification(const Verification& verification) {
    Transaction transaction(implementation_->database);
    implementation_->database.run(
        "INSERT INTO verification (base, champion, total_low, total_estimate, total_high, pairs, host, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        verification.base, verification.champion, verification.total.low, verification.total.estimate,
        verification.total.high, verification.pairs, verification.host, verification.at);
    transaction.commit();
}

std::optional<Verification> Ledger::latest_verification() const {
    Statement row = implementation_->database.query(
        "SELECT base, champion, total_low, total_estimate, total_high, pairs, host, at FROM verification "
        "ORDER BY id DESC LIMIT 1");
    if (!row.next()) return std::nullopt;
    return Verification{row.take<CommitId>(), row.take<CommitId>(),    *take_interval(row),
                        row.take<int>(),      row.take<std::string>(), row.take<Timestamp>()};
}

void Ledger::add_leave_one_out(const LeaveOneOut& left_out) {
    const auto [low, estimate, high] = interval_columns(left_out.effect);
    Transaction transaction(implementation_->database);
    implementation_->database.run(
        "INSERT INTO leave_one_out (epoch, champion, experiment, worth, reason, effect_low, effect_estimate, "
        "effect_high, pairs, host, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        left_out.epoch, left_out.champion, left_out.experiment, left_out.worth, left_out.reason, low,
        estimate, high, left_out.pairs, left_out.host, left_out.at);
    transaction.commit();
}

std::vector<LeaveOneOut> Ledger::leave_one_out(const CommitId& champion) const {
    Statement rows = implementation_->database.query(
        "SELECT epoch, champion, experiment, worth, reason, effect_low, effect_estimate, effect_high, pairs, "
        "host, at FROM leave_one_out WHERE champion = ? AND epoch = (SELECT max(id) FROM epoch) ORDER BY id",
        champion);
    std::vector<LeaveOneOut> found;
    while (rows.next()) {
        found.push_back({rows.take<std::int64_t>(), rows.take<CommitId>(), rows.take<ExperimentId>(),
                         rows.take<StepWorth>(), rows.take<std::string>(), take_interval(rows),
                         rows.take<int>(), rows.take<std::string>(), rows.take<Timestamp>()});
    }
    return found;
}

void Ledger::add_note(const std::string& text) {
    Transaction transaction(implementation_->database);
    implementation_->database.run("INSERT INTO note (text, at) VALUES (?, ?)", text, implementation_->now());
    transaction.commit();
}

std::vector<Note> Ledger::notes() const {
    return newest_notes(std::numeric_limits<int>::max());
}

std::int64_t Ledger::note_count() const {
    // Facts are never deleted, so their numbers have no gaps.
    return *implementation_->database.value<std::int64_t>("SELECT coalesce(max(id), 0) FROM note");
}

std::vector<Note> Ledger::newest_notes(int most) const {
    std::vector<Note> notes;
    Statement rows =
        implementation_->database.query("SELECT id, text, at FROM note ORDER BY id DESC LIMIT ?", most);
    while (rows.next()) {
        notes.push_back({rows.take<std::int64_t>(), rows.take<std::string>(), rows.take<Timestamp>()});
    }
    return notes;
}

bool Ledger::intact() const {
    Database& database = implementation_->database;
    const bool whole = database.value<std::string>("PRAGMA integrity_check") == "ok";
    return whole && !database.query("PRAGMA foreign_key_check").next();
}

}  // namespace ratchet
