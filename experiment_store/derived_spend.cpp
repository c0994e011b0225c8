#include "experiment_store/derived_spend.hpp"

#include "experiment_store/values.hpp"

namespace ratchet {
namespace {

// Whole numbers add up to the same in any order, so that a rebuild after a veto comes to the same. What
// nobody can have paid, gained or waited for is cut off, before the sums run over: usage is what an agent
// reports.
constexpr std::string_view as_billionths =
    "CAST(round(1e9 * min(max(coalesce({}, 0.0), -1e6), 1e6)) AS INTEGER)";
constexpr std::string_view as_milliseconds =
    "CAST(round(1e3 * min(max(coalesce({}, 0.0), 0.0), 1e9)) AS INTEGER)";
constexpr std::string_view as_count = "min(max(coalesce({}, 0), 0), 1000000000000)";

std::string with(std::string_view form, std::string_view column) {
    std::string text(form);
    return text.replace(text.find("{}"), 2, column);
}

/// Takes this experiment's part into the sums of its proposer and model under this verdict, or (`sign` -1)
/// out of them.
void add_to_spend(Database& database, ExperimentId id, Verdict verdict, int sign) {
    static const std::string statement =
        "INSERT INTO spend (proposer, model, verdict, experiments, requests, input_tokens, output_tokens, "
        "priced, cost, wall, gain) "
        "SELECT proposer, coalesce(proposal_model.model, ''), ?2, ?3, ?3 * " +
        with(as_count, "paid.requests") + ", ?3 * " + with(as_count, "paid.input_tokens") + ", ?3 * " +
        with(as_count, "paid.output_tokens") + ", ?3 * (paid.cost IS NOT NULL), ?3 * " +
        with(as_billionths, "paid.cost") + ", ?3 * " + with(as_milliseconds, "paid.wall_seconds") +
        ", ?3 * iif(?2 = 'kept', " + with(as_billionths, "decision.effect_estimate") +
        ", 0) "
        "FROM experiment JOIN decision ON decision.experiment = experiment.id "
        "LEFT JOIN proposal_model ON proposal_model.experiment = experiment.id "
        "LEFT JOIN (SELECT experiment, requests, input_tokens, output_tokens, cost, wall_seconds "
        "           FROM proposal WHERE experiment = ?1 UNION ALL "
        "           SELECT experiment, requests, input_tokens, output_tokens, cost, wall_seconds "
        "           FROM returned WHERE experiment = ?1 "
        "           AND NOT EXISTS (SELECT 1 FROM proposal WHERE experiment = ?1)) AS paid "
        "ON paid.experiment = experiment.id WHERE experiment.id = ?1 "
        "ON CONFLICT (proposer, model, verdict) DO UPDATE SET "
        "experiments = experiments + excluded.experiments, requests = requests + excluded.requests, "
        "input_tokens = input_tokens + excluded.input_tokens, "
        "output_tokens = output_tokens + excluded.output_tokens, priced = priced + excluded.priced, "
        "cost = cost + excluded.cost, wall = wall + excluded.wall, gain = gain + excluded.gain";
    database.run(statement, id, verdict, sign);
}

}  // namespace

void count_model_requests(Database& database, ExperimentId id) {
    static const std::string statement =
        "INSERT INTO model_spend (model, requests, failed, input_tokens, cached_tokens, output_tokens, "
        "unpriced, cost, wall) SELECT model, 1, status NOT BETWEEN 200 AND 299, " +
        with(as_count, "input_tokens") + ", " + with(as_count, "cached_tokens") + ", " +
        with(as_count, "output_tokens") + ", cost IS NULL AND input_tokens + output_tokens > 0, " +
        with(as_billionths, "cost") + ", " + with(as_milliseconds, "wall_seconds") +
        " FROM model_request WHERE experiment = ?1 "
        "ON CONFLICT (model) DO UPDATE SET requests = requests + excluded.requests, "
        "failed = failed + excluded.failed, input_tokens = input_tokens + excluded.input_tokens, "
        "cached_tokens = cached_tokens + excluded.cached_tokens, "
        "output_tokens = output_tokens + excluded.output_tokens, unpriced = unpriced + excluded.unpriced, "
        "cost = cost + excluded.cost, wall = wall + excluded.wall";
    database.run(statement, id);
}

void count_spend(Database& database, ExperimentId id, Verdict verdict) {
    const bool proposed = database.value<int>("SELECT 1 FROM proposal WHERE experiment = ?", id).has_value();
    if (!proposed) {
        count_model_requests(database, id);
        database.run(
            "UPDATE totals SET requests = totals.requests + r.requests, "
            "input_tokens = totals.input_tokens + r.input_tokens, "
            "output_tokens = totals.output_tokens + r.output_tokens, "
            "cost = coalesce(totals.cost + r.cost, totals.cost, r.cost), "
            "wall_seconds = totals.wall_seconds + r.wall_seconds "
            "FROM (SELECT * FROM returned WHERE experiment = ?) AS r",
            id);
    }
    add_to_spend(database, id, verdict, 1);
}

void move_spend_to_vetoed(Database& database, ExperimentId id) {
    add_to_spend(database, id, Verdict::kept, -1);
    database.run("DELETE FROM spend WHERE experiments = 0");
    add_to_spend(database, id, Verdict::vetoed, 1);
}

}  // namespace ratchet
