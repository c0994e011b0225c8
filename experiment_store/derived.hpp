#pragma once

// Keeps the derived tables of schema.sql. Each function reads the facts that were just written and is called
// in their transaction; `rebuild_derived` calls the same functions for all facts in their order, so the
// result is identical.

#include <array>
#include <string_view>

#include "experiment_store/experiment.hpp"
#include "experiment_store/sqlite.hpp"

namespace ratchet {

/// After a row of `progress`: the experiment has reached this stage.
void derive_progress(Database& database, ExperimentId id, Stage stage);

/// After a row of `discard`.
void derive_discard(Database& database, ExperimentId id);

/// After a row of `veto`.
void derive_veto(Database& database, ExperimentId id);

/// The names of the derived tables; `word_place` stands for the full text whose words it lists.
inline constexpr std::array<std::string_view, 18> derived_tables = {
    "standing",          "totals",        "tally",      "file_record",
    "failure_signature", "fingerprint",   "word_place", "function_record",
    "touched_function",  "failure_place", "idea_fate",  "tried_word",
    "fingerprint_block", "step_sum",      "spend",      "model_spend",
    "idea_word",         "tried_idea"};

/// Makes the derived tables anew, whatever became of them, and fills them; also the indexes of the facts.
void rebuild_derived(Database& database);

/// Fills the tables of ideas, which are there and empty; all others are as they should be.
void rebuild_ideas(Database& database);

}  // namespace ratchet
