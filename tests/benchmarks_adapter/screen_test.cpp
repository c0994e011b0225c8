#include "benchmarks_adapter/screen.hpp"

#include <gtest/gtest.h>

namespace ratchet {
namespace {

RobustEvidence robust_evidence_of(const std::vector<double>& differences) {
    RobustEvidence evidence(0, 0.01, 1e-4);
    for (const double difference : differences)
        evidence.add(difference);
    return evidence;
}

TEST(Screen, gives_up_what_cannot_cross_the_threshold_in_the_pairs_left) {
    const std::vector<double> differences(5, 0.1);
    EXPECT_TRUE(hardly_a_chance(robust_evidence_of(differences), differences, {4000, 7}));
    EXPECT_FALSE(hardly_a_chance(robust_evidence_of(differences), differences, {4000, 12}));
}

TEST(Screen, gives_up_a_loss_and_not_a_gain) {
    const std::vector<double> losses = {-0.02, -0.01, -0.03, -0.01, -0.02};
    const std::vector<double> gains = {0.02, 0.01, 0.03, 0.01, 0.02};
    EXPECT_TRUE(hardly_a_chance(robust_evidence_of(losses), losses, {4000, 35}));
    EXPECT_FALSE(hardly_a_chance(robust_evidence_of(gains), gains, {4000, 35}));
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
    EXPECT_TRUE(hardly_a_chance(five_of(-0.02), calibration, {4000, 35}));
    EXPECT_FALSE(hardly_a_chance(five_of(0.02), calibration, {4000, 35}));
}

}  // namespace
}  // namespace ratchet
