#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiment_store/experiment.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet {

/// How often in a row the newest finished experiments failed in the same way.
struct Streak {
    int length = 0;      ///< 0: the newest one did not fail
    std::string kind;    ///< "build-failed", "rejected/duplicate", …; "nothing" where nothing was proposed
    std::string reason;  ///< of the newest one
};

/// What a kind is: the verdict, with what was rejected; a proposer that failed and one that changed nothing
/// are of one kind. What was measured is no failure. At most `most` are looked at, none up to `after`.
Streak failure_streak(const Ledger& ledger, int most, std::optional<ExperimentId> after = std::nullopt);

/// The same of one proposer, among these finished experiments, newest first.
Streak failure_streak(const std::vector<FinishedExperiment>& newest_first, std::string_view proposer,
                      int most, ExperimentId after);

/// From so many on the brief asks for something else than before,
inline constexpr int streak_that_changes_the_brief = 3;
/// and after so many it is time for a person.
inline constexpr int streak_that_pauses = 12;

}  // namespace ratchet
