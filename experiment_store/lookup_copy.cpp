#include "experiment_store/lookup_copy.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "experiment_store/crash_point.hpp"
#include "experiment_store/derived.hpp"
#include "experiment_store/fact_tables.hpp"
#include "experiment_store/ledger_implementation.hpp"
#include "experiment_store/migrations.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view not_confirmed = "the gain was not confirmed";

/// What SQLite has of a file in write-ahead mode.
constexpr std::array<const char*, 3> copy_parts = {"", "-wal", "-shm"};

/// Of a first copy, which may be long, so many experiments are one transaction.
constexpr int experiments_at_once = 1000;

constexpr std::array<std::string_view, 8> tables_left_out = {"canary",   "model_request", "prompt",
                                                             "returned", "returned_idea", "schema_history",
                                                             "session",  "session_end"};

struct TakenTable {
    std::string_view name;
    std::string_view which;  ///< of its rows; ?1 is the experiment
};

/// The pairs that a proposer may see: none of what lost on the held-out benchmark, which would tell by how
/// much it won on the other one.
constexpr std::string_view told_pairs =
    "experiment = ?1 AND phase <> 'holdout' AND NOT EXISTS (SELECT 1 FROM decision WHERE decision.experiment "
    "= "
    "?1 AND verdict = 'holdout-failed')";
constexpr std::string_view of_told_pairs =
    "pair IN (SELECT id FROM pair WHERE experiment = ?1 AND phase <> 'holdout' AND NOT EXISTS (SELECT 1 FROM "
    "decision WHERE decision.experiment = ?1 AND verdict = 'holdout-failed'))";

/// What is copied of each finished experiment.
constexpr std::array<TakenTable, 19> of_an_experiment = {{
    {"experiment", "id = ?1"},           {"brief_reason", "experiment = ?1"},
    {"branching", "experiment = ?1"},    {"proposer_reason", "experiment = ?1"},
    {"repair", "experiment = ?1"},       {"margin_test", "experiment = ?1"},
    {"proposal", "experiment = ?1"},     {"proposal_model", "experiment = ?1"},
    {"touched_file", "experiment = ?1"}, {"next_idea", "experiment = ?1"},
    {"origin", "experiment = ?1"},       {"candidate", "experiment = ?1"},
    {"stage_run", "experiment = ?1"},    {"pair", told_pairs},
    {"sample", of_told_pairs},           {"sample_metric", of_told_pairs},
    {"discard", "experiment = ?1"},      {"decision", "experiment = ?1"},
    {"progress", "experiment = ?1"},
}};

struct GrowingTable {
    std::string_view name;
    std::string_view key;  ///< the column that tells what is new
};

constexpr std::array<GrowingTable, 11> of_the_campaign = {{
    {"campaign", "id"},
    {"epoch", "id"},
    {"champion", "id"},
    {"calibration", "id"},
    {"calibration_difference", "calibration"},
    {"verification", "id"},
    {"leave_one_out", "id"},
    {"note", "id"},
    {"imported", "id"},
    {"imported_file", "imported"},
    {"replay", "id"},
}};

/// Dense, so that no gap tells of pairs that are not here. ?2 is the copy's last one.
std::string dense_number(std::string_view pair) {
    return fmt::format(
        "?2 + (SELECT count(*) FROM pair AS counted WHERE counted.experiment = ?1 AND counted.phase <> "
        "'holdout' AND counted.id <= {})",
        pair);
}

/// Columns that are not copied as they are, by table and name: what the copy has in their place.
std::map<std::string, std::string> told_otherwise() {
    constexpr std::string_view lost = "verdict = 'holdout-failed'";
    std::map<std::string, std::string> all = {
        {"epoch.campaign_file", "''"}, {"epoch.harness_hash", "''"},        {"calibration.host", "''"},
        {"verification.host", "''"},   {"leave_one_out.host", "''"},        {"replay.host", "''"},
        {"stage_run.log_file", "''"},  {"pair.id", dense_number("pair.id")}};
    for (const std::string table : {"sample", "sample_metric"})
        all[table + ".pair"] = dense_number(table + ".pair");
    for (const std::string table : {"decision", "replay"}) {
        all[table + ".verdict"] = fmt::format("iif({}, 'inconclusive', verdict)", lost);
        all[table + ".reason"] = fmt::format(
            "iif({}, '{}', replace(reason, 'holdout-failed', 'inconclusive'))", lost, not_confirmed);
        all[table + ".basis"] = fmt::format("iif({}, 'none', basis)", lost);
        all[table + ".e_value"] = fmt::format("iif({}, 0.0, e_value)", lost);
        all[table + ".pairs"] = fmt::format("iif({}, 0, pairs)", lost);
        for (const char* column : {"effect_low", "effect_estimate", "effect_high"})
            all[fmt::format("{}.{}", table, column)] = fmt::format("iif({}, NULL, {})", lost, column);
    }
    return all;
}

