#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"
#include "orchestrator/briefing/failures.hpp"
#include "orchestrator/total_gain.hpp"

namespace ratchet {

/// What the ledger tells the next proposer, read once with queries that are all bounded, so that its cost
/// does not grow with the number of experiments.
struct DigestFacts {
    CommitId base;
    Champion champion;
    std::vector<Champion> lineage;
    std::optional<TotalGain> total;
    std::int64_t epoch = 1;
    std::int64_t experiments = 0;
    std::int64_t since_last_kept = 0;
    std::vector<std::pair<Verdict, int>> tally;
    std::vector<Summary> kept;  ///< newest first
    Failures failures;
    std::vector<FileRecord> map;
    std::vector<FailureSignature> traps;
    std::vector<Idea> ideas;
    std::vector<Note> notes;
    std::optional<CalibrationRecord> calibration;
    ErrorBudget error_budget;
};

DigestFacts recall_facts(const Ledger& ledger, const Brief& brief);

// The parts of DESIGN 5 that are written from the ledger. Each is a pure function, at most `room` bytes
// long, and either empty or ends with a line feed.

std::string write_scoreboard(const Campaign& campaign, const DigestFacts& facts, std::size_t room);
std::string write_what_worked(const Campaign& campaign, const DigestFacts& facts, std::size_t room);
std::string write_failures(const Campaign& campaign, const DigestFacts& facts, std::size_t room);
std::string write_map(const Campaign& campaign, const DigestFacts& facts, std::size_t room);
std::string write_traps(const DigestFacts& facts, std::size_t room);
std::string write_ideas_and_notes(const DigestFacts& facts, std::size_t room);

/// A part that is a list: a heading, a sentence, and as many lines as fit.
struct ListPart {
    std::string heading;             ///< with a line feed; may be empty
    std::string introduction;        ///< with a line feed; may be empty
    std::string label;               ///< whose words the lines are: they are fenced; empty: they are ours
    std::vector<std::string> lines;  ///< without line feeds, made safe already
    /// What is said, in one line, when only this many of the lines are shown; may be empty.
    std::function<std::string(std::size_t shown)> left_out;
};

/// Writes the list in at most `room` bytes; empty where not even its frame and one line fit.
std::string write_list(const ListPart& part, std::size_t room);

/// Cuts a text of our own at the end of a line so that it fits, and says so; empty where that does not fit.
std::string shortened(const std::string& text, std::size_t room);

}  // namespace ratchet
