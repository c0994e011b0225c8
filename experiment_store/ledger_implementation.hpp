#pragma once

// What the .cpp files of the ledger share; nobody else includes it.

#include "experiment_store/ledger.hpp"
#include "experiment_store/recall.hpp"
#include "experiment_store/sqlite.hpp"
#include "experiment_store/values.hpp"

namespace ratchet {

struct Ledger::Implementation {
    Implementation(const std::filesystem::path& file, const Clock& the_clock, Database::Mode mode)
        : database(file, mode), clock(&the_clock) {}

    Database database;
    const Clock* clock;
    Fingerprints fingerprints;

    [[nodiscard]] Timestamp now() const { return clock->now(); }
};

// experiments.cpp
/// The whole experiment with everything that counts of it; nothing where there is none of this number.
std::optional<Experiment> read_experiment(Database& database, ExperimentId id);
/// The columns that `decision_columns` selects. A vetoed one reads as such, with the veto's reason.
std::optional<Decision> take_decision(Statement& row);
inline constexpr std::string_view decision_columns =
    "iif(veto.experiment IS NULL, decision.verdict, 'vetoed'), decision.rejection, decision.basis, "
    "iif(veto.reason IS NULL OR veto.reason = '', decision.reason, veto.reason), decision.effect_low, "
    "decision.effect_estimate, decision.effect_high, decision.e_value, decision.pairs, decision.duplicate_of";
/// An interval of three columns, or nothing where they are NULL.
std::optional<Interval> take_interval(Statement& row);
/// What stands in these columns.
struct IntervalColumns {
    std::optional<double> low;
    std::optional<double> estimate;
    std::optional<double> high;
};
IntervalColumns interval_columns(const std::optional<Interval>& interval);

// ledger_spend.cpp
/// `returned`: for the answer that was given back.
void insert_model_requests(Database& database, ExperimentId id, bool returned,
                           const std::vector<ModelRequest>& requests);
std::vector<ModelRequest> read_model_requests(Database& database, ExperimentId id, bool returned);

// repeats.cpp
std::optional<Returned> read_returned(Database& database, ExperimentId id);

// ledger_rebuild.cpp
/// Makes all that is not a fact anew, whatever became of it. Throws DamagedLedger where the facts do not give
/// it.
void rebuild_ledger(Database& ledger);

// champions.cpp
/// Throws MachineryError where the campaign was not founded.
Champion read_champion(Database& database);
void crown(Database& database, const CommitId& commit, std::optional<ExperimentId> experiment, Timestamp at);

}  // namespace ratchet
