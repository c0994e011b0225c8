#include "benchmarks_adapter/inference.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace ratchet {
namespace {

TEST(NormalQuantile, agrees_with_the_table) {
    EXPECT_NEAR(normal_quantile(0.975), 1.959964, 1e-6);
    EXPECT_NEAR(normal_quantile(0.5), 0, 1e-12);
    EXPECT_NEAR(normal_quantile(0.001), -3.090232, 1e-6);
}

TEST(RobustScale, is_the_normal_deviation_of_the_middle_half) {
    const std::vector<double> values = {1, 1, 2, 2, 4, 6, 9};
    EXPECT_DOUBLE_EQ(robust_scale(values), 1.4826 * 1);
    const std::vector<double> one = {5};
    EXPECT_EQ(robust_scale(one), 0);
    EXPECT_EQ(robust_scale({}), 0);
}

TEST(RobustScale, does_not_see_a_single_outlier) {
    const std::vector<double> values = {1, 2, 3, 4, 5, 6, 7e9};
    EXPECT_LT(robust_scale(values), 4);
}

TEST(Lond, spends_no_more_than_alpha_however_many_tests_there_are) {
    for (const int expected : {1, 10, 20, 200, 5000}) {
        double spent = 0;
        for (int t = 1; t <= 200'000; ++t)
            spent += lond_level(t, 0, expected, 0.05);
        EXPECT_LE(spent, 0.05) << expected;
        EXPECT_GE(spent, 0.9 * 0.05) << expected;
    }
}

TEST(Lond, asks_the_same_of_all_expected_tests_and_more_of_later_ones) {
    EXPECT_DOUBLE_EQ(lond_level(1, 0, 20), 0.05 * 0.9 / 20);
    EXPECT_DOUBLE_EQ(lond_level(20, 0, 20), lond_level(1, 0, 20));
    EXPECT_LT(lond_level(21, 0, 20), lond_level(20, 0, 20));
    EXPECT_NEAR(lond_level(40, 0, 20) / lond_level(80, 0, 20), std::pow(2, 1.6), 1e-9);
}

TEST(Lond, asks_less_after_each_keep) {
    EXPECT_DOUBLE_EQ(lond_level(10, 4, 20), 5 * lond_level(10, 0, 20));
}

TEST(Coin, is_fair_and_the_same_in_every_resume) {
    int candidates = 0;
    for (int experiment = 1; experiment <= 100; ++experiment) {
        for (int index = 0; index < 40; ++index) {
            const bool first = candidate_first(7, {experiment}, Phase::search, index);
            EXPECT_EQ(first, candidate_first(7, {experiment}, Phase::search, index));
            candidates += first ? 1 : 0;
        }
    }
    // 4,000 fair coins: five standard deviations are 158.
    EXPECT_NEAR(candidates, 2000, 158);
}

TEST(Coin, differs_between_campaigns_experiments_and_phases) {
    const auto tosses = [](std::uint64_t seed, std::int64_t experiment, Phase phase) {
        std::vector<bool> row;
        for (int index = 0; index < 64; ++index)
            row.push_back(candidate_first(seed, {experiment}, phase, index));
        return row;
    };
    const std::set<std::vector<bool>> rows = {tosses(1, 1, Phase::search), tosses(2, 1, Phase::search),
                                              tosses(1, 2, Phase::search), tosses(1, 1, Phase::confirmation)};
    EXPECT_EQ(rows.size(), 4U);
}

TEST(PairSeed, is_never_used_twice) {
    std::set<std::uint64_t> seeds;
    std::size_t asked = 0;
    for (int experiment = 0; experiment < 300; ++experiment) {
        for (const Phase phase : {Phase::calibration, Phase::search, Phase::confirmation, Phase::holdout}) {
            for (int index = 0; index < 40; ++index, ++asked)
                seeds.insert(pair_seed(3, {experiment}, phase, index));
        }
    }
    EXPECT_EQ(seeds.size(), asked);
    EXPECT_LT(*seeds.rbegin(), std::uint64_t{1} << 31U);
    EXPECT_NE(pair_seed(3, {1}, Phase::search, 0), pair_seed(4, {1}, Phase::search, 0));
}

}  // namespace
}  // namespace ratchet
