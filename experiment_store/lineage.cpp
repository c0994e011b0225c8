#include "experiment_store/lineage.hpp"

#include <set>

#include "experiment_store/ledger_implementation.hpp"

namespace ratchet {

namespace {

/// The nearest one below this commit that was kept when it was decided: a later veto takes nothing out of the
/// code that stands on it. Only over decided ones, whose candidates stay as they are: what a rebuild makes
/// must not depend on what became of the others.
std::optional<ExperimentId> nearest_kept(Database& database, CommitId commit) {
    std::set<CommitId> seen;  // a damaged ledger must not hold us for ever
    while (!commit.empty() && seen.insert(commit).second) {
        Statement row = database.query(
            "SELECT standing.experiment, candidate_parent, step_sum.experiment IS NOT NULL FROM standing "
            "LEFT JOIN step_sum ON step_sum.experiment = standing.experiment "
            "WHERE candidate = ? AND candidate <> '' AND verdict IS NOT NULL "
            "ORDER BY step_sum.experiment IS NULL, standing.experiment LIMIT 1",
            commit);
        if (!row.next()) break;
        const auto id = row.take<ExperimentId>();
        commit = row.take<CommitId>();
        if (row.take<bool>()) return id;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Step> step_to(Database& database, const CommitId& commit) {
    Statement row = database.query(
        "SELECT experiment, candidate_parent, coalesce(verdict, 'interrupted') FROM standing "
        "WHERE candidate = ? AND candidate <> '' ORDER BY verdict = 'kept' DESC, experiment LIMIT 1",
        commit);
    if (!row.next()) return std::nullopt;
    return Step{row.take<ExperimentId>(), row.take<CommitId>(), row.take<Verdict>()};
}

std::vector<Step> ancestry(Database& database, CommitId commit, std::optional<int> most) {
    std::vector<Step> steps;
    std::set<CommitId> seen;  // a damaged ledger must not hold us for ever
    int kept = 0;
    while ((!most || kept < *most) && seen.insert(commit).second) {
        const std::optional<Step> step = step_to(database, commit);
        if (!step) break;
        steps.push_back(*step);
        kept += step->verdict == Verdict::kept ? 1 : 0;
        commit = step->parent;
    }
    return steps;
}

StepSum read_step_sum(Database& database, std::optional<ExperimentId> id) {
    if (!id) return {};
    Statement row =
        database.query("SELECT steps, estimate, below, above FROM step_sum WHERE experiment = ?", *id);
    if (!row.next()) return {};
    return {row.take<std::int64_t>(), row.take<double>(), row.take<double>(), row.take<double>()};
}

void derive_step_sum(Database& database, ExperimentId id) {
    const auto parent =
        database.value<CommitId>("SELECT candidate_parent FROM standing WHERE experiment = ?", id);
    StepSum sum = read_step_sum(database, nearest_kept(database, parent.value_or(CommitId{})));
    ++sum.steps;
    Statement row = database.query(
        "SELECT effect_low, effect_estimate, effect_high FROM decision WHERE experiment = ?", id);
    if (row.next()) {
        if (const auto effect = take_interval(row)) {
            const double below = effect->estimate - effect->low;
            const double above = effect->high - effect->estimate;
            sum.estimate += effect->estimate;
            sum.below += below * below;
            sum.above += above * above;
        }
    }
    database.run("INSERT INTO step_sum (experiment, steps, estimate, below, above) VALUES (?, ?, ?, ?, ?)",
                 id, sum.steps, sum.estimate, sum.below, sum.above);
}

}  // namespace ratchet
