#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "experiment_store/derived.hpp"
#include "experiment_store/ledger_implementation.hpp"
#include "experiment_store/lineage.hpp"

// Who is champion, what it stands on, and how a person takes one back.

namespace ratchet {

namespace {

std::optional<Interval> effect_of(Database& database, ExperimentId id) {
    Statement row = database.query(
        "SELECT effect_low, effect_estimate, effect_high FROM decision WHERE experiment = ?", id);
    if (!row.next()) return std::nullopt;
    return take_interval(row);
}

CommitId base_of(Database& database) {
    const auto base = database.value<CommitId>("SELECT base FROM campaign");
    if (!base) throw MachineryError("the ledger has no campaign yet");
    return *base;
}

bool stands_on_a_vetoed_one(Database& database, const CommitId& commit) {
    const std::vector<Step> steps = ancestry(database, commit);
    return std::any_of(steps.begin(), steps.end(),
                       [](const Step& step) { return step.verdict == Verdict::vetoed; });
}

/// The newest kept experiment without a vetoed ancestor, or the base.
Champion best_that_is_left(Database& database) {
    Statement rows = database.query(
        "SELECT champion.commit_id, champion.experiment FROM champion JOIN standing USING (experiment) "
        "WHERE standing.verdict = 'kept' ORDER BY champion.id DESC");
    while (rows.next()) {
        const auto commit = rows.take<CommitId>();
        const auto id = rows.take<ExperimentId>();
        if (!stands_on_a_vetoed_one(database, commit)) return {commit, id, effect_of(database, id)};
    }
    return {base_of(database), std::nullopt, std::nullopt};
}

void expect_kept(Database& database, ExperimentId id) {
    const auto verdict =
        database.value<std::optional<Verdict>>("SELECT verdict FROM standing WHERE experiment = ?", id);
    if (!verdict) throw UserError(fmt::format("there is no experiment #{}", id.value));
    if (*verdict == Verdict::vetoed) throw UserError(fmt::format("#{} is vetoed already", id.value));
    if (*verdict != Verdict::kept) {
        throw UserError(fmt::format("#{} was not kept; there is nothing to take back", id.value),
                        "`ratchet log --verdict kept` lists those that were.");
    }
}

}  // namespace

Champion read_champion(Database& database) {
    Statement row = database.query("SELECT commit_id, experiment FROM champion ORDER BY id DESC LIMIT 1");
    if (!row.next()) throw MachineryError("the ledger has no campaign yet, hence no champion");
    Champion champion{row.take<CommitId>(), row.take<std::optional<ExperimentId>>(), std::nullopt};
    if (champion.experiment) champion.effect = effect_of(database, *champion.experiment);
    return champion;
}

void crown(Database& database, const CommitId& commit, std::optional<ExperimentId> experiment, Timestamp at) {
    database.run("INSERT INTO champion (commit_id, experiment, at) VALUES (?, ?, ?)", commit, experiment, at);
}

Champion Ledger::champion() const {
    Transaction snapshot(implementation_->database, Transaction::Kind::read);
    return read_champion(implementation_->database);
}

std::vector<Champion> Ledger::lineage() const {
    std::vector<Champion> lineage = newest_steps(std::nullopt);
    lineage.push_back({base_of(implementation_->database), std::nullopt, std::nullopt});
    std::reverse(lineage.begin(), lineage.end());
    return lineage;
}

std::vector<Champion> Ledger::newest_steps(std::optional<int> most) const {
    Database& database = implementation_->database;
    Transaction snapshot(database, Transaction::Kind::read);
    std::vector<Champion> steps;
    for (Step& step : ancestry(database, read_champion(database).commit, most)) {
        // A champion may stand on a candidate that never was one.
        if (step.verdict == Verdict::kept)
            steps.push_back({std::move(step.candidate), step.experiment, step.effect});
    }
    return steps;
}

StepSum Ledger::step_sum() const {
    Database& database = implementation_->database;
    Transaction snapshot(database, Transaction::Kind::read);
    return read_step_sum(database, read_champion(database).experiment);
}

Champion Ledger::veto(ExperimentId id, const std::string& reason) {
    Database& database = implementation_->database;
    Transaction transaction(database);
    expect_kept(database, id);
    database.run("INSERT INTO veto (experiment, reason, at) VALUES (?, ?, ?)", id, reason,
                 implementation_->now());
    derive_veto(database, id);
    const Champion left = best_that_is_left(database);
    if (left.commit != read_champion(database).commit) {
        crown(database, left.commit, left.experiment, implementation_->now());
    }
    transaction.commit();
    return left;
}

}  // namespace ratchet
