#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"
#include "orchestrator/briefing/policy.hpp"

// The rules of the policy, one function a kind of move; policy.cpp has their order. Each is pure.

namespace ratchet {

/// What the rules look at, read once.
struct Situation {
    const Campaign& campaign;
    const Ledger& ledger;
    const Places& places;
    Champion champion;
    std::vector<Summary> newest;  ///< newest first, `experiments_looked_back` of them
    ErrorBudget errors;
    std::uint64_t seed = 0;  ///< of the brief
};

/// What a rule suggests.
struct Suggestion {
    Move move = Move::explore;
    std::string focus;
    std::string reason;
};

/// A near miss whose evidence is more than a first impression: the pairs ran out, or the metric is exact.
bool came_near(const Summary& experiment);

std::optional<Suggestion> mend_or_turn_away(const Situation& situation);
std::optional<Suggestion> leave_the_plateau(const Situation& situation);
std::optional<Suggestion> take_out_dead_weight(const Situation& situation);
std::optional<Suggestion> tidy_up(const Situation& situation);
std::optional<Suggestion> combine_near_misses(const Situation& situation);
std::optional<Suggestion> exploit_near_miss(const Situation& situation);
/// Always has something to say.
std::optional<Suggestion> explore(const Situation& situation);

}  // namespace ratchet
