#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "orchestrator/memory_trial/memory_trial.hpp"

namespace ratchet {

/// What `ratchet simulate --memory` prints: for each mark and arm the share of repeats, how many of the ideas
/// tried its prompt tells of, the true gain with its standard error, hours of the benchmark, bytes of the
/// prompt.
std::string memory_trial_table(const MemoryTrialRequest& request,
                               const std::vector<MemoryTrialFigures>& arms);
/// One entry an arm and mark. `behind_digest` is how much less (ln) the arm reached than "digest" did in the
/// same nights, with the standard error of that mean; null where "digest" is not among the arms.
nlohmann::ordered_json memory_trial_json(const MemoryTrialRequest& request,
                                         const std::vector<MemoryTrialFigures>& arms);

}  // namespace ratchet
