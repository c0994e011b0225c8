#include "orchestrator/total_gain.hpp"

#include <cmath>

namespace ratchet {

std::optional<TotalGain> total_gain(const Ledger& ledger) {
    const StepSum sum = ledger.step_sum();
    if (sum.steps == 0) return std::nullopt;
    TotalGain total;
    total.steps = static_cast<std::size_t>(sum.steps);
    const auto verification = ledger.latest_verification();
    if (verification && verification->champion == ledger.champion().commit &&
        verification->base == ledger.identity()->base) {
        total.effect = verification->total;
        total.verified = true;
        total.pairs = verification->pairs;
        return total;
    }
    total.effect = {sum.estimate - std::sqrt(sum.below), sum.estimate, sum.estimate + std::sqrt(sum.above)};
    return total;
}

}  // namespace ratchet
