#include "orchestrator/total_gain.hpp"

#include <cmath>

namespace ratchet {

std::optional<TotalGain> total_gain(const Ledger& ledger) {
    const std::vector<Champion> lineage = ledger.lineage();
    if (lineage.size() < 2) return std::nullopt;
    TotalGain total;
    total.steps = lineage.size() - 1;
    const auto verification = ledger.latest_verification();
    if (verification && verification->base == lineage.front().commit &&
        verification->champion == lineage.back().commit) {
        total.effect = verification->total;
        total.verified = true;
        total.pairs = verification->pairs;
        return total;
    }
    double below = 0;
    double above = 0;
    for (const Champion& step : lineage) {
        if (!step.effect) continue;
        total.effect.estimate += step.effect->estimate;
        below += std::pow(step.effect->estimate - step.effect->low, 2);
        above += std::pow(step.effect->high - step.effect->estimate, 2);
    }
    total.effect.low = total.effect.estimate - std::sqrt(below);
    total.effect.high = total.effect.estimate + std::sqrt(above);
    return total;
}

}  // namespace ratchet
