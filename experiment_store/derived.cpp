#include "experiment_store/derived.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include "experiment_store/derived_ideas.hpp"
#include "experiment_store/derived_places.hpp"
#include "experiment_store/derived_spend.hpp"
#include "experiment_store/failure_line.hpp"
#include "experiment_store/likeness.hpp"
#include "experiment_store/lineage.hpp"
#include "experiment_store/recall.hpp"
#include "experiment_store/schema.hpp"
#include "experiment_store/values.hpp"

namespace ratchet {

namespace {

/// So much of the end of a failed command's output is found by full text.
constexpr std::size_t searchable_output_bytes = 4096;

/// One line in a list holds no more of an idea.
constexpr std::size_t longest_idea = 300;

std::string first_line(std::string_view text) {
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return {};
    text.remove_prefix(start);
    text = text.substr(0, text.find_first_of("\r\n"));
    if (text.size() > longest_idea) {
        std::size_t end = longest_idea;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
            --end;
        text = text.substr(0, end);
    }
    return std::string(text);
}

/// All values of a column of text, joined.
template <typename... Values>
std::string joined(Database& database, const char* separator, std::string_view sql, const Values&... values) {
    std::string result;
    Statement rows = database.query(sql, values...);
    while (rows.next()) {
        if (!result.empty()) result += separator;
        result += rows.take<std::string>();
    }
    return result;
}

/// The hypothesis's first line; where the proposer said nothing, what it found its place by, or the files it
/// changed.
std::string idea_of(Database& database, ExperimentId id) {
    std::string idea = first_line(
        database.value<std::string>("SELECT hypothesis FROM proposal WHERE experiment = ?", id).value_or(""));
    if (!idea.empty()) return idea;
    idea = first_line(joined(
        database, ", ", "SELECT name || '=' || value FROM origin WHERE experiment = ? ORDER BY name", id));
    if (!idea.empty()) return idea;
    return first_line(
        joined(database, ", ", "SELECT path FROM touched_file WHERE experiment = ? ORDER BY position", id));
}

/// Failed and never made good: of each command's runs the last one.
std::vector<std::tuple<std::string, std::string, bool, std::string>> failed_runs(Database& database,
                                                                                 ExperimentId id) {
    std::vector<std::tuple<std::string, std::string, bool, std::string>> failed;
    Statement rows = database.query(
        "SELECT stage, name, timed_out, tail FROM stage_run AS run WHERE experiment = ?1 AND succeeded = 0 "
        "AND NOT EXISTS (SELECT 1 FROM stage_run AS later WHERE later.experiment = ?1 AND later.id > run.id "
        "                AND later.stage = run.stage AND later.name = run.name) ORDER BY id",
        id);
    while (rows.next()) {
        auto stage = rows.take<std::string>();
        auto name = rows.take<std::string>();
        const bool timed_out = rows.take<bool>();
        failed.emplace_back(std::move(stage), std::move(name), timed_out, rows.take<std::string>());
    }
    return failed;
}

Document document_of(Database& database, ExperimentId id, const std::string& reason) {
    Document document;
    document.idea =
        database.value<std::string>("SELECT idea FROM standing WHERE experiment = ?", id).value_or("");
    document.notes =
        joined(database, "\n",
               "SELECT hypothesis || char(10) || expected_effect || char(10) || risk || char(10) || "
               "learned || char(10) || failure FROM proposal WHERE experiment = ?",
               id);
    document.notes += "\n" + joined(database, "\n",
                                    "SELECT text FROM next_idea WHERE experiment = ? ORDER BY position", id);
    document.reason = reason;
    document.files =
        joined(database, "\n", "SELECT path FROM touched_file WHERE experiment = ? ORDER BY position", id);
    for (const auto& [stage, name, timed_out, tail] : failed_runs(database, id)) {
        document.output += name + "\n";
        document.output += tail.substr(tail.size() - std::min(tail.size(), searchable_output_bytes)) + "\n";
    }
    return document;
}

std::string reason_of(Database& database, ExperimentId id) {
    return database.value<std::string>("SELECT reason FROM decision WHERE experiment = ?", id).value_or("");
}

void count_verdict(Database& database, Verdict verdict, int change) {
    database.run(
        "INSERT INTO tally (verdict, count) VALUES (?1, ?2) "
        "ON CONFLICT (verdict) DO UPDATE SET count = count + ?2",
        verdict, change);
    database.run("DELETE FROM tally WHERE count = 0");
}

/// Whether something was run, so that its files were tried; the others say nothing about the code.
bool was_run(Verdict verdict) {
    return verdict != Verdict::rejected && verdict != Verdict::no_proposal && verdict != Verdict::interrupted;
}

/// What won on one benchmark and lost on the held-out one is no best effect of a place: the map would tell of
/// it.
void count_files(Database& database, ExperimentId id, Verdict verdict) {
    if (!was_run(verdict)) return;
    const bool kept = verdict == Verdict::kept;
    database.run(
        "INSERT INTO file_record (path, attempts, failures, kept, best_effect) "
        "SELECT DISTINCT path, 1, ?2, ?3, iif(verdict = ?4, NULL, effect_estimate) "
        "FROM touched_file JOIN decision USING (experiment) "
        "WHERE experiment = ?1 "
        "ON CONFLICT (path) DO UPDATE SET attempts = attempts + 1, failures = failures + excluded.failures, "
        "kept = kept + excluded.kept, "
        "best_effect = coalesce(max(best_effect, excluded.best_effect), best_effect, excluded.best_effect)",
        id, !kept, kept, Verdict::holdout_failed);
}

void count_failures(Database& database, ExperimentId id, Verdict verdict) {
    if (!was_run(verdict)) return;
    std::set<std::tuple<std::string, std::string, std::string>> signatures;
    for (const auto& [stage, name, timed_out, tail] : failed_runs(database, id)) {
        signatures.emplace(stage, name, timed_out ? "timed out" : failure_line(tail));
    }
    for (const auto& [stage, name, line] : signatures) {
        const auto signature = database.value<std::int64_t>(
            "INSERT INTO failure_signature (stage, name, line, count, last) VALUES (?1, ?2, ?3, 1, ?4) "
            "ON CONFLICT (stage, name, line) DO UPDATE SET count = count + 1, last = max(last, ?4) "
            "RETURNING id",
            stage, name, line, id);
        count_failure_places(database, id, *signature);
    }
}

void derive_planned(Database& database, ExperimentId id) {
    database.run(
        "INSERT INTO standing (experiment, epoch, stage, candidate_parent) "
        "SELECT id, epoch, ?2, parent FROM experiment WHERE id = ?1",
        id, Stage::planned);
}

void derive_proposed(Database& database, ExperimentId id) {
    database.run("UPDATE standing SET idea = ?2 WHERE experiment = ?1", id, idea_of(database, id));
    database.run(
        "UPDATE totals SET requests = totals.requests + p.requests, "
        "input_tokens = totals.input_tokens + p.input_tokens, "
        "output_tokens = totals.output_tokens + p.output_tokens, "
        "cost = coalesce(totals.cost + p.cost, totals.cost, p.cost), "
        "wall_seconds = totals.wall_seconds + p.wall_seconds "
        "FROM (SELECT * FROM proposal WHERE experiment = ?) AS p",
        id);
    const auto diff = database.value<Compressed>("SELECT diff FROM proposal WHERE experiment = ?", id);
    if (const std::uint64_t fingerprint = fingerprint_of(diff ? diff->text : ""); fingerprint != 0) {
        database.run("INSERT INTO fingerprint (experiment, value) VALUES (?, ?)", id, fingerprint);
        Fingerprints::derive_block(database, database.last_insert_id());
    }
    if (diff) derive_touched_functions(database, id, diff->text);
    count_model_requests(database, id);
}

void derive_captured(Database& database, ExperimentId id) {
    database.run(
        "UPDATE standing SET (candidate, tree, candidate_parent) = "
        "(SELECT commit_id, tree, parent FROM candidate WHERE experiment = ?1 ORDER BY id DESC LIMIT 1) "
        "WHERE experiment = ?1",
        id);
}

void derive_tested(Database& database, ExperimentId id) {
    database.run(
        "UPDATE totals SET tests = tests + 1 "
        "WHERE (SELECT test_number FROM standing WHERE experiment = ?) = 0",
        id);
    database.run(
        "UPDATE standing SET test_number = (SELECT tests FROM totals) "
        "WHERE experiment = ? AND test_number = 0",
        id);
}

void derive_finished(Database& database, ExperimentId id) {
    const auto decided = database.value<Verdict>("SELECT verdict FROM decision WHERE experiment = ?", id);
    if (!decided) {
        throw DamagedLedger(
            fmt::format("the ledger is damaged: #{} is finished without a decision", id.value));
    }
    const Verdict verdict = *decided;
    database.run(
        "UPDATE standing SET (verdict, finished_at) = (SELECT verdict, at FROM decision WHERE experiment = "
        "?1) "
        "WHERE experiment = ?1",
        id);
    database.run("UPDATE totals SET finished = finished + 1");
    if (verdict == Verdict::kept) {
        database.run("UPDATE totals SET finished_at_last_kept = finished");
        derive_step_sum(database, id);
    }
    count_verdict(database, verdict, 1);
    count_spend(database, id, verdict);
    count_files(database, id, verdict);
    if (was_run(verdict)) count_functions(database, id, verdict == Verdict::kept);
    count_failures(database, id, verdict);
    derive_idea_fates(database, id, was_run(verdict));
    remember(database, id, document_of(database, id, reason_of(database, id)));
}

}  // namespace

void derive_progress(Database& database, ExperimentId id, Stage stage) {
    if (stage == Stage::planned) return derive_planned(database, id);
    database.run("UPDATE standing SET stage = ?2 WHERE experiment = ?1", id, stage);
    if (stage == Stage::proposed) derive_proposed(database, id);
    if (stage == Stage::captured) derive_captured(database, id);
    if (stage == Stage::measured) derive_tested(database, id);
    if (stage == Stage::finished) derive_finished(database, id);
}

void derive_discard(Database& database, ExperimentId id) {
    database.run(
        "UPDATE standing SET generation = "
        "(SELECT max(generation) FROM discard WHERE experiment = ?1) WHERE experiment = ?1",
        id);
}

void derive_veto(Database& database, ExperimentId id) {
    const std::string decided = reason_of(database, id);
    const std::string vetoed =
        *database.value<std::string>("SELECT reason FROM veto WHERE experiment = ?", id);
    forget(database, id, document_of(database, id, decided));
    remember(database, id, document_of(database, id, decided + "\n" + vetoed));

    database.run("UPDATE standing SET verdict = ?2 WHERE experiment = ?1", id, Verdict::vetoed);
    count_verdict(database, Verdict::kept, -1);
    count_verdict(database, Verdict::vetoed, 1);
    move_spend_to_vetoed(database, id);
    // A gain that a person does not believe in is no file's best effect: the best of the others is looked up
    // again.
    database.run(
        "UPDATE file_record SET kept = kept - 1, failures = failures + 1, best_effect = "
        "(SELECT max(effect_estimate) FROM touched_file JOIN decision USING (experiment) "
        " JOIN standing USING (experiment) WHERE path = file_record.path AND standing.verdict <> ?2 "
        " AND standing.verdict NOT IN ('rejected', 'no-proposal', 'interrupted', 'holdout-failed')) "
        "WHERE path IN (SELECT path FROM touched_file WHERE experiment = ?1)",
        id, Verdict::vetoed);
    discount_functions(database, id);
}

void rebuild_ideas(Database& database) {
    Statement finished = database.query(
        "SELECT experiment, verdict FROM progress JOIN decision USING (experiment) WHERE stage = ? "
        "ORDER BY progress.id",
        Stage::finished);
    while (finished.next()) {
        const auto id = finished.take<ExperimentId>();
        derive_idea_fates(database, id, was_run(finished.take<Verdict>()));
    }
}

void rebuild_derived(Database& database) {
    for (const std::string_view table : derived_tables)
        database.script(fmt::format("DROP TABLE IF EXISTS {}", table));
    database.script("DROP TABLE IF EXISTS full_text");
    database.script(derived_schema());
    database.script("REINDEX");
    Statement progress = database.query("SELECT experiment, stage FROM progress ORDER BY id");
    while (progress.next()) {
        const auto id = progress.take<ExperimentId>();
        derive_progress(database, id, progress.take<Stage>());
    }
    Statement discards = database.query("SELECT DISTINCT experiment FROM discard ORDER BY experiment");
    while (discards.next())
        derive_discard(database, discards.take<ExperimentId>());
    Statement vetoes = database.query("SELECT experiment FROM veto ORDER BY experiment");
    while (vetoes.next())
        derive_veto(database, vetoes.take<ExperimentId>());
}

}  // namespace ratchet
