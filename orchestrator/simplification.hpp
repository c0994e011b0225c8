#pragma once

#include "benchmarks_adapter/judge.hpp"
#include "experiment_store/experiment.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet {

/// Whether a change leaves less code: its diff takes away more lines than it adds, and with these more bytes,
/// blank lines not counted, and touches nothing binary. (Bytes too, or two lines joined would be less.)
bool simplifies(const Proposal& proposal);

/// Whether an experiment was asked for a simplification and brought one: then it may be kept as not worse.
bool may_be_kept_as_not_worse(const Experiment& experiment);

/// What the next simplification may give away, as an effect; 0: nothing, before the champion is verified
/// again.
double margin_of_now(const Campaign& campaign, const ErrorBudget& errors);

/// Sets the margin of such an experiment: the one that its test was begun with, or else the one of now.
void allow_margin(Rules& rules, const Experiment& experiment, const ErrorBudget& errors);

}  // namespace ratchet