/// The query on the ledger whose rows are those of the copy's table.
std::string query_for(Database& copy, std::string_view table, std::string_view which) {
    static const std::map<std::string, std::string> otherwise = told_otherwise();
    std::string columns;
    for (const std::string& column : columns_of(copy, std::string(table))) {
        const auto found = otherwise.find(fmt::format("{}.{}", table, column));
        columns += (columns.empty() ? "" : ", ") + (found == otherwise.end() ? column : found->second);
    }
    return fmt::format("SELECT {} FROM {} WHERE {}", columns, table, which);
}

/// Proposers run as another user.
void make_readable(const fs::path& path, mode_t mode) {
    if (::chmod(path.c_str(), mode) == 0) return;
    throw std::system_error(errno, std::generic_category(), "cannot let proposers read " + path.string());
}

/// While it is open all its files are there: whoever may only read needs each of them.
bool is_whole(const fs::path& file) {
    return std::all_of(copy_parts.begin(), copy_parts.end(),
                       [&](const char* part) { return fs::exists(file.string() + part); });
}

/// Of which campaign a ledger is; empty where nobody has founded one.
std::string founded_campaign(Database& database) {
    return database.value<std::string>("SELECT name || ' ' || base || ' ' || created_at FROM campaign")
        .value_or("");
}

/// Whether what stands in the copy was taken from this ledger: its newest row is there, the same.
bool is_copy_of(Database& ledger, Database& copy) {
    const std::string campaign = founded_campaign(copy);
    if (!campaign.empty() && campaign != founded_campaign(ledger)) return false;
    Statement newest = copy.query("SELECT id, experiment, stage, at FROM progress ORDER BY id DESC LIMIT 1");
    if (!newest.next()) return true;
    const auto id = newest.take<std::int64_t>();
    const auto experiment = newest.take<ExperimentId>();
    const auto stage = newest.take<Stage>();
    return ledger
        .value<int>("SELECT 1 FROM progress WHERE id = ? AND experiment = ? AND stage = ? AND at = ?", id,
                    experiment, stage, newest.take<Timestamp>())
        .has_value();
}

}  // namespace

/// How the copy is filled: the statements, made once.
class LookupStatements {
  public:
    explicit LookupStatements(Database& copy) : veto_(query_for(copy, "veto", "experiment = ?1")) {
        for (const TakenTable& table : of_an_experiment)
            experiment_.push_back({std::string(table.name), query_for(copy, table.name, table.which)});
        for (const auto& [name, key] : of_the_campaign) {
            campaign_.push_back({std::string(name),
                                 query_for(copy, name, fmt::format("{0} > ?1 ORDER BY {0}", key)),
                                 fmt::format("SELECT coalesce(max({}), 0) FROM {}", key, name)});
        }
    }

    /// Some of the finished experiments that the copy does not have yet; returns whether more are left.
    bool copy_some(Database& ledger, Database& copy) const {
        Statement finished = ledger.query(
            "SELECT experiment FROM progress WHERE stage = ? AND id > ? ORDER BY id LIMIT ?", Stage::finished,
            *copy.value<std::int64_t>("SELECT coalesce(max(id), 0) FROM progress"), experiments_at_once);
        int copied = 0;
        for (; finished.next(); ++copied)
            copy_experiment(ledger, copy, finished.take<ExperimentId>());
        return copied == experiments_at_once;
    }

    void copy_what_grew(Database& ledger, Database& copy) const {
        for (const Copying& each : campaign_) {
            const auto last = *copy.value<std::int64_t>(each.newest);
            Database::copy_rows(ledger.query(each.query, last), each.table, copy);
        }
    }

    /// They come any time after the end of an experiment, and are few: a person makes them.
    void copy_vetoes(Database& ledger, Database& copy) const {
        constexpr std::string_view count = "SELECT count(*) FROM veto";
        if (ledger.value<std::int64_t>(count) == copy.value<std::int64_t>(count)) return;
        Statement vetoed = ledger.query("SELECT experiment FROM veto ORDER BY experiment");
        while (vetoed.next()) {
            const auto id = vetoed.take<ExperimentId>();
            const bool known = copy.value<int>("SELECT 1 FROM veto WHERE experiment = ?", id).has_value();
            const bool there = copy.value<int>("SELECT 1 FROM decision WHERE experiment = ?", id).has_value();
            if (known || !there) continue;
            Database::copy_rows(ledger.query(veto_, id), "veto", copy);
            derive_veto(copy, id);
        }
    }

