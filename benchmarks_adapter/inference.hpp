#pragma once

#include <span>
#include <vector>

#include "experiment_store/experiment.hpp"

// Pure functions of statistics: effects, intervals, e-values, error control. Formulas and their sources stand
// in docs/measurement.md.

namespace ratchet {

/// Hodges-Lehmann estimate (median of Walsh averages) with the interval of Wilcoxon's signed-rank test at the
/// given confidence (Hollander & Wolfe, Nonparametric Statistical Methods, 3.2-3.3). With too few differences
/// for that confidence: the range of the Walsh averages. Precondition: not empty.
Interval hodges_lehmann(std::span<const double> differences, double confidence = 0.95);

/// 1.4826 x median absolute deviation about the median; 0 for fewer than two values.
double robust_scale(std::span<const double> values);

/// The robust e-value of DESIGN 6 against the null hypothesis "effect <= null_effect" (evidence for more).
/// `first_scale` is s_1, from calibration; later scales come from earlier pairs only, floored at
/// `scale_floor`. For evidence of *less* than null_effect, negate both.
double robust_e_value(std::span<const double> differences, double null_effect, double first_scale,
                      double scale_floor);

/// The calibrated e-value of DESIGN 6 for "effect > 0" (shift the differences for other nulls). Needs >= 20
/// calibration differences.
double calibrated_e_value(std::span<const double> differences, std::span<const double> calibration);

/// LOND with e-values (DESIGN 6): the evidence that the t-th measured experiment (from 1) needs, given the
/// keeps so far and the budgeted number of experiments. Beyond the budget gamma falls as t^-1.6.
double lond_threshold(int t, int keeps, int budgeted, double alpha = 0.05);

/// Whether candidate goes first in pair `index` of this experiment and phase: a fair coin from the campaign's
/// seed, the same in every resume.
bool candidate_first(std::uint64_t campaign_seed, ExperimentId experiment, Phase phase, int index);

/// The RATCHET_SEED of a pair: one value for both sides, never used by another decision.
std::uint64_t pair_seed(std::uint64_t campaign_seed, ExperimentId experiment, Phase phase, int index);

}  // namespace ratchet
