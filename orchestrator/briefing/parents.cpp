#include "orchestrator/briefing/parents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <ranges>

#include "benchmarks_adapter/judge.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {
namespace {

constexpr double share_that_is_true = 0.5;

/// The bound of something of this worth that was visited so often.
class Bounds {
  public:
    explicit Bounds(const Situation& situation)
        : step_(least_effect(rules_of(situation.campaign)) / 2),
          all_(std::log(static_cast<double>(situation.newest.size()) + 1)) {
        for (const Summary& experiment : situation.newest)
            ++visits_[experiment.parent];
    }
    [[nodiscard]] double of(const CommitId& commit, double worth) const {
        const auto known = visits_.find(commit);
        const double visits = known == visits_.end() ? 0 : known->second;
        return worth + step_ * std::sqrt(2 * all_ / (visits + 1));
    }

  private:
    double step_;
    double all_;
    std::map<CommitId, int> visits_;
};

}  // namespace

std::optional<OtherParent> other_parent(const Situation& situation) {
    if (situation.campaign.proposer.policy != ParentPolicy::tree || situation.newest.empty()) return {};
    const CommitId& champion = situation.champion.commit;
    if (situation.newest.front().parent != champion) return {};
    const Bounds bounds(situation);
    const Summary* best = nullptr;
    double greatest = bounds.of(champion, 0);
    std::vector<CommitId> grounds = {champion};
    // From the oldest on: what stands on another one comes after it.
    for (const Summary& each : std::ranges::reverse_view(situation.newest)) {
        const bool stands = std::find(grounds.begin(), grounds.end(), each.parent) != grounds.end();
        if (!stands || each.candidate.empty() || !came_near(each)) continue;
        grounds.push_back(each.candidate);
        const double bound = bounds.of(each.candidate, share_that_is_true * each.decision->effect->estimate);
        if (bound <= greatest) continue;
        greatest = bound;
        best = &each;
    }
    if (best == nullptr) return {};
    return OtherParent{
        best->candidate, best->files.empty() ? std::string() : best->files.front(),
        fmt::format("#{} came near ({}) and has the greatest upper bound: go on from it", best->id.value,
                    effect_text(best->decision->effect, situation.campaign.benchmark.scale))};
}

}  // namespace ratchet
