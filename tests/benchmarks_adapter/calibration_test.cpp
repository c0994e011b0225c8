#include <gtest/gtest.h>

#include <limits>

#include "tests/benchmarks_adapter/pairs.hpp"

namespace ratchet {
namespace {

std::vector<Pair> noisy_pairs(int count, double run_seconds) {
    std::vector<Pair> pairs;
    for (int i = 0; i < count; ++i) {
        pairs.push_back(pair_with_effect(0.001 * (i % 7 - 3)));
        pairs.back().champion.figures.wall_seconds = pairs.back().candidate.figures.wall_seconds =
            run_seconds;
    }
    return pairs;
}

CalibrationProgress calibrated_by(const std::vector<Pair>& pairs) {
    return calibrate(pairs, Direction::lower, Scale::ratio);
}

TEST(Calibrate, calls_a_metric_deterministic_after_three_equal_pairs) {
    EXPECT_FALSE(calibrated_by(equal_pairs(2, pair_with_effect(0))).complete);
    const CalibrationProgress progress = calibrated_by(equal_pairs(3, pair_with_effect(0)));
    EXPECT_TRUE(progress.complete);
    EXPECT_TRUE(progress.calibration.deterministic);
    EXPECT_EQ(progress.calibration.champion_value, 100);
}

TEST(Calibrate, does_not_call_deterministic_what_differs_between_pairs_only) {
    std::vector<Pair> pairs = equal_pairs(2, pair_with_effect(0));
    pairs.push_back(pair_with_effect(0, 101));
    EXPECT_FALSE(calibrated_by(pairs).calibration.deterministic);
}

TEST(Calibrate, takes_twenty_pairs_of_quick_runs) {
    EXPECT_FALSE(calibrated_by(noisy_pairs(19, 0.1)).complete);
    const CalibrationProgress progress = calibrated_by(noisy_pairs(20, 0.1));
    EXPECT_TRUE(progress.complete);
    EXPECT_EQ(progress.calibration.differences.size(), 20U);
    EXPECT_DOUBLE_EQ(progress.calibration.run_seconds, 0.1);
}

TEST(Calibrate, is_content_with_five_pairs_after_twenty_seconds) {
    EXPECT_FALSE(calibrated_by(noisy_pairs(4, 3)).complete);
    EXPECT_TRUE(calibrated_by(noisy_pairs(5, 3)).complete);
    EXPECT_FALSE(calibrated_by(noisy_pairs(5, 1)).complete);
}

TEST(Calibrate, takes_twenty_pairs_of_long_runs_but_not_the_whole_night) {
    EXPECT_FALSE(calibrated_by(noisy_pairs(19, 12)).complete);
    EXPECT_TRUE(runs_are_long(calibrated_by(noisy_pairs(20, 12)).calibration));
    const CalibrationProgress hours = calibrated_by(noisy_pairs(5, 600));
    EXPECT_TRUE(hours.complete);
    EXPECT_FALSE(runs_are_long(hours.calibration));
}

TEST(Calibrate, does_not_count_pairs_that_are_set_aside) {
    std::vector<Pair> pairs = equal_pairs(3, pair_with_effect(0));
    pairs.push_back(pair_with_effect(1));
    pairs.back().set_aside = "steal";
    EXPECT_TRUE(calibrated_by(pairs).calibration.deterministic);
    EXPECT_EQ(calibrated_by(pairs).calibration.differences.size(), 3U);
}

TEST(Calibrate, comes_to_an_end_on_a_machine_that_never_leaves_a_pair_alone) {
    std::vector<Pair> pairs = noisy_pairs(40, 0.1);
    for (Pair& pair : pairs)
        pair.set_aside = "steal";
    EXPECT_FALSE(calibrated_by({pairs.begin(), pairs.begin() + 39}).complete);
    EXPECT_TRUE(calibrated_by(pairs).complete);
    EXPECT_EQ(calibrated_by(pairs).calibration.differences.size(), 40U) << "this is how the machine is";

    for (std::size_t i = 0; i < 5; ++i)
        pairs[i].set_aside.clear();
    EXPECT_TRUE(calibrated_by(pairs).complete);
    EXPECT_EQ(calibrated_by(pairs).calibration.differences.size(), 5U) << "what was left alone is better";
}

TEST(EffectOf, is_the_log_ratio_signed_so_that_positive_is_better) {
    Pair pair;
    pair.champion.value = 10;
    pair.candidate.value = 5;
    EXPECT_DOUBLE_EQ(effect_of(pair, Direction::lower, Scale::ratio), std::log(2));
    EXPECT_DOUBLE_EQ(effect_of(pair, Direction::higher, Scale::ratio), -std::log(2));
    EXPECT_DOUBLE_EQ(effect_of(pair, Direction::lower, Scale::difference), 5);
    EXPECT_DOUBLE_EQ(effect_of(pair, Direction::higher, Scale::difference), -5);
}

TEST(EffectOf, shows_no_minus_before_zero) {
    EXPECT_FALSE(std::signbit(effect_of(pair_with_effect(0), Direction::lower, Scale::ratio)));
}

TEST(SmallestVisibleEffect, grows_with_the_noise_and_shrinks_with_the_budget) {
    const Calibration quiet = quiet_calibration();
    Calibration loud = quiet;
    for (double& difference : loud.differences)
        difference *= 4;
    Rules rules;
    const double effect = smallest_visible_effect(quiet, rules);
    EXPECT_GT(effect, 0.005);
    EXPECT_LT(effect, 0.02);
    EXPECT_NEAR(smallest_visible_effect(loud, rules) / effect, 4, 0.1);
    rules.max_pairs = 160;
    EXPECT_LT(smallest_visible_effect(quiet, rules), 0.7 * effect);
}

TEST(SmallestVisibleEffect, is_zero_for_a_deterministic_metric_and_infinite_for_too_small_a_budget) {
    Calibration exact;
    exact.deterministic = true;
    EXPECT_EQ(smallest_visible_effect(exact, {}), 0);
    Rules rules;
    rules.max_pairs = fewest_search_pairs() - 1;
    EXPECT_EQ(smallest_visible_effect(quiet_calibration(), rules), std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace ratchet
