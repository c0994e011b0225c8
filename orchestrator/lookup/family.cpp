#include "orchestrator/lookup/family.hpp"

#include <algorithm>
#include <utility>

namespace ratchet {
namespace {

constexpr std::size_t ancestors_read = 50;
constexpr int descendants_read = 20;
constexpr int duplicates_read = 20;
constexpr int near_read = 10;

std::optional<Summary> summary_of_number(const Ledger& ledger, ExperimentId id) {
    std::vector<Summary> found = ledger.summaries_of({id});
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

/// What a candidate stands on: its own parent where it was rebased, which the list entry does not say.
CommitId ground_of_candidate(const Ledger& ledger, const Summary& experiment) {
    const auto whole = ledger.experiment(experiment.id);
    return whole && !whole->candidate_parent.empty() ? whole->candidate_parent : experiment.parent;
}

}  // namespace

std::optional<std::vector<Neighbour>> neighbours_of(const Ledger& ledger, ExperimentId id, int limit) {
    const std::optional<Summary> self = summary_of_number(ledger, id);
    if (!self) return std::nullopt;
    std::vector<Neighbour> neighbours;
    // One more, since the nearest is the experiment itself.
    for (const Near& near : ledger.near(self->fingerprint, farthest_neighbour, limit + 1)) {
        if (near.experiment == id || static_cast<int>(neighbours.size()) == limit) continue;
        for (Summary& summary : ledger.summaries_of({near.experiment}))
            neighbours.push_back({std::move(summary), near.distance});
    }
    return neighbours;
}

std::optional<Family> family_of(const Ledger& ledger, ExperimentId id) {
    std::optional<Summary> self = summary_of_number(ledger, id);
    if (!self) return std::nullopt;
    Family family;
    family.base = ledger.identity()->base;
    CommitId ground = ground_of_candidate(ledger, *self);
    while (ground != family.base) {
        std::optional<Summary> maker = ledger.maker_of(ground);
        family.reaches_base = maker.has_value() && family.ancestors.size() < ancestors_read;
        if (!family.reaches_base) break;
        ground = ground_of_candidate(ledger, *maker);
        family.ancestors.push_back(std::move(*maker));
    }
    std::reverse(family.ancestors.begin(), family.ancestors.end());
    family.descendants = ledger.standing_on(self->candidate, descendants_read);
    family.descendants_in_all = self->candidate.empty() ? 0 : ledger.count_standing_on(self->candidate);
    family.duplicates = ledger.duplicates_of(id, duplicates_read);
    family.near = neighbours_of(ledger, id, near_read).value();
    family.replays = ledger.replays_of(id);
    family.self = std::move(*self);
    return family;
}

}  // namespace ratchet
