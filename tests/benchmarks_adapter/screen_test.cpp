#include "benchmarks_adapter/screen.hpp"

#include <gtest/gtest.h>

namespace ratchet {
namespace {

constexpr double threshold = 50;

PairedCosts costs_with(const std::vector<double>& effects) {
    PairedCosts costs;
    for (std::size_t i = 0; i < effects.size(); ++i) {
        costs.champion.push_back(0.001 * static_cast<double>(i % 3));
        costs.candidate.push_back(0.001 * static_cast<double>(i % 3) - effects[i]);
    }
    return costs;
}

TEST(Screen, gives_up_what_cannot_become_promising_in_the_pairs_left) {
    const PairedCosts costs = costs_with({0.02, -0.01, 0.02, -0.02, 0.01, -0.01});
    EXPECT_TRUE(hardly_a_chance(costs, {threshold, 0, 0.1}));
    EXPECT_TRUE(hardly_a_chance(costs, {threshold, 4, 0.1}));
    EXPECT_FALSE(hardly_a_chance(costs, {threshold, 60, 0.1}));
}

TEST(Screen, gives_up_a_loss_and_not_a_gain) {
    EXPECT_TRUE(hardly_a_chance(costs_with({-0.02, -0.01, -0.03, -0.01, -0.02}), {threshold, 35, 0.1}));
    EXPECT_FALSE(hardly_a_chance(costs_with({0.02, 0.01, -0.03, 0.01, 0.02}), {threshold, 35, 0.1}));
}

TEST(Screen, judges_by_the_calibrated_rule_likewise) {
    Moments calibration;
    for (int i = 0; i < 20; ++i)
        calibration.add(i % 2 == 0 ? 0.01 : -0.01);
    const auto five_of = [](double difference) {
        Moments moments;
        for (int i = 0; i < 5; ++i)
            moments.add(difference);
        return moments;
    };
    EXPECT_TRUE(hardly_a_chance(five_of(-0.02), calibration, {4000, 35, 0.1}));
    EXPECT_FALSE(hardly_a_chance(five_of(0.02), calibration, {4000, 35, 0.1}));
}

}  // namespace
}  // namespace ratchet
