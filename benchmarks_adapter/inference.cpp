#include "benchmarks_adapter/inference.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "benchmarks_adapter/metrics/median.hpp"
#include "benchmarks_adapter/random_numbers.hpp"

namespace ratchet {
namespace {

// The calibration's word on the noise weighs as much as five pairs: a median deviation of two or three pairs
// is too wild to bet by, and after ten pairs the experiment's own noise should prevail.
constexpr double calibration_weight = 5;
constexpr double most_scales = 3;

}  // namespace

double normal_quantile(double probability) {
    // By bisection of erfc: it is asked for once an interval, so it need not be fast.
    double low = -40;
    double high = 40;
    for (int step = 0; step < 100; ++step) {
        const double middle = (low + high) / 2;
        (0.5 * std::erfc(-middle / std::sqrt(2.0)) < probability ? low : high) = middle;
    }
    return low;
}

double robust_scale(std::span<const double> values) {
    if (values.size() < 2) return 0;
    const double center = median(values);
    std::vector<double> deviations;
    deviations.reserve(values.size());
    for (const double value : values)
        deviations.push_back(std::abs(value - center));
    return 1.4826 * median(deviations);
}

RobustEvidence::RobustEvidence(double null_effect, double first_scale, double scale_floor)
    : null_effect_(null_effect), first_scale_(first_scale), scale_floor_(scale_floor) {}

double RobustEvidence::next_scale() const {
    const auto earlier = static_cast<double>(differences_.size());
    const double own = robust_scale(differences_);
    // One earlier pair has no scale of its own yet, so it does not count.
    const double weight = differences_.size() < 2 ? 0 : earlier;
    const double variance = (calibration_weight * first_scale_ * first_scale_ + weight * own * own) /
                            (calibration_weight + weight);
    return std::max(std::sqrt(variance), scale_floor_);
}

void RobustEvidence::multiply(Products& products, double u) {
    // exp(-2 b u) for all bets from one exponential: the bets are 1, 2, 4 and 6 quarters.
    static_assert(bets == std::array<double, 4>{0.25, 0.5, 1, 1.5});
    const double quarter = std::exp(-0.5 * std::clamp(u, -most_scales, most_scales));
    const double half = quarter * quarter;
    const double one = half * half;
    products[0] *= 2 / (1 + quarter);
    products[1] *= 2 / (1 + half);
    products[2] *= 2 / (1 + one);
    products[3] *= 2 / (1 + one * half);
}

double RobustEvidence::mean(const Products& products) {
    return (products[0] + products[1] + products[2] + products[3]) / 4;
}

void RobustEvidence::add(double difference) {
    multiply(products_, (difference - null_effect_) / next_scale());
    // Evidence beyond this is the same to everybody; infinity would not be a number in the ledger.
    for (double& product : products_)
        product = std::min(product, 1e300);
    differences_.push_back(difference);
}

double robust_e_value(std::span<const double> differences, double null_effect, double first_scale,
                      double scale_floor) {
    RobustEvidence evidence(null_effect, first_scale, scale_floor);
    for (const double difference : differences)
        evidence.add(difference);
    return evidence.e_value();
}

double lond_level(int t, int keeps, int expected_tests, double alpha) {
    constexpr double tail_share = 0.1;
    constexpr double exponent = 1.6;
    const double expected = std::max(expected_tests, 1);
    double gamma = (1 - tail_share) / expected;
    if (t > expected_tests) {
        // The sum of t^-1.6 from N + 1 on is less than its integral from N on, N^-0.6 / 0.6.
        gamma = tail_share * (exponent - 1) * std::pow(expected, exponent - 1) * std::pow(t, -exponent);
    }
    return std::min(1.0, alpha * gamma * (std::max(keeps, 0) + 1));
}

namespace {

std::uint64_t place_hash(std::uint64_t campaign_seed, ExperimentId experiment, Phase phase, int index) {
    std::uint64_t hash = scrambled(campaign_seed ^ 0x7261746368657431U);
    for (const std::uint64_t part : {static_cast<std::uint64_t>(experiment.value),
                                     static_cast<std::uint64_t>(phase), static_cast<std::uint64_t>(index)}) {
        hash = scrambled(hash + 0x9e3779b97f4a7c15U * (part + 1));
    }
    return hash;
}

/// A permutation of the 32-bit numbers that depends on the key: a Feistel network of four rounds.
std::uint32_t permuted(std::uint32_t value, std::uint64_t key) {
    std::uint32_t left = value >> 16U;
    std::uint32_t right = value & 0xffffU;
    for (std::uint64_t round = 0; round < 4; ++round) {
        const auto mixed = static_cast<std::uint32_t>(scrambled(key + (round << 32U) + right) & 0xffffU);
        const std::uint32_t next = left ^ mixed;
        left = right;
        right = next;
    }
    return (left << 16U) | right;
}

}  // namespace

bool candidate_first(std::uint64_t campaign_seed, ExperimentId experiment, Phase phase, int index) {
    return (place_hash(campaign_seed, experiment, phase, index) >> 63U) == 1;
}

std::uint64_t pair_seed(std::uint64_t campaign_seed, ExperimentId experiment, Phase phase, int index) {
    constexpr std::uint32_t limit = 1U << 31U;
    const auto number = static_cast<std::uint32_t>(experiment.value) & 0x3ffffU;
    const auto purpose = static_cast<std::uint32_t>(phase) & 0x7U;
    const auto place = static_cast<std::uint32_t>(index) & 0x3ffU;
    // Distinct places stay distinct, because a permutation is walked until it falls below the limit again.
    std::uint32_t seed = (number << 13U) | (purpose << 10U) | place;
    do {
        seed = permuted(seed, scrambled(campaign_seed));
    } while (seed >= limit);
    return seed;
}

}  // namespace ratchet
