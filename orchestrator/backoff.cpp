#include "orchestrator/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace ratchet {
namespace {

constexpr Seconds longest_wait = std::chrono::minutes(15);
// Some services close for hours; longer than that, a person wants to know.
constexpr Seconds longest_asked_for = std::chrono::hours(6);

}  // namespace

Seconds backoff(int failures, Seconds first, std::uint64_t seed, std::optional<Seconds> retry_after) {
    if (failures <= 0) return Seconds(0);
    const Seconds doubled = first * std::pow(2.0, std::min(failures - 1, 30));
    const double chance = static_cast<double>(seed % 1024) / 1023.0;  // 0 to 1
    const Seconds wait = std::min(doubled, longest_wait) * (0.75 + 0.5 * chance);
    return std::max(wait, std::min(retry_after.value_or(Seconds(0)), longest_asked_for));
}

}  // namespace ratchet
