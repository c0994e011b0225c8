#pragma once

#include <optional>
#include <string>

#include "experiment_store/ledger.hpp"
#include "sandbox/workspace/repository.hpp"

namespace ratchet {

/// A failed experiment that a proposal repeats.
struct Repetition {
    ExperimentId of;
    Likeness likeness = Likeness::near;
    /// The very same patch, and the files that it touches have not changed: a duplicate without a doubt.
    bool same_patch = false;
    /// A file where the code that it is about was rewritten since, so that it is worth trying again; else
    /// empty.
    std::string rewritten;
};

/// What the proposal of experiment `id` repeats, if it is put onto `ground`. One that is worth trying again
/// is only named where no other is repeated.
std::optional<Repetition> repetition_of(const Proposal& proposal, const CommitId& ground, ExperimentId id,
                                        const Ledger& ledger, const Repository& repository);

/// An earlier experiment whose result this is to the last bit (0: the base's), as the decision that says so.
std::optional<Decision> same_result(const Proposal& proposal, const TreeId& tree, const CommitId& ground,
                                    ExperimentId id, const Ledger& ledger);

/// "the same change but for white space and comments as #3 (regressed)", "nearly the same change as #3
/// (regressed)".
std::string sentence_of(const Repetition& repetition, const Ledger& ledger);

/// The decision that a proposal is not run, since it repeats that one.
Decision rejected_as(ExperimentId earlier, std::string reason);

}  // namespace ratchet
