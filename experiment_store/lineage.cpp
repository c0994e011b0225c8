#include "experiment_store/lineage.hpp"

#include <fmt/format.h>

#include <set>
#include <string>

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

std::vector<Step> ancestry(Database& database, const CommitId& commit, std::optional<int> most) {
    // One statement goes the whole way, a step when it is asked for one. UNION leaves out what was there
    // before: a damaged ledger must not hold us for ever.
    constexpr const char* maker_of =
        "(SELECT experiment FROM standing WHERE candidate = {} AND candidate <> '' "
        "ORDER BY verdict = 'kept' DESC, experiment LIMIT 1)";
    static const std::string sql = fmt::format(
        "WITH RECURSIVE step (id) AS (SELECT {} UNION SELECT {} FROM step WHERE id IS NOT NULL) "
        "SELECT standing.experiment, candidate, coalesce(standing.verdict, 'interrupted'), effect_low, "
        "effect_estimate, effect_high FROM step CROSS JOIN standing ON standing.experiment = step.id "
        "LEFT JOIN decision ON decision.experiment = standing.experiment",
        fmt::format(fmt::runtime(maker_of), "?1"),
        fmt::format(fmt::runtime(maker_of),
                    "(SELECT candidate_parent FROM standing WHERE experiment = step.id)"));
    std::vector<Step> steps;
    int kept = 0;
    Statement rows = database.query(sql, commit);
    while ((!most || kept < *most) && rows.next()) {
        steps.push_back(
            {rows.take<ExperimentId>(), rows.take<CommitId>(), rows.take<Verdict>(), take_interval(rows)});
        kept += steps.back().verdict == Verdict::kept ? 1 : 0;
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
