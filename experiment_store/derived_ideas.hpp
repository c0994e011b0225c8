#pragma once

// The part of derived.cpp that knows what became of ideas.

#include "experiment_store/experiment.hpp"
#include "experiment_store/sqlite.hpp"

namespace ratchet {

/// After the decision on an experiment: the ideas that it left, and, where it was run, those that it tried.
void derive_idea_fates(Database& database, ExperimentId id, bool was_run);

}  // namespace ratchet
