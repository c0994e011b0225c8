#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "experiment_store/ledger.hpp"
#include "orchestrator/briefing/idea_line.hpp"

namespace ratchet {

/// Why a failure is worth a line in the next prompt; the most useful first.
enum class Relevance { near_miss, focus, recent, older };

/// Experiments that tried the same thing and did not get anywhere: one line of the prompt.
struct FailureFold {
    Summary told;                       ///< the one that is told: the most relevant, then the newest
    IdeaLine idea;                      ///< of `told`
    std::vector<ExperimentId> members;  ///< all of them, in their order
    Relevance relevance = Relevance::older;
    /// The newest experiment that changed, in the champion, a function which the one that is told touched.
    std::optional<ExperimentId> changed_by;
};

/// The failures that the prompt of this brief can tell of.
struct Failures {
    std::vector<FailureFold> folds;  ///< the most useful first
    std::int64_t in_all = 0;         ///< how many failures the ledger has
};

/// Reads at most some hundreds of rows, however long the ledger is: near misses, failures in the brief's
/// focus, the newest ones (those since the champion was made above all), and a sample of the older ones that
/// is drawn by the brief's seed.
Failures recall_failures(const Ledger& ledger, const Brief& brief);

/// No proposer learns that there is a held-out benchmark: what lost on it reads as a gain that was not
/// confirmed, without the figure that it won by on the other one.
Summary without_holdout(Summary experiment);

/// How many of the newest failures are read: more lines than these have no place in a prompt.
inline constexpr int newest_failures_read = 400;

}  // namespace ratchet
