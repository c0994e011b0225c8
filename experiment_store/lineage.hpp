#pragma once

// What stands on what: the steps that a commit is made of.

#include <optional>
#include <vector>

#include "experiment_store/ledger.hpp"
#include "experiment_store/sqlite.hpp"

namespace ratchet {

/// An experiment whose candidate is part of a commit.
struct Step {
    ExperimentId experiment;
    CommitId candidate;
    Verdict verdict = Verdict::interrupted;
    std::optional<Interval> effect;
};

/// The steps that a commit is made of, the newest first, kept or not; ends at a commit that no experiment
/// made, or before that where `most` of them are kept ones.
std::vector<Step> ancestry(Database& database, const CommitId& commit, std::optional<int> most = {});

/// After the decision `kept` of an experiment: the row of `step_sum`.
void derive_step_sum(Database& database, ExperimentId id);

/// What stands in `step_sum` of this experiment; nothing gained where there is none.
StepSum read_step_sum(Database& database, std::optional<ExperimentId> id);

}  // namespace ratchet
