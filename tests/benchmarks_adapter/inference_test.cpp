#include "benchmarks_adapter/inference.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace ratchet {
namespace {

// Hollander & Wolfe, Nonparametric Statistical Methods, table 3.1: depression scores before and after a
// tranquillizer. Their examples 3.3 and 3.4 give -0.46 and the 96 % interval from -0.786 to -0.010.
TEST(HodgesLehmann, agrees_with_the_worked_example_of_the_textbook) {
    const std::vector<double> before = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
    const std::vector<double> after = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
    std::vector<double> differences;
    for (std::size_t i = 0; i < before.size(); ++i)
        differences.push_back(after[i] - before[i]);
    const Interval interval = hodges_lehmann(differences);
    EXPECT_NEAR(interval.estimate, -0.46, 1e-9);
    EXPECT_NEAR(interval.low, -0.786, 1e-9);
    EXPECT_NEAR(interval.high, -0.010, 1e-9);
}

// The interval ends at the k-th smallest and largest Walsh average, k one more than the critical value of
// Wilcoxon's two-sided signed-rank test at 5 % (Hollander & Wolfe, table A.4).
TEST(HodgesLehmann, cuts_off_as_many_walsh_averages_as_the_table_says) {
    const std::vector<std::pair<int, std::size_t>> critical = {{6, 0},   {7, 2},   {8, 3},   {9, 5},  {10, 8},
                                                               {12, 13}, {15, 25}, {20, 52}, {25, 89}};
    for (const auto& [n, value] : critical) {
        std::vector<double> differences;
        std::vector<double> walsh;
        // Powers of a number above 2 keep all sums apart.
        for (int i = 0; i < n; ++i)
            differences.push_back(std::pow(2.1, i));
        for (std::size_t i = 0; i < differences.size(); ++i) {
            for (std::size_t j = i; j < differences.size(); ++j)
                walsh.push_back((differences[i] + differences[j]) / 2);
        }
        std::sort(walsh.begin(), walsh.end());
        const Interval interval = hodges_lehmann(differences);
        EXPECT_DOUBLE_EQ(interval.low, walsh[value]) << n;
        EXPECT_DOUBLE_EQ(interval.high, walsh[walsh.size() - 1 - value]) << n;
    }
}

TEST(HodgesLehmann, is_the_range_where_there_are_too_few_differences_for_the_confidence) {
    const std::vector<double> differences = {3, 1, 2};
    EXPECT_EQ(hodges_lehmann(differences), (Interval{1, 2, 3}));
    const std::vector<double> one = {0.25};
    EXPECT_EQ(hodges_lehmann(one), (Interval{0.25, 0.25, 0.25}));
}

TEST(HodgesLehmann, passes_from_exact_ranks_to_the_approximation_without_a_step) {
    std::vector<double> differences;
    for (int i = 0; i < 100; ++i)
        differences.push_back(std::sin(i * 1.7) + 0.001 * i);
    const Interval exact = hodges_lehmann(differences);
    differences.push_back(exact.estimate);
    const Interval approximate = hodges_lehmann(differences);
    EXPECT_NEAR(approximate.low, exact.low, 0.005);
    EXPECT_NEAR(approximate.high, exact.high, 0.005);
}

RC_GTEST_PROP(HodgesLehmann, turns_round_with_the_sides, ()) {
    const auto numbers = *rc::gen::nonEmpty<std::vector<int>>();
    std::vector<double> differences;
    std::vector<double> turned;
    for (const int number : numbers) {
        differences.push_back(number % 1000);
        turned.push_back(-(number % 1000));
    }
    const Interval one = hodges_lehmann(differences);
    const Interval other = hodges_lehmann(turned);
    RC_ASSERT(one.low == -other.high);
    RC_ASSERT(one.high == -other.low);
    RC_ASSERT(one.estimate == -other.estimate);
    RC_ASSERT(one.low <= one.estimate && one.estimate <= one.high);
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

TEST(Lond, spends_no_more_than_alpha_however_many_experiments_there_are) {
    for (const int budget : {1, 10, 120, 200, 5000}) {
        double spent = 0;
        for (int t = 1; t <= 200'000; ++t)
            spent += 1 / lond_threshold(t, 0, budget, 0.05);
        EXPECT_LE(spent, 0.05) << budget;
        EXPECT_GE(spent, 0.9 * 0.05) << budget;
    }
}

TEST(Lond, asks_the_same_of_all_budgeted_experiments_and_more_of_later_ones) {
    EXPECT_DOUBLE_EQ(lond_threshold(1, 0, 200), 200 / (0.05 * 0.9));
    EXPECT_DOUBLE_EQ(lond_threshold(200, 0, 200), lond_threshold(1, 0, 200));
    EXPECT_GT(lond_threshold(201, 0, 200), lond_threshold(200, 0, 200));
    EXPECT_NEAR(lond_threshold(800, 0, 200) / lond_threshold(400, 0, 200), std::pow(2, 1.6), 1e-9);
}

TEST(Lond, asks_less_after_each_keep) {
    EXPECT_DOUBLE_EQ(lond_threshold(10, 4, 200), lond_threshold(10, 0, 200) / 5);
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
