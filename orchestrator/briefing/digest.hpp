#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"
#include "orchestrator/briefing/failures.hpp"
#include "orchestrator/briefing/shares.hpp"
#include "orchestrator/total_gain.hpp"

namespace ratchet {

/// A change that the brief is about.
struct NamedChange {
    ExperimentId experiment;
    std::string diff;
};

/// What the ledger tells the next proposer, read once with queries that are all bounded, so that its cost
/// does not grow with the number of experiments.
struct DigestFacts {
    CommitId base;
    Champion champion;
    std::vector<Champion> newest_steps;  ///< of the champion's lineage, as many as kept ones are read
    std::optional<TotalGain> total;
    std::int64_t epoch = 1;
    std::int64_t experiments = 0;
    std::int64_t since_last_kept = 0;
    std::vector<std::pair<Verdict, int>> tally;
    std::vector<Summary> kept;  ///< newest first
    Failures failures;
    std::vector<FileRecord> map;
    std::vector<FunctionRecord> functions;        ///< of any file, most attempts first
    std::vector<FunctionRecord> focus_functions;  ///< of the brief's focus, where that is a file
    std::vector<FailureSignature> traps;
    std::vector<IdeaFate> ideas;
    std::vector<Note> notes;  ///< the newest, newest first
    std::int64_t notes_in_all = 0;
    /// Of other tools, the newest first, each with how it was last judged here, if it was.
    std::vector<std::pair<ImportedExperiment, std::optional<Replay>>> imported;
    std::int64_t imported_in_all = 0;
    std::optional<CalibrationRecord> calibration;
    ErrorBudget error_budget;
    std::vector<NamedChange> named;  ///< that the brief names, two at most
};

/// Of so many files the map is read.
inline constexpr int files_in_map = 100;
/// And so many ideas.
inline constexpr int ideas_in_digest = 60;

DigestFacts recall_facts(const Ledger& ledger, const Brief& brief);

// The parts of the prompt that are written from the ledger. Each is a pure function of campaign, facts and
// room, at most `room` bytes long, and either empty or ends with a line feed. Those that are lists are
// prepared: their lines are made once, however often they are asked for. What is given must outlive the
// writer.

std::string write_scoreboard(const Campaign& campaign, const DigestFacts& facts, std::size_t room);
PartWriter prepare_what_worked(const Campaign& campaign, const DigestFacts& facts);
PartWriter prepare_failures(const Campaign& campaign, const DigestFacts& facts);
PartWriter prepare_imported(const Campaign& campaign, const DigestFacts& facts);
PartWriter prepare_map(const Campaign& campaign, const DigestFacts& facts);
PartWriter prepare_traps(const DigestFacts& facts);
PartWriter prepare_ideas_and_notes(const DigestFacts& facts);

}  // namespace ratchet
