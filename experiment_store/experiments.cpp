#include <fmt/format.h>

#include "experiment_store/ledger_implementation.hpp"

// Reading one experiment with all that is known of it.

namespace ratchet {

namespace {

RunFigures take_figures(Statement& row) {
    return {row.take<double>(),
            row.take<double>(),
            row.take<double>(),
            row.take<std::int64_t>(),
            row.take<std::int64_t>(),
            row.take<std::int64_t>(),
            row.take<std::int64_t>(),
            row.take<std::optional<std::int64_t>>(),
            row.take<std::int64_t>(),
            row.take<double>(),
            row.take<std::optional<std::int64_t>>(),
            row.take<std::optional<std::int64_t>>()};
}

Notes read_notes(Database& database, ExperimentId id, Statement& proposal) {
    Notes notes;
    notes.hypothesis = proposal.take<std::string>();
    notes.expected_effect = proposal.take<std::string>();
    notes.risk = proposal.take<std::string>();
    notes.learned = proposal.take<std::string>();
    Statement ideas = database.query("SELECT text FROM next_idea WHERE experiment = ? ORDER BY position", id);
    while (ideas.next())
        notes.next_ideas.push_back(ideas.take<std::string>());
    Statement origin = database.query("SELECT name, value FROM origin WHERE experiment = ?", id);
    while (origin.next()) {
        const auto name = origin.take<std::string>();
        notes.origin[name] = origin.take<std::string>();
    }
    return notes;
}

std::optional<Proposal> read_proposal(Database& database, ExperimentId id) {
    Statement row = database.query(
        "SELECT hypothesis, expected_effect, risk, learned, diff, patch_id, failure, refused, captured_at, "
        "requests, "
        "input_tokens, output_tokens, cost, wall_seconds FROM proposal WHERE experiment = ?",
        id);
    if (!row.next()) return std::nullopt;
    Proposal proposal;
    proposal.notes = read_notes(database, id, row);
    proposal.diff = row.take<Compressed>().text;
    proposal.patch_id = row.take<std::string>();
    proposal.failure = row.take<std::string>();
    proposal.refused = row.take<std::optional<Rejection>>();
    proposal.captured_at = row.take<Timestamp>();
    proposal.usage = {row.take<std::int64_t>(), row.take<std::int64_t>(), row.take<std::int64_t>(),
                      row.take<std::optional<double>>(), row.take<double>()};
    Statement files = database.query(
        "SELECT path, added, removed FROM touched_file WHERE experiment = ? ORDER BY position", id);
    while (files.next()) {
        proposal.files.push_back({files.take<std::string>(), files.take<int>(), files.take<int>()});
    }
    proposal.model =
        database.value<std::string>("SELECT model FROM proposal_model WHERE experiment = ?", id).value_or("");
    proposal.model_requests = read_model_requests(database, id, false);
    return proposal;
}

std::vector<StageRun> read_runs(Database& database, ExperimentId id) {
    std::vector<StageRun> runs;
    Statement rows = database.query(
        "SELECT stage, name, succeeded, timed_out, exit_status, wall_seconds, user_seconds, system_seconds, "
        "peak_memory_bytes, involuntary_switches, read_bytes, written_bytes, processes, steal_ticks, "
        "pressure_seconds, instructions, processor_khz, tail, log_file "
        "FROM stage_run WHERE experiment = ? ORDER BY id",
        id);
    while (rows.next()) {
        runs.push_back({rows.take<Stage>(), rows.take<std::string>(), rows.take<bool>(), rows.take<bool>(),
                        rows.take<int>(), take_figures(rows), rows.take<std::string>(),
                        rows.take<std::string>()});
    }
    return runs;
}

Sample read_sample(Database& database, std::int64_t pair, std::string_view side) {
    Statement row = database.query(
        "SELECT value, wall_seconds, user_seconds, system_seconds, peak_memory_bytes, involuntary_switches, "
        "read_bytes, written_bytes, processes, steal_ticks, pressure_seconds, instructions, processor_khz "
        "FROM sample WHERE pair = ? AND side = ?",
        pair, side);
    if (!row.next())
        throw MachineryError(fmt::format("pair {} in the ledger has no sample of the {}", pair, side));
    Sample sample;
    sample.value = row.take<double>();
    sample.figures = take_figures(row);
    Statement metrics =
        database.query("SELECT name, value FROM sample_metric WHERE pair = ? AND side = ?", pair, side);
    while (metrics.next()) {
        const auto name = metrics.take<std::string>();
        sample.metrics[name] = metrics.take<double>();
    }
    return sample;
}

std::vector<Pair> read_pairs(Database& database, ExperimentId id, std::int64_t generation) {
    std::vector<Pair> pairs;
    Statement rows = database.query(
        "SELECT id, phase, position, candidate_first, champion_commit, candidate_commit, set_aside, at, "
        "pressure_before, waited_seconds FROM pair WHERE experiment = ? AND generation = ? ORDER BY id",
        id, generation);
    while (rows.next()) {
        const auto row = rows.take<std::int64_t>();
        Pair pair;
        pair.phase = rows.take<Phase>();
        pair.index = rows.take<int>();
        pair.candidate_first = rows.take<bool>();
        pair.champion_commit = rows.take<CommitId>();
        pair.candidate_commit = rows.take<CommitId>();
        pair.set_aside = rows.take<std::string>();
        pair.at = rows.take<Timestamp>();
        pair.pressure_before = rows.take<std::optional<double>>();
        pair.waited_seconds = rows.take<double>();
        pair.champion = read_sample(database, row, "champion");
        pair.candidate = read_sample(database, row, "candidate");
        pairs.push_back(std::move(pair));
    }
    return pairs;
}

std::optional<MarginTest> read_margin_test(Database& database, ExperimentId id) {
    Statement row = database.query("SELECT id, margin FROM margin_test WHERE experiment = ?", id);
    if (!row.next()) return std::nullopt;
    return MarginTest{row.take<int>(), row.take<double>()};
}

std::optional<Decision> read_decision(Database& database, ExperimentId id) {
    Statement row = database.query(fmt::format("SELECT {} FROM decision LEFT JOIN veto USING (experiment) "
                                               "WHERE decision.experiment = ?",
                                               decision_columns),
                                   id);
    if (!row.next()) return std::nullopt;
    return take_decision(row);
}

}  // namespace

std::optional<Interval> take_interval(Statement& row) {
    const auto low = row.take<std::optional<double>>();
    const auto estimate = row.take<std::optional<double>>();
    const auto high = row.take<std::optional<double>>();
    if (!low || !estimate || !high) return std::nullopt;
    return Interval{*low, *estimate, *high};
}

IntervalColumns interval_columns(const std::optional<Interval>& interval) {
    if (!interval) return {};
    return {interval->low, interval->estimate, interval->high};
}

std::optional<Decision> take_decision(Statement& row) {
    const auto verdict = row.take<std::optional<Verdict>>();
    Decision decision;
    decision.verdict = verdict.value_or(Verdict::interrupted);
    decision.rejection = row.take<std::optional<Rejection>>();
    decision.basis = row.take<std::optional<Basis>>().value_or(Basis::none);
    decision.reason = row.take<std::string>();
    decision.effect = take_interval(row);
    decision.e_value = row.take<double>();
    decision.pairs = row.take<int>();
    decision.duplicate_of = row.take<std::optional<ExperimentId>>();
    if (!verdict) return std::nullopt;
    return decision;
}

std::optional<Experiment> read_experiment(Database& database, ExperimentId id) {
    Statement row = database.query(
        "SELECT parent, proposer, move, focus, seed, experiment.epoch, started_at, stage, candidate, "
        "candidate_parent, "
        "tree, test_number, finished_at, verdict, generation, coalesce(brief_reason.text, ''), "
        "coalesce(branching.champion, ''), coalesce(proposer_reason.text, ''), repair_of "
        "FROM experiment JOIN standing ON standing.experiment = experiment.id "
        "LEFT JOIN brief_reason ON brief_reason.experiment = experiment.id "
        "LEFT JOIN branching ON branching.experiment = experiment.id "
        "LEFT JOIN proposer_reason ON proposer_reason.experiment = experiment.id "
        "LEFT JOIN repair ON repair.experiment = experiment.id "
        "WHERE experiment.id = ?",
        id);
    if (!row.next()) return std::nullopt;
    Experiment experiment;
    experiment.brief = {id,
                        row.take<CommitId>(),
                        row.take<std::string>(),
                        row.take<Move>(),
                        row.take<std::string>(),
                        row.take<std::uint64_t>()};
    experiment.epoch = row.take<std::int64_t>();
    experiment.started_at = row.take<Timestamp>();
    experiment.stage = row.take<Stage>();
    experiment.candidate = row.take<CommitId>();
    experiment.candidate_parent = row.take<CommitId>();
    experiment.tree = row.take<TreeId>();
    experiment.test_number = row.take<int>();
    experiment.finished_at = row.take<std::optional<Timestamp>>();
    experiment.vetoed = row.take<std::optional<Verdict>>() == Verdict::vetoed;
    experiment.proposal = read_proposal(database, id);
    experiment.runs = read_runs(database, id);
    experiment.pairs = read_pairs(database, id, row.take<std::int64_t>());
    experiment.brief.reason = row.take<std::string>();
    experiment.brief.champion = row.take<CommitId>();
    experiment.brief.choice = row.take<std::string>();
    experiment.brief.repair_of = row.take<std::optional<ExperimentId>>();
    experiment.margin_test = read_margin_test(database, id);
    experiment.decision = read_decision(database, id);
    experiment.returned = read_returned(database, id);
    return experiment;
}

std::optional<Experiment> Ledger::experiment(ExperimentId id) const {
    Transaction snapshot(implementation_->database, Transaction::Kind::read);
    return read_experiment(implementation_->database, id);
}

std::vector<DiscardedPairs> Ledger::discarded_pairs(ExperimentId id) const {
    Database& database = implementation_->database;
    Transaction snapshot(database, Transaction::Kind::read);
    std::vector<DiscardedPairs> discarded;
    Statement rows =
        database.query("SELECT generation, reason FROM discard WHERE experiment = ? ORDER BY generation", id);
    while (rows.next()) {
        const auto begins = rows.take<std::int64_t>();
        DiscardedPairs put_away{rows.take<std::string>(), read_pairs(database, id, begins - 1)};
        if (!put_away.pairs.empty()) discarded.push_back(std::move(put_away));
    }
    return discarded;
}

std::vector<Experiment> Ledger::unfinished() const {
    Database& database = implementation_->database;
    Transaction snapshot(database, Transaction::Kind::read);
    std::vector<Experiment> experiments;
    Statement rows =
        database.query("SELECT experiment FROM standing WHERE verdict IS NULL ORDER BY experiment");
    while (rows.next())
        experiments.push_back(*read_experiment(database, rows.take<ExperimentId>()));
    return experiments;
}

std::string Ledger::prompt(ExperimentId id) const {
    const auto text =
        implementation_->database.value<Compressed>("SELECT text FROM prompt WHERE experiment = ?", id);
    return text ? text->text : std::string();
}

std::map<std::string, std::string> Ledger::origin(ExperimentId id) const {
    std::map<std::string, std::string> origin;
    Statement rows =
        implementation_->database.query("SELECT name, value FROM origin WHERE experiment = ?", id);
    while (rows.next()) {
        const auto name = rows.take<std::string>();
        origin[name] = rows.take<std::string>();
    }
    return origin;
}

}  // namespace ratchet
