#pragma once

// The part of derived.cpp that knows functions: which ones a proposal touches, what was tried there, and
// where failures happen.

#include <cstdint>
#include <string_view>

#include "experiment_store/experiment.hpp"
#include "experiment_store/sqlite.hpp"

namespace ratchet {

/// After the proposal: the functions that its diff touches.
void derive_touched_functions(Database& database, ExperimentId id, std::string_view diff);

/// After the decision on an experiment that was run.
void count_functions(Database& database, ExperimentId id, bool kept);

/// After a veto, when `standing` knows of it.
void discount_functions(Database& database, ExperimentId id);

/// A failure of this experiment: it happened where the experiment touched something.
void count_failure_places(Database& database, ExperimentId id, std::int64_t signature);

}  // namespace ratchet
