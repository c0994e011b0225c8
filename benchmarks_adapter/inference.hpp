#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "experiment_store/experiment.hpp"

// Pure functions of statistics: effects, intervals, e-values, error control. Formulas and their sources stand
// in docs/measurement.md.

namespace ratchet {

/// The normal quantile: P(Z <= z) = probability. Precondition: 0 < probability < 1.
double normal_quantile(double probability);

/// 1.4826 x median absolute deviation about the median; 0 for fewer than two values.
double robust_scale(std::span<const double> values);

/// The robust e-value, pair by pair. E = mean over the bets b of prod 2 / (1 + exp(-2 b u_i)), which is
/// exp(b u) / cosh(b u), with u_i = clip((d_i - null_effect) / s_i, +-3) and s_i from what came before d_i.
class RobustEvidence {
  public:
    static constexpr std::array<double, 4> bets = {0.25, 0.5, 1, 1.5};
    using Products = std::array<double, bets.size()>;

    RobustEvidence(double null_effect, double first_scale, double scale_floor);

    void add(double difference);
    [[nodiscard]] double e_value() const { return mean(products_); }
    [[nodiscard]] const Products& products() const { return products_; }
    /// The scale that the next difference will be measured by: the calibration's, counted as five
    /// differences, blended (as variances) with the robust scale of all differences so far.
    [[nodiscard]] double next_scale() const;

    /// One more factor for each bet, for a difference that lies u scales above the null hypothesis.
    static void multiply(Products& products, double u);
    static double mean(const Products& products);

  private:
    double null_effect_;
    double first_scale_;
    double scale_floor_;
    std::vector<double> differences_;
    Products products_ = {1, 1, 1, 1};
};

/// The robust e-value of all differences against the null hypothesis "effect <= null_effect" (evidence for
/// more). `first_scale` is s_1, from calibration; later scales come from earlier pairs only, floored at
/// `scale_floor` (> 0). For evidence of *less* than null_effect, negate both.
double robust_e_value(std::span<const double> differences, double null_effect, double first_scale,
                      double scale_floor);

/// What the calibrated e-value needs to know of the differences: their number, sum and sum of squares; and of
/// the calibration's: their number and sum of squares.
struct Moments {
    double count = 0;
    double sum = 0;
    double squares = 0;
    void add(double difference);
};
Moments moments_of(std::span<const double> values);

/// The calibrated e-value for "effect > 0" (shift the differences for other nulls). Needs >= 20 calibration
/// differences, not all of them zero.
double calibrated_e_value(std::span<const double> differences, std::span<const double> calibration);
double calibrated_e_value(const Moments& differences, const Moments& calibration);
/// The logarithm of its factor that needs no t distribution, (V0 + V)/Q to the power (n + m)/2 with its root:
/// an upper bound of ln(E/2), next to exact where E is large.
double calibrated_log_bound(const Moments& differences, const Moments& calibration);

/// LOND (Javanmard & Montanari, "On online control of false discovery rate", 2015): the level of the t-th
/// test of the night (from 1), given the keeps so far and the number of tests that are expected: alpha
/// gamma_t (keeps + 1). Nine tenths of gamma are spread evenly over the expected tests, the last tenth falls
/// as t^-1.6 beyond them; all sum to 1.
double lond_level(int t, int keeps, int expected_tests, double alpha = 0.05);

/// Whether candidate goes first in pair `index` of this experiment and phase: a fair coin from the campaign's
/// seed, the same in every resume.
bool candidate_first(std::uint64_t campaign_seed, ExperimentId experiment, Phase phase, int index);

/// The RATCHET_SEED of a pair: one value for both sides, never used by another decision (up to experiment
/// 262,143 and pair 1,023 of a phase). Below 2^31, because many a benchmark reads it into an int.
std::uint64_t pair_seed(std::uint64_t campaign_seed, ExperimentId experiment, Phase phase, int index);

}  // namespace ratchet
