#pragma once

// The part of derived.cpp that adds up what proposals cost and what they brought.

#include "experiment_store/experiment.hpp"
#include "experiment_store/sqlite.hpp"

namespace ratchet {

/// After the proposal: the requests that ratchet saw, those for an answer that was given back included.
void count_model_requests(Database& database, ExperimentId id);

/// After the decision. What an answer cost that was given back counts also where no other came.
void count_spend(Database& database, ExperimentId id, Verdict verdict);

/// After a veto: it is spend on a vetoed experiment from now on, with no gain.
void move_spend_to_vetoed(Database& database, ExperimentId id);

}  // namespace ratchet
