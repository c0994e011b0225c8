#pragma once

#include <optional>
#include <string>

#include "experiment_store/experiment.hpp"
#include "experiment_store/ledger.hpp"
#include "sandbox/workspace/repository.hpp"

namespace ratchet {

/// What the candidate stands on.
const CommitId& ground_of(const Experiment& experiment);

/// What it is, or is to be, measured against: what it stands on, or, where its brief started elsewhere than
/// at the champion on purpose, the champion that its pairs name.
const CommitId& opponent_of(const Experiment& experiment);

/// Makes the candidate commit of the proposal that the ledger holds: always the same commit of the same rows.
/// Nothing where there is nothing to be run, or where the diff does not apply.
std::optional<CommitId> commit_of_proposal(Repository& repository, const std::string& campaign,
                                           const Experiment& experiment);

/// Makes a candidate that git has lost the same commit again, with what it stands on, and pins it. Throws
/// UserError where the ledger's rows do not make it.
void restore_candidate(Repository& repository, const std::string& campaign, const Ledger& ledger,
                       const CandidateRecord& candidate);

/// Makes the champion and the candidates of `first` and later ones again, as far as git's files have lost
/// them: `git gc --prune=now` takes also what was written and pinned while it was at work. Returns how many.
/// Throws UserError where the ledger's rows do not make them, or the campaign's base is gone, which none
/// makes.
int restore_lost(Repository& repository, const std::string& campaign, const Ledger& ledger,
                 ExperimentId first);

}  // namespace ratchet
