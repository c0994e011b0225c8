#pragma once

// What the calls of the ledger write in the life of an experiment, with what derives from it: each `Ledger`
// call is one of these in a transaction of its own. Whoever makes a ledger of very many experiments
// (tests/performance) puts many into one. They throw as the calls of the ledger do.

#include <optional>
#include <string>
#include <vector>

#include "experiment_store/experiment.hpp"
#include "experiment_store/sqlite.hpp"

namespace ratchet {

/// See Ledger::begin.
ExperimentId write_begin(Database& database, const Brief& brief, const std::string& prompt, Timestamp now);
/// See Ledger::store_proposal.
void write_proposal(Database& database, ExperimentId id, const Proposal& proposal, Timestamp now);
/// See Ledger::captured.
void write_candidate(Database& database, ExperimentId id, const CommitId& candidate, const TreeId& tree,
                     const CommitId& parent, Timestamp now);
/// See Ledger::advance.
void write_advance(Database& database, ExperimentId id, Stage stage, const std::vector<StageRun>& runs,
                   std::optional<double> margin, Timestamp now);
/// See Ledger::add_pair.
void write_pair(Database& database, ExperimentId id, const Pair& pair);
/// See Ledger::finish.
void write_decision(Database& database, ExperimentId id, const Decision& decision,
                    const CommitId& expected_champion, Timestamp now);

}  // namespace ratchet
