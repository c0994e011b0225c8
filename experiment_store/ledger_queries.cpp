#include <fmt/format.h>

#include <algorithm>

#include "experiment_store/ledger_implementation.hpp"

// What is known over all experiments: lists, sums, look-ups. Each reads an index and stops at its limit.

namespace ratchet {

namespace {

/// Verdicts that came from running the candidate: what has one needs no second run. (A vetoed one may be
/// tried again.)
constexpr std::string_view evaluated =
    "('kept', 'no-gain', 'regressed', 'inconclusive', 'constraint-violated', 'gate-failed', 'build-failed', "
    "'benchmark-failed', 'timed-out', 'holdout-failed')";

/// Those that touch a file (?2), through the index of the paths, which has them in their order; and of
/// several rows of one experiment the first.
constexpr std::string_view those_that_touch =
    "touched_file AS touched CROSS JOIN standing ON standing.experiment = touched.experiment";
constexpr std::string_view touch_it_first =
    "AND touched.path = ?2 AND NOT EXISTS (SELECT 1 FROM touched_file AS other WHERE "
    "other.experiment = touched.experiment AND other.position < touched.position AND other.path = ?2) ";

/// Whether fewer experiments ended so than touched this file.
bool are_fewer(Database& database, Verdict verdict, const std::string& file) {
    const auto ended = database.value<std::int64_t>("SELECT count FROM tally WHERE verdict = ?", verdict);
    const auto touched =
        database.value<std::int64_t>("SELECT attempts FROM file_record WHERE path = ?", file);
    return ended.value_or(0) < touched.value_or(0);
}

std::string summary_query(std::string_view which, std::string_view first = "standing") {
    return fmt::format(
        "SELECT experiment.id, experiment.epoch, standing.stage, proposer, move, focus, experiment.parent, "
        "candidate, "
        "idea, fingerprint.value, started_at, finished_at, veto.experiment IS NOT NULL, "
        "repair_of, {} "
        "FROM {} JOIN experiment ON experiment.id = standing.experiment "
        "LEFT JOIN decision ON decision.experiment = standing.experiment "
        "LEFT JOIN veto ON veto.experiment = standing.experiment "
        "LEFT JOIN fingerprint ON fingerprint.experiment = standing.experiment "
        "LEFT JOIN repair ON repair.experiment = standing.experiment {}",
        decision_columns, first, which);
}

Summary take_summary(Statement& row) {
    Summary summary;
    summary.id = row.take<ExperimentId>();
    summary.epoch = row.take<std::int64_t>();
    summary.stage = row.take<Stage>();
    summary.proposer = row.take<std::string>();
    summary.move = row.take<Move>();
    summary.focus = row.take<std::string>();
    summary.parent = row.take<CommitId>();
    summary.candidate = row.take<CommitId>();
    summary.idea = row.take<std::string>();
    summary.fingerprint = row.take<std::uint64_t>();
    summary.started_at = row.take<Timestamp>();
    summary.finished_at = row.take<std::optional<Timestamp>>();
    summary.vetoed = row.take<bool>();
    summary.repair_of = row.take<std::optional<ExperimentId>>();
    summary.decision = take_decision(row);
    return summary;
}

/// A query for each takes half the time of a concatenation in the large one; a prompt has hundreds.
void read_files(Database& database, std::vector<Summary>& summaries) {
    for (Summary& summary : summaries) {
        Statement rows = database.query(
            "SELECT path FROM touched_file WHERE experiment = ? ORDER BY position", summary.id);
        while (rows.next())
            summary.files.push_back(rows.take<std::string>());
    }
}

template <typename... Values>
std::vector<Summary> read_summaries(Database& database, std::string_view which, const Values&... values) {
    Transaction snapshot(database, Transaction::Kind::read);
    std::vector<Summary> summaries;
    Statement rows = database.query(summary_query(which), values...);
    while (rows.next())
        summaries.push_back(take_summary(rows));
    read_files(database, summaries);
    return summaries;
}

}  // namespace

std::vector<Summary> Ledger::summaries(const SummaryQuery& query) const {
    Database& database = implementation_->database;
    // A condition that is not set still takes its place, so that the parameters stand in one order.
    std::string which = query.verdict ? "WHERE standing.verdict = ?1 " : "WHERE ?1 IS NULL ";
    std::string_view first = "standing";
    if (!query.file) {
        which += "AND ?2 IS NULL ";
    } else if (query.verdict && are_fewer(database, *query.verdict, *query.file)) {
        which +=
            "AND EXISTS (SELECT 1 FROM touched_file AS touched WHERE "
            "touched.experiment = standing.experiment AND path = ?2) ";
    } else {
        first = those_that_touch;
        which += touch_it_first;
    }
    // The index tells where the time begins; where the clock was set back, what is older is not shown.
    which += query.since ? "AND +experiment.started_at >= ?3 AND standing.experiment >= (SELECT min(id) FROM "
                           "experiment INDEXED BY experiment_by_start WHERE started_at >= ?3) "
                         : "AND ?3 IS NULL ";
    which += query.after ? "AND standing.experiment > ?4 " : "AND ?4 IS NULL ";
    which += query.better_among
                 ? "AND decision.effect_estimate > 0 AND standing.experiment >= (SELECT min(experiment) FROM "
                   "(SELECT experiment FROM standing WHERE verdict = ?1 ORDER BY experiment DESC LIMIT ?6)) "
                 : "AND ?6 IS NULL ";
    if (query.failures_only) which += "AND standing.verdict NOT IN ('kept', 'interrupted') ";
    which += first == those_that_touch ? "ORDER BY touched.experiment " : "ORDER BY standing.experiment ";
    which += query.newest_first ? "DESC LIMIT ?5" : "LIMIT ?5";
    Transaction snapshot(database, Transaction::Kind::read);
    std::vector<Summary> summaries;
    constexpr int most_reserved = 500;
    summaries.reserve(static_cast<std::size_t>(std::clamp(query.limit, 0, most_reserved)));
    Statement rows = database.query(summary_query(which, first), query.verdict, query.file, query.since,
                                    query.after, query.limit, query.better_among);
    while (rows.next())
        summaries.push_back(take_summary(rows));
    read_files(database, summaries);
    return summaries;
}

std::vector<Summary> Ledger::proposals_of(const std::string& proposer) const {
    return read_summaries(implementation_->database, "WHERE experiment.proposer = ? ORDER BY experiment.id",
                          proposer);
}

std::vector<Summary> Ledger::search(std::string_view text, int limit) const {
    Database& database = implementation_->database;
    Transaction snapshot(database, Transaction::Kind::read);
    std::vector<Summary> found;
    for (const ExperimentId id : matches(database, text, limit)) {
        for (Summary& summary : read_summaries(database, "WHERE standing.experiment = ?", id)) {
            found.push_back(std::move(summary));
        }
    }
    return found;
}

std::vector<Near> Ledger::near(std::uint64_t fingerprint, int max_distance, int limit) const {
    if (fingerprint == 0) return {};
    implementation_->fingerprints.refresh(implementation_->database);
    return implementation_->fingerprints.near(fingerprint, max_distance, limit);
}

std::int64_t Ledger::experiment_count() const {
    // Numbers have no gaps, so nothing needs to be counted.
    return *implementation_->database.value<std::int64_t>("SELECT coalesce(max(id), 0) FROM experiment");
}

std::int64_t Ledger::since_last_kept() const {
    return *implementation_->database.value<std::int64_t>(
        "SELECT finished - finished_at_last_kept FROM totals");
}

std::vector<std::pair<Verdict, int>> Ledger::tally() const {
    std::vector<std::pair<Verdict, int>> tally;
    Statement rows = implementation_->database.query("SELECT verdict, count FROM tally");
    while (rows.next()) {
        const auto verdict = rows.take<Verdict>();
        tally.emplace_back(verdict, rows.take<int>());
    }
    std::sort(tally.begin(), tally.end());
    return tally;
}

ErrorBudget Ledger::error_budget() const {
    Database& database = implementation_->database;
    Transaction snapshot(database, Transaction::Kind::read);
    Statement row = database.query(
        "SELECT tests, (SELECT coalesce(sum(count), 0) FROM tally WHERE verdict IN ('kept', 'vetoed')), "
        "(SELECT coalesce(max(id), 0) FROM margin_test) FROM totals");
    row.next();
    ErrorBudget budget;
    budget.tests = row.take<int>();
    budget.kept = row.take<int>();
    budget.margin_tests = row.take<int>();
    budget.kept_not_worse =
        *database.value<int>("SELECT count(*) FROM decision WHERE basis = 'not-worse' AND verdict = 'kept'");
    budget.kept -= budget.kept_not_worse;
    budget.given_away = *database.value<double>(
        "SELECT coalesce(sum(max(0.0, -effect_low)), 0.0) FROM decision "
        "LEFT JOIN veto ON veto.experiment = decision.experiment "
        "WHERE basis = 'not-worse' AND verdict = 'kept' AND veto.experiment IS NULL "
        "AND decision.at >= coalesce((SELECT at FROM verification ORDER BY id DESC LIMIT 1), 0)");
    return budget;
}

Usage Ledger::total_usage() const {
    Statement row = implementation_->database.query(
        "SELECT requests, input_tokens, output_tokens, cost, wall_seconds FROM totals");
    row.next();
    return {row.take<std::int64_t>(), row.take<std::int64_t>(), row.take<std::int64_t>(),
            row.take<std::optional<double>>(), row.take<double>()};
}

std::vector<FileRecord> Ledger::map(int limit) const {
    std::vector<FileRecord> records;
    Statement rows = implementation_->database.query(
        "SELECT path, attempts, failures, kept, best_effect FROM file_record ORDER BY attempts DESC, path "
        "DESC LIMIT ?",
        limit);
    while (rows.next()) {
        records.push_back({rows.take<std::string>(), rows.take<int>(), rows.take<int>(), rows.take<int>(),
                           rows.take<std::optional<double>>()});
    }
    return records;
}

std::optional<FileRecord> Ledger::file_record(const std::string& path) const {
    Statement row = implementation_->database.query(
        "SELECT path, attempts, failures, kept, best_effect FROM file_record WHERE path = ?", path);
    if (!row.next()) return std::nullopt;
    return FileRecord{row.take<std::string>(), row.take<int>(), row.take<int>(), row.take<int>(),
                      row.take<std::optional<double>>()};
}

std::optional<ExperimentId> Ledger::with_tree(const TreeId& tree, ExperimentId except) const {
    if (tree.hex.empty()) return std::nullopt;
    Database& database = implementation_->database;
    Transaction snapshot(database, Transaction::Kind::read);
    if (database.value<int>("SELECT 1 FROM campaign WHERE base_tree = ?", tree)) return ExperimentId{0};
    return database.value<ExperimentId>(
        fmt::format("SELECT experiment FROM standing WHERE tree = ?1 AND tree <> '' AND experiment <> ?2 "
                    "AND verdict IN {} AND (epoch = (SELECT max(id) FROM epoch) "
                    "OR experiment = (SELECT experiment FROM champion ORDER BY id DESC LIMIT 1)) "
                    "ORDER BY experiment LIMIT 1",
                    evaluated),
        tree, except);
}

std::optional<ExperimentId> Ledger::with_patch(const std::string& patch_id, const CommitId& parent,
                                               ExperimentId except) const {
    if (patch_id.empty()) return std::nullopt;
    return implementation_->database.value<ExperimentId>(
        fmt::format("SELECT experiment FROM proposal JOIN standing USING (experiment) "
                    "WHERE patch_id = ?1 AND patch_id <> '' AND candidate_parent = ?2 AND experiment <> ?3 "
                    "AND verdict IN {} AND epoch = (SELECT max(id) FROM epoch) ORDER BY experiment LIMIT 1",
                    evaluated),
        patch_id, parent, except);
}

std::vector<CandidateRecord> Ledger::candidates(ExperimentId from) const {
    std::vector<CandidateRecord> candidates;
    Statement rows = implementation_->database.query(
        "SELECT experiment, candidate, candidate_parent, tree, verdict IS NOT NULL FROM standing "
        "WHERE candidate <> '' AND experiment >= ? ORDER BY experiment",
        from);
    while (rows.next()) {
        candidates.push_back({rows.take<ExperimentId>(), rows.take<CommitId>(), rows.take<CommitId>(),
                              rows.take<TreeId>(), rows.take<bool>()});
    }
    return candidates;
}

std::vector<LogRecord> Ledger::logs() const {
    std::vector<LogRecord> logs;
    Statement rows = implementation_->database.query(
        "SELECT DISTINCT experiment, log_file FROM stage_run WHERE log_file <> '' ORDER BY experiment, "
        "log_file");
    while (rows.next())
        logs.push_back({rows.take<ExperimentId>(), rows.take<std::string>()});
    return logs;
}

std::vector<Summary> Ledger::summaries_of(const std::vector<ExperimentId>& ids) const {
    Database& database = implementation_->database;
    Transaction snapshot(database, Transaction::Kind::read);
    std::vector<Summary> found;
    for (const ExperimentId id : ids) {
        for (Summary& summary : read_summaries(database, "WHERE standing.experiment = ?", id))
            found.push_back(std::move(summary));
    }
    return found;
}

std::optional<Summary> Ledger::maker_of(const CommitId& candidate) const {
    if (candidate.empty()) return std::nullopt;
    std::vector<Summary> found = read_summaries(
        implementation_->database,
        "WHERE candidate = ? AND candidate <> '' ORDER BY standing.experiment LIMIT 1", candidate);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::vector<Summary> Ledger::standing_on(const CommitId& commit, int limit) const {
    if (commit.empty()) return {};
    Database& database = implementation_->database;
    Transaction snapshot(database, Transaction::Kind::read);
    // Two queries: each stops at the limit, while one order over both would read all that stand there.
    std::vector<Summary> found =
        read_summaries(database,
                       "WHERE candidate_parent = ? AND standing.verdict IN ('kept', 'vetoed') "
                       "ORDER BY standing.experiment DESC LIMIT ?",
                       commit, limit);
    for (Summary& other : read_summaries(
             database,
             "WHERE candidate_parent = ? AND coalesce(standing.verdict, '') NOT IN ('kept', 'vetoed') "
             "ORDER BY standing.experiment DESC LIMIT ?",
             commit, limit - static_cast<int>(found.size()))) {
        found.push_back(std::move(other));
    }
    return found;
}

std::int64_t Ledger::count_standing_on(const CommitId& commit) const {
    return *implementation_->database.value<std::int64_t>(
        "SELECT count(*) FROM standing WHERE candidate_parent = ?", commit);
}

std::vector<Summary> Ledger::duplicates_of(ExperimentId id, int limit) const {
    return read_summaries(implementation_->database,
                          "WHERE decision.duplicate_of = ? ORDER BY standing.experiment LIMIT ?", id, limit);
}

}  // namespace ratchet
