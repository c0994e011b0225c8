#include <fmt/format.h>

#include "experiment_store/derived.hpp"
#include "experiment_store/facts.hpp"
#include "experiment_store/ledger_implementation.hpp"

// The life of an experiment: each call writes its facts, the progress that they make, and what derives from
// both.

namespace ratchet {

namespace {

void expect_unfinished(Database& database, ExperimentId id) {
    Statement row = database.query("SELECT verdict FROM standing WHERE experiment = ?", id);
    if (!row.next()) throw MachineryError(fmt::format("there is no experiment #{}", id.value));
    if (!row.is_null(0)) throw MachineryError(fmt::format("experiment #{} is finished", id.value));
}

void make_progress(Database& database, ExperimentId id, Stage stage, Timestamp at) {
    database.run("INSERT INTO progress (experiment, stage, at) VALUES (?, ?, ?)", id, stage, at);
    derive_progress(database, id, stage);
}

void insert_proposal(Database& database, ExperimentId id, const Proposal& proposal) {
    const Notes& notes = proposal.notes;
    const Usage& usage = proposal.usage;
    database.run(
        "INSERT INTO proposal (experiment, diff, patch_id, hypothesis, expected_effect, risk, learned, "
        "failure, "
        "refused, requests, input_tokens, output_tokens, cost, wall_seconds, captured_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id, Compressed{proposal.diff}, proposal.patch_id, notes.hypothesis, notes.expected_effect, notes.risk,
        notes.learned, proposal.failure, proposal.refused, usage.requests, usage.input_tokens,
        usage.output_tokens, usage.cost, usage.wall_seconds, proposal.captured_at);
    for (std::size_t i = 0; i < proposal.files.size(); ++i) {
        const TouchedFile& file = proposal.files[i];
        database.run(
            "INSERT INTO touched_file (experiment, position, path, added, removed) VALUES (?, ?, ?, ?, ?)",
            id, i, file.path, file.added, file.removed);
    }
    for (std::size_t i = 0; i < notes.next_ideas.size(); ++i) {
        database.run("INSERT INTO next_idea (experiment, position, text) VALUES (?, ?, ?)", id, i,
                     notes.next_ideas[i]);
    }
    for (const auto& [name, value] : notes.origin) {
        database.run("INSERT INTO origin (experiment, name, value) VALUES (?, ?, ?)", id, name, value);
    }
    if (!proposal.model.empty())
        database.run("INSERT INTO proposal_model (experiment, model) VALUES (?, ?)", id, proposal.model);
    insert_model_requests(database, id, false, proposal.model_requests);
}

void insert_run(Database& database, ExperimentId id, const StageRun& run, Timestamp at) {
    const RunFigures& figures = run.figures;
    database.run(
        "INSERT INTO stage_run (experiment, stage, name, succeeded, timed_out, exit_status, wall_seconds, "
        "user_seconds, system_seconds, peak_memory_bytes, involuntary_switches, read_bytes, written_bytes, "
        "processes, steal_ticks, pressure_seconds, instructions, processor_khz, tail, log_file, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id, run.stage, run.name, run.succeeded, run.timed_out, run.exit_status, figures.wall_seconds,
        figures.user_seconds, figures.system_seconds, figures.peak_memory_bytes, figures.involuntary_switches,
        figures.read_bytes, figures.written_bytes, figures.processes, figures.steal_ticks,
        figures.pressure_seconds, figures.instructions, figures.processor_khz, run.tail, run.log_file, at);
}

void insert_sample(Database& database, std::int64_t pair, std::string_view side, const Sample& sample) {
    const RunFigures& figures = sample.figures;
    database.run(
        "INSERT INTO sample (pair, side, value, wall_seconds, user_seconds, system_seconds, "
        "peak_memory_bytes, involuntary_switches, read_bytes, written_bytes, processes, steal_ticks, "
        "pressure_seconds, instructions, processor_khz) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        pair, side, sample.value, figures.wall_seconds, figures.user_seconds, figures.system_seconds,
        figures.peak_memory_bytes, figures.involuntary_switches, figures.read_bytes, figures.written_bytes,
        figures.processes, figures.steal_ticks, figures.pressure_seconds, figures.instructions,
        figures.processor_khz);
    for (const auto& [name, value] : sample.metrics) {
        database.run("INSERT INTO sample_metric (pair, side, name, value) VALUES (?, ?, ?, ?)", pair, side,
                     name, value);
    }
}

void insert_decision(Database& database, ExperimentId id, const Decision& decision, Timestamp at) {
    const auto [low, estimate, high] = interval_columns(decision.effect);
    database.run(
        "INSERT INTO decision (experiment, verdict, rejection, basis, reason, effect_low, effect_estimate, "
        "effect_high, e_value, pairs, duplicate_of, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id, decision.verdict, decision.rejection, decision.basis, decision.reason, low, estimate, high,
        decision.e_value, decision.pairs, decision.duplicate_of, at);
}

/// The candidate that becomes champion, which must have been measured against the present one.
CommitId successor(Database& database, ExperimentId id, const CommitId& expected_champion) {
    const CommitId champion = read_champion(database).commit;
    if (champion != expected_champion) {
        throw ChampionMoved(fmt::format("#{} was measured against {}, but {} is champion now", id.value,
                                        expected_champion.abbreviated(), champion.abbreviated()));
    }
    auto candidate = database.value<CommitId>("SELECT candidate FROM standing WHERE experiment = ?", id);
    if (!candidate || candidate->empty()) {
        throw MachineryError(fmt::format("#{} cannot be kept: it has no candidate commit", id.value));
    }
    return *candidate;
}

}  // namespace

ExperimentId write_begin(Database& database, const Brief& brief, const std::string& prompt, Timestamp now) {
    const auto epoch = database.value<std::optional<std::int64_t>>("SELECT max(id) FROM epoch").value();
    if (!epoch) throw MachineryError("an experiment needs an epoch, and none has begun");
    database.run(
        "INSERT INTO experiment (epoch, parent, proposer, move, focus, seed, started_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        *epoch, brief.parent, brief.proposer, brief.move, brief.focus, brief.seed, now);
    const ExperimentId id{database.last_insert_id()};
    database.run("INSERT INTO prompt (experiment, text) VALUES (?, ?)", id, Compressed{prompt});
    if (!brief.reason.empty())
        database.run("INSERT INTO brief_reason (experiment, text) VALUES (?, ?)", id, brief.reason);
    if (!brief.champion.empty())
        database.run("INSERT INTO branching (experiment, champion) VALUES (?, ?)", id, brief.champion);
    if (!brief.choice.empty())
        database.run("INSERT INTO proposer_reason (experiment, text) VALUES (?, ?)", id, brief.choice);
    if (brief.repair_of)
        database.run("INSERT INTO repair (experiment, repair_of) VALUES (?, ?)", id, *brief.repair_of);
    make_progress(database, id, Stage::planned, now);
    return id;
}

void write_proposal(Database& database, ExperimentId id, const Proposal& proposal, Timestamp now) {
    expect_unfinished(database, id);
    if (database.value<ExperimentId>("SELECT experiment FROM proposal WHERE experiment = ?", id)) {
        throw MachineryError(fmt::format("experiment #{} has a proposal already", id.value));
    }
    insert_proposal(database, id, proposal);
    make_progress(database, id, Stage::proposed, now);
}

void write_candidate(Database& database, ExperimentId id, const CommitId& candidate, const TreeId& tree,
                     const CommitId& parent, Timestamp now) {
    expect_unfinished(database, id);
    database.run(
        "INSERT INTO candidate (experiment, commit_id, tree, parent, at) "
        "SELECT id, ?2, ?3, iif(?4 = '', parent, ?4), ?5 FROM experiment WHERE id = ?1",
        id, candidate, tree, parent, now);
    make_progress(database, id, Stage::captured, now);
}

void write_advance(Database& database, ExperimentId id, Stage stage, const std::vector<StageRun>& runs,
                   std::optional<double> margin, Timestamp now) {
    expect_unfinished(database, id);
    const bool stands_there =
        database.value<Stage>("SELECT stage FROM standing WHERE experiment = ?", id).value() == stage;
    if (!stands_there && (stage < Stage::admitted || stage > Stage::confirmed)) {
        throw MachineryError(
            fmt::format("no experiment advances to '{}'; that has its own call", name_of(stage)));
    }
    for (const StageRun& run : runs)
        insert_run(database, id, run, now);
    if (margin) {
        database.run(
            "INSERT INTO margin_test (experiment, margin, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", id,
            *margin, now);
    }
    if (!stands_there) make_progress(database, id, stage, now);
}

void write_pair(Database& database, ExperimentId id, const Pair& pair) {
    expect_unfinished(database, id);
    database.run(
        "INSERT INTO pair (experiment, generation, phase, position, candidate_first, champion_commit, "
        "candidate_commit, set_aside, at, pressure_before, waited_seconds) "
        "SELECT experiment, generation, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM standing WHERE experiment = "
        "?1",
        id, pair.phase, pair.index, pair.candidate_first, pair.champion_commit, pair.candidate_commit,
        pair.set_aside, pair.at, pair.pressure_before, pair.waited_seconds);
    const std::int64_t row = database.last_insert_id();
    insert_sample(database, row, "champion", pair.champion);
    insert_sample(database, row, "candidate", pair.candidate);
}

void write_decision(Database& database, ExperimentId id, const Decision& decision,
                    const CommitId& expected_champion, Timestamp now) {
    expect_unfinished(database, id);
    if (decision.verdict == Verdict::vetoed)
        throw MachineryError("a veto is no end of an experiment: see veto()");
    const bool kept = decision.verdict == Verdict::kept;
    const CommitId candidate = kept ? successor(database, id, expected_champion) : CommitId{};
    insert_decision(database, id, decision, now);
    if (kept) crown(database, candidate, id, now);
    make_progress(database, id, Stage::finished, now);
}

ExperimentId Ledger::begin(const Brief& brief, const std::string& prompt) {
    Transaction transaction(implementation_->database);
    const ExperimentId id = write_begin(implementation_->database, brief, prompt, implementation_->now());
    transaction.commit();
    return id;
}

void Ledger::store_proposal(ExperimentId id, const Proposal& proposal) {
    Transaction transaction(implementation_->database);
    write_proposal(implementation_->database, id, proposal, implementation_->now());
    transaction.commit();
}

void Ledger::captured(ExperimentId id, const CommitId& candidate, const TreeId& tree,
                      const CommitId& parent) {
    Transaction transaction(implementation_->database);
    write_candidate(implementation_->database, id, candidate, tree, parent, implementation_->now());
    transaction.commit();
}

void Ledger::advance(ExperimentId id, Stage stage, const std::vector<StageRun>& runs,
                     std::optional<double> margin) {
    Transaction transaction(implementation_->database);
    write_advance(implementation_->database, id, stage, runs, margin, implementation_->now());
    transaction.commit();
}

void Ledger::add_pair(ExperimentId id, const Pair& pair) {
    Transaction transaction(implementation_->database);
    write_pair(implementation_->database, id, pair);
    transaction.commit();
}

void Ledger::discard_pairs(ExperimentId id, const std::string& reason) {
    Database& database = implementation_->database;
    Transaction transaction(database);
    expect_unfinished(database, id);
    database.run(
        "INSERT INTO discard (experiment, generation, reason, at) "
        "SELECT experiment, generation + 1, ?2, ?3 FROM standing WHERE experiment = ?1",
        id, reason, implementation_->now());
    derive_discard(database, id);
    transaction.commit();
}

void Ledger::finish(ExperimentId id, const Decision& decision, const CommitId& expected_champion) {
    Transaction transaction(implementation_->database);
    write_decision(implementation_->database, id, decision, expected_champion, implementation_->now());
    transaction.commit();
}

}  // namespace ratchet
