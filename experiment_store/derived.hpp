#pragma once

// Keeps the derived tables of schema.sql. Each function reads the facts that were just written and is called
// in their transaction; `rebuild_derived` calls the same functions for all facts in their order, so the
// result is identical.

#include "experiment_store/experiment.hpp"
#include "experiment_store/sqlite.hpp"

namespace ratchet {

/// After a row of `progress`: the experiment has reached this stage.
void derive_progress(Database& database, ExperimentId id, Stage stage);

/// After a row of `discard`.
void derive_discard(Database& database, ExperimentId id);

/// After a row of `veto`.
void derive_veto(Database& database, ExperimentId id);

/// Empties the derived tables and fills them again.
void rebuild_derived(Database& database);

}  // namespace ratchet