  private:
    struct Copying {
        std::string table;
        std::string query;
        std::string newest;  ///< up to where the copy has the table
    };

    void copy_experiment(Database& ledger, Database& copy, ExperimentId id) const {
        const auto last_pair = *copy.value<std::int64_t>("SELECT coalesce(max(id), 0) FROM pair");
        for (const Copying& each : experiment_) {
            const bool numbers_pairs = each.query.find("?2") != std::string::npos;
            Database::copy_rows(
                numbers_pairs ? ledger.query(each.query, id, last_pair) : ledger.query(each.query, id),
                each.table, copy);
        }
        Statement progress = copy.query("SELECT stage FROM progress WHERE experiment = ? ORDER BY id", id);
        while (progress.next())
            derive_progress(copy, id, progress.take<Stage>());
        if (copy.value<int>("SELECT 1 FROM discard WHERE experiment = ?", id)) derive_discard(copy, id);
    }

    std::vector<Copying> experiment_;
    std::vector<Copying> campaign_;
    std::string veto_;
};

LookupCopy::LookupCopy(fs::path file, const Clock& clock) : file_(std::move(file)), clock_(clock) {}

LookupCopy::~LookupCopy() = default;

void LookupCopy::open() {
    const DurableStep step("lookup/open the copy");
    const fs::path folder = file_.parent_path();
    fs::create_directories(folder);
    make_readable(folder, 0755);
    // What SQLite puts beside it gets the same mode.
    std::ofstream(file_, std::ios::app).close();
    make_readable(file_, 0644);
    copy_ = std::make_unique<Database>(file_, Database::Mode::read_write);
    const auto version = copy_->value<int>("PRAGMA user_version");
    if (version != 0 && version != schema_version()) throw MachineryError("the copy is of another version");
    prepare_ledger(*copy_, Database::Mode::read_write, clock_.now());
    // A power failure may take the newest away, which is taken over again; it never leaves a torn file.
    copy_->script("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = OFF");
    statements_ = std::make_unique<LookupStatements>(*copy_);
}

void LookupCopy::make_anew() {
    statements_.reset();
    copy_.reset();
    {
        const DurableStep step("lookup/remove the copy");
        for (const char* part : copy_parts)
            fs::remove(file_.string() + part);
    }
    open();
}

void LookupCopy::take_over(Database& ledger) {
    const Transaction one_state(ledger, Transaction::Kind::read);
    for (bool more = true; more;) {
        Transaction transaction(*copy_);
        more = statements_->copy_some(ledger, *copy_);
        if (!more) {
            statements_->copy_vetoes(ledger, *copy_);
            statements_->copy_what_grew(ledger, *copy_);
        }
        transaction.commit();
    }
    // Whoever may only read cannot make a mark of its own in the log, and goes by the one that this leaves.
    copy_->script("SELECT count(*) FROM sqlite_schema");
}

void LookupCopy::catch_up(const Ledger& ledger) {
    Database& source = ledger.implementation_->database;
    try {
        if (!copy_) open();
        if (!is_whole(file_)) throw MachineryError("somebody has removed a part of the copy");
        if (!is_copy_of(source, *copy_)) throw MachineryError("the copy is of another ledger");
        take_over(source);
        return;
    } catch (const NoRoom&) {
        throw;
    } catch (const std::runtime_error&) {
        // Damaged, of another version or another ledger, held by somebody: it is only a copy.
        make_anew();
    }
    take_over(source);
}

std::span<const std::string_view> tables_not_for_lookup() {
    return tables_left_out;
}

std::vector<std::string_view> tables_for_lookup() {
    std::vector<std::string_view> all = {"veto"};
    for (const TakenTable& table : of_an_experiment)
        all.push_back(table.name);
    for (const GrowingTable& table : of_the_campaign)
        all.push_back(table.name);
    return all;
}

Decision as_told_to_proposers(Decision decision) {
    const std::string_view hidden = name_of(Verdict::holdout_failed);
    if (decision.verdict == Verdict::holdout_failed) {
        decision.verdict = Verdict::inconclusive;
        decision.reason = not_confirmed;
        decision.effect.reset();
        decision.basis = Basis::none;
        decision.e_value = 0;
        decision.pairs = 0;
    }
    // A duplicate's reason says how the one before it ended.
    if (const std::size_t at = decision.reason.find(hidden); at != std::string::npos)
        decision.reason.replace(at, hidden.size(), name_of(Verdict::inconclusive));
    return decision;
}

}  // namespace ratchet
