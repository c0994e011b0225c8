#pragma once

#include <span>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/experiment.hpp"

namespace ratchet {

enum class ConstraintState { holds, open, violated };

/// Where the constraints stand together: violated where one is (evidence of 20 that it is past its limit),
/// holding where each is known to hold (evidence of 20 that it is within), else open. `reason` says which and
/// by how much.
struct ConstraintJudgement {
    ConstraintState state = ConstraintState::holds;
    std::string reason;
    bool exact = false;  ///< violated by values that repeat exactly
};

/// Judges the constrained metrics on these pairs. A metric whose values repeat exactly on either side is
/// compared, not tested. `deterministic`: the primary metric is; two pairs are then enough to call another
/// one exact.
ConstraintJudgement judge_constraints(std::span<const Pair* const> pairs,
                                      const std::vector<Constraint>& constraints, bool deterministic);

}  // namespace ratchet
