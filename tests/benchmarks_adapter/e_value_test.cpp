#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <numbers>

#include "benchmarks_adapter/inference.hpp"
#include "benchmarks_adapter/random_numbers.hpp"

namespace ratchet {
namespace {

constexpr double floor_of_scales = 1e-4;

TEST(RobustEValue, is_the_mean_of_the_bets_in_closed_form) {
    // One difference of two scales: prod exp(b u) / cosh(b u) with u = 2.
    double expected = 0;
    for (const double bet : {0.25, 0.5, 1.0, 1.5})
        expected += std::exp(2 * bet) / std::cosh(2 * bet) / 4;
    const std::vector<double> differences = {0.02};
    EXPECT_NEAR(robust_e_value(differences, 0, 0.01, floor_of_scales), expected, 1e-12);
}

TEST(RobustEValue, clips_at_three_scales) {
    const std::vector<double> far = {1e9};
    const std::vector<double> three = {0.03};
    EXPECT_DOUBLE_EQ(robust_e_value(far, 0, 0.01, floor_of_scales),
                     robust_e_value(three, 0, 0.01, floor_of_scales));
}

TEST(RobustEValue, is_one_without_differences_and_with_differences_of_zero) {
    EXPECT_EQ(robust_e_value({}, 0, 0.01, floor_of_scales), 1);
    const std::vector<double> zeros(30, 0.0);
    EXPECT_DOUBLE_EQ(robust_e_value(zeros, 0, 0, floor_of_scales), 1);
}

TEST(RobustEValue, needs_5_11_and_13_pairs_for_20_1000_and_5000) {
    // Its factor is below two, so E < 2^n; the smaller bets of the mean cost a pair on the way up.
    for (const auto& [pairs, evidence] : {std::pair<std::size_t, double>{5, 20}, {11, 1000}, {13, 5000}}) {
        const std::vector<double> differences(pairs, 1.0);
        EXPECT_GE(robust_e_value(differences, 0, 0.01, floor_of_scales), evidence);
        EXPECT_LT(robust_e_value(differences, 0, 0.01, floor_of_scales), std::pow(2, pairs));
        EXPECT_LT(robust_e_value(std::span(differences).subspan(1), 0, 0.01, floor_of_scales), evidence);
    }
}

TEST(RobustEValue, measures_a_difference_by_earlier_ones_only) {
    // The last difference may be anything: it never changes the scale that it is itself measured by.
    RobustEvidence evidence(0, 0.01, floor_of_scales);
    for (const double difference : {0.01, -0.02, 0.015})
        evidence.add(difference);
    const double scale = evidence.next_scale();
    RobustEvidence::Products expected = evidence.products();
    RobustEvidence::multiply(expected, 0.004 / scale);
    evidence.add(0.004);
    EXPECT_EQ(evidence.products(), expected);
}

// Under "no difference" each difference is as likely to come with the other sign, whatever its size; then the
// mean over all signs is one exactly. This is what makes P(sup E >= 1/alpha) <= alpha (Ville's inequality).
RC_GTEST_PROP(RobustEValue, averages_to_one_over_all_signs, ()) {
    const auto sizes = *rc::gen::container<std::vector<int>>(8, rc::gen::inRange(0, 100'000));
    double total = 0;
    for (unsigned signs = 0; signs < 256; ++signs) {
        std::vector<double> differences;
        for (unsigned i = 0; i < 8; ++i) {
            differences.push_back((((signs >> i) & 1U) != 0 ? -1e-4 : 1e-4) * sizes[i]);
        }
        total += robust_e_value(differences, 0, 0.01, floor_of_scales);
    }
    RC_ASSERT(std::abs(total / 256 - 1) < 1e-9);
}

RC_GTEST_PROP(RobustEValue, does_not_depend_on_the_unit, ()) {
    const auto numbers = *rc::gen::container<std::vector<int>>(12, rc::gen::inRange(-1000, 1000));
    std::vector<double> small;
    std::vector<double> large;
    for (const int number : numbers) {
        small.push_back(number * 1e-5);
        large.push_back(number * 1e-5 * 1024);
    }
    const double one = robust_e_value(small, 0.001, 0.002, floor_of_scales);
    const double other = robust_e_value(large, 0.001 * 1024, 0.002 * 1024, floor_of_scales * 1024);
    RC_ASSERT(std::abs(one - other) <= 1e-9 * one);
}

/// The share of sequences in which E ever reaches 20 within 40 pairs.
template <typename Draw>
double share_that_reaches_20(int sequences, Draw draw) {
    int reached = 0;
    for (int i = 0; i < sequences; ++i) {
        RobustEvidence evidence(0, 0.01, floor_of_scales);
        for (int pair = 0; pair < 40 && evidence.e_value() < 20; ++pair)
            evidence.add(draw());
        if (evidence.e_value() >= 20) ++reached;
    }
    return static_cast<double>(reached) / sequences;
}

TEST(RobustEValue, is_fooled_at_most_once_in_twenty_by_any_symmetric_noise) {
    RandomNumbers random(1);
    const auto normal = [&] { return 0.03 * random.normal(); };
    // A ratio of normals has no mean at all.
    const auto cauchy = [&] { return 0.01 * random.normal() / random.normal(); };
    const auto two_values = [&] { return random.uniform() < 0.5 ? 0.05 : -0.05; };
    int count = 0;
    const auto growing = [&] { return 0.01 * (1 + count++ % 40) * random.normal(); };
    EXPECT_LE(share_that_reaches_20(5000, normal), 0.05);
    EXPECT_LE(share_that_reaches_20(5000, cauchy), 0.05);
    EXPECT_LE(share_that_reaches_20(5000, two_values), 0.05);
    EXPECT_LE(share_that_reaches_20(5000, growing), 0.05);
}

std::vector<double> recorded_wall_times(const std::string& trace) {
    std::ifstream in(RATCHET_TEST_DATA "/noise/" + trace + ".csv");
    std::vector<double> times;
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
        const std::size_t start = line.find(',', line.find(',') + 1) + 1;
        std::from_chars(line.data() + start, line.data() + line.size(), times.emplace_back());
    }
    return times;
}

TEST(RobustEValue, is_fooled_at_most_once_in_twenty_by_recorded_noise) {
    for (const char* trace : {"quiet", "contended"}) {
        const std::vector<double> times = recorded_wall_times(trace);
        ASSERT_GT(times.size(), 2900U);
        RandomNumbers random(2);
        std::size_t place = 0;
        const auto draw = [&] {
            // Pairs follow one another; now and then time passes.
            if (random.uniform() < 0.05) place = random.next() % times.size();
            const double first = times[place++ % times.size()];
            const double second = times[place++ % times.size()];
            const double difference = std::log(first / second);
            return random.uniform() < 0.5 ? difference : -difference;
        };
        EXPECT_LE(share_that_reaches_20(5000, draw), 0.05) << trace;
    }
}

TEST(RobustEValue, finds_a_shift_of_one_scale) {
    RandomNumbers random(3);
    EXPECT_GE(share_that_reaches_20(1000, [&] { return 0.01 + 0.01 * random.normal(); }), 0.95);
}

/// The calibrated e-value by brute force: normal noise of unknown deviation s (prior 1/s), the effect's prior
/// normal with deviation s, cut to positive effects, against no effect; both integrated over a grid.
double integrated_e_value(const std::vector<double>& differences, const std::vector<double>& calibration) {
    const auto likelihood = [&](double effect, double s) {
        double squares = 0;
        for (const double value : calibration)
            squares += value * value;
        for (const double value : differences)
            squares += (value - effect) * (value - effect);
        const auto count = static_cast<double>(differences.size() + calibration.size());
        return std::exp(-count * std::log(s) - squares / (2 * s * s));
    };
    double with_effect = 0;
    double without = 0;
    for (double log_s = -3; log_s < 3; log_s += 0.01) {
        const double s = std::exp(log_s);
        without += likelihood(0, s);
        constexpr double step = 0.01;
        for (double z = step / 2; z < 8; z += step) {
            const double prior = 2 * std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
            with_effect += likelihood(z * s, s) * prior * step;
        }
    }
    return with_effect / without;
}

TEST(CalibratedEValue, is_the_ratio_of_the_integrals_that_it_stands_for) {
    std::vector<double> calibration;
    for (int i = 0; i < 20; ++i)
        calibration.push_back(std::sin(3.1 * i));
    for (const std::vector<double>& differences :
         {std::vector<double>{1.5}, {-1.0, 0.5}, {2.5, 2.0, 3.1}, {-2.0, -1.0, -2.5}}) {
        const double expected = integrated_e_value(differences, calibration);
        EXPECT_NEAR(calibrated_e_value(differences, calibration) / expected, 1, 1e-3);
    }
}

TEST(CalibratedEValue, is_one_without_differences) {
    const std::vector<double> calibration(20, 0.01);
    EXPECT_EQ(calibrated_e_value({}, calibration), 1);
}

TEST(CalibratedEValue, does_not_depend_on_the_unit) {
    const std::vector<double> calibration(20, 0.01);
    const std::vector<double> scaled(20, 10.0);
    EXPECT_NEAR(calibrated_e_value(std::vector{0.03, 0.02}, calibration),
                calibrated_e_value(std::vector{30.0, 20.0}, scaled), 1e-9);
}

TEST(CalibratedEValue, is_bounded_by_its_part_without_the_t_distribution) {
    Moments calibration;
    for (int i = 0; i < 20; ++i)
        calibration.add(std::sin(3.1 * i));
    Moments differences;
    for (int i = 0; i < 5; ++i) {
        differences.add(4);
        const double e_value = calibrated_e_value(differences, calibration);
        const double bound = 2 * std::exp(calibrated_log_bound(differences, calibration));
        EXPECT_LE(e_value, bound * (1 + 1e-12));
        EXPECT_TRUE(e_value <= 1000 || e_value > 0.999 * bound);
    }
}

TEST(CalibratedEValue, is_fooled_at_most_once_in_twenty_by_normal_noise) {
    RandomNumbers random(4);
    int reached = 0;
    constexpr int sequences = 3000;
    for (int i = 0; i < sequences; ++i) {
        Moments calibration;
        for (int k = 0; k < 20; ++k)
            calibration.add(random.normal());
        Moments differences;
        double highest = 0;
        for (int pair = 0; pair < 40; ++pair) {
            differences.add(random.normal());
            highest = std::max(highest, calibrated_e_value(differences, calibration));
        }
        if (highest >= 20) ++reached;
    }
    EXPECT_LE(static_cast<double>(reached) / sequences, 0.05);
}

}  // namespace
}  // namespace ratchet
