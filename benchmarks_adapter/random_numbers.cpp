#include "benchmarks_adapter/random_numbers.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ratchet {

std::uint64_t scrambled(std::uint64_t value) {
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

std::uint64_t RandomNumbers::next() {
    state_ += 0x9e3779b97f4a7c15U;
    return scrambled(state_);
}

double RandomNumbers::uniform() {
    // The upper 53 bits, moved half a step off zero so that its logarithm is finite.
    return (static_cast<double>(next() >> 11U) + 0.5) * 0x1p-53;
}

double RandomNumbers::normal() {
    if (has_spare_) {
        has_spare_ = false;
        return spare_;
    }
    const double radius = std::sqrt(-2 * std::log(uniform()));
    const double angle = 2 * std::numbers::pi * uniform();
    spare_ = radius * std::sin(angle);
    has_spare_ = true;
    return radius * std::cos(angle);
}

double RandomNumbers::chi_square_ratio(double degrees) {
    const double variance = 2 / (9 * degrees);
    const double root = 1 - variance + normal() * std::sqrt(variance);
    return std::pow(std::max(root, 0.1), 3);
}

}  // namespace ratchet
