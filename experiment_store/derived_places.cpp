#include "experiment_store/derived_places.hpp"

#include "experiment_store/functions/touched_functions.hpp"
#include "experiment_store/values.hpp"

namespace ratchet {

void derive_touched_functions(Database& database, ExperimentId id, std::string_view diff) {
    for (const auto& [path, function] : touched_functions(diff)) {
        database.run("INSERT INTO function_record (path, function) VALUES (?, ?) ON CONFLICT DO NOTHING",
                     path, function);
        database.run(
            "INSERT INTO touched_function (experiment, function) "
            "SELECT ?1, id FROM function_record WHERE path = ?2 AND function = ?3",
            id, path, function);
    }
}

void count_functions(Database& database, ExperimentId id, bool kept) {
    database.run(
        "UPDATE function_record SET attempts = attempts + 1, failures = failures + ?2, kept = kept + ?3, "
        "best_effect = coalesce(max(best_effect, effect_estimate), best_effect, effect_estimate), "
        "last_kept = iif(?3, ?1, last_kept) "
        "FROM (SELECT iif(verdict = ?4, NULL, effect_estimate) AS effect_estimate FROM decision "
        "      WHERE experiment = ?1) "
        "WHERE id IN (SELECT function FROM touched_function WHERE experiment = ?1)",
        id, !kept, kept, Verdict::holdout_failed);
}

void discount_functions(Database& database, ExperimentId id) {
    // As for file_record: the best and the newest of the others are looked up again.
    database.run(
        "UPDATE function_record SET kept = kept - 1, failures = failures + 1, best_effect = "
        "(SELECT max(effect_estimate) FROM touched_function JOIN decision USING (experiment) "
        " JOIN standing USING (experiment) WHERE function = function_record.id AND standing.verdict <> ?2 "
        " AND standing.verdict NOT IN ('rejected', 'no-proposal', 'interrupted', 'holdout-failed')), "
        "last_kept = "
        "(SELECT max(experiment) FROM touched_function JOIN standing USING (experiment) "
        " WHERE function = function_record.id AND standing.verdict = ?3) "
        "WHERE id IN (SELECT function FROM touched_function WHERE experiment = ?1)",
        id, Verdict::vetoed, Verdict::kept);
}

void count_failure_places(Database& database, ExperimentId id, std::int64_t signature) {
    database.run(
        "INSERT INTO failure_place (signature, path, function, count) "
        "SELECT ?2, path, '', 1 FROM touched_file WHERE experiment = ?1 UNION "
        "SELECT ?2, path, function_record.function, 1 FROM touched_function "
        "JOIN function_record ON id = touched_function.function WHERE experiment = ?1 "
        "ON CONFLICT (signature, path, function) DO UPDATE SET count = count + 1",
        id, signature);
}

}  // namespace ratchet
