#pragma once

#include <span>
#include <vector>

#include "experiment_store/experiment.hpp"

// The test that confirms a gain, and its interval: a randomisation test of pairs (Fisher 1935; Lehmann &
// Romano, Testing Statistical Hypotheses, 15.2). Under "no difference" the coin that put one side first made
// it as likely that the two values of a pair stood the other way round, whatever the machine was doing; so
// any statistic may be compared with its distribution over all such swaps. This one is the difference of the
// rank sums of both sides, ranks taken over all runs (Mann & Whitney's statistic): a run that was disturbed
// costs its own pair, and nothing but its rank.

namespace ratchet {

/// The runs of both sides, pair by pair, as costs: logarithms (or values) of which less is better.
struct PairedCosts {
    std::vector<double> champion;
    std::vector<double> candidate;  ///< as many

    [[nodiscard]] std::size_t size() const { return champion.size(); }
};

/// How many standard deviations (of its distribution over all swaps) the statistic lies on the side of "the
/// candidate costs less by more than `shift`". 0 where all swaps are alike.
double swap_score(const PairedCosts& pairs, double shift = 0);

/// The probability of a statistic as far on that side, over all swaps: the one-sided p-value. Exact up to 20
/// pairs, by the normal approximation beyond.
double swap_p_value(const PairedCosts& pairs, double shift = 0);

/// By how much less the candidate costs: the shifts that the test does not refuse at this confidence, and the
/// one in the middle of which the statistic is 0. With too few pairs for that confidence: the range of the
/// differences between any run of one side and any of the other. Precondition: not empty.
Interval shift_interval(const PairedCosts& pairs, double confidence = 0.95);

}  // namespace ratchet
