#pragma once

#include <span>
#include <string>
#include <vector>

#include "benchmarks_adapter/judge.hpp"
#include "benchmarks_adapter/swap_test.hpp"

// What the parts of the judge share; no other room includes it.

namespace ratchet {

/// The pairs that count: those that are not set aside, in their order.
std::vector<const Pair*> counted(std::span<const Pair> pairs);
std::vector<double> effects_of(std::span<const Pair* const> pairs, const Rules& rules);
/// The values as costs: logarithms on the ratio scale, turned round where more is better.
PairedCosts costs_of(std::span<const Pair* const> pairs, const Rules& rules);

/// The same runs, the champion's made dearer by the margin: who gains there is not worse than -margin here.
PairedCosts with_margin(PairedCosts costs, double margin);

/// The least scale that a bet is measured by, on the scale of effects.
double scale_floor(const Calibration& calibration, const Rules& rules);
/// s_1 of the robust e-value.
double first_scale(const Calibration& calibration, const Rules& rules);

/// The level of the test that would confirm the candidate.
double confirmation_level(const Rules& rules);
/// The fewest pairs with which the swap test can reach a level: all of them must agree.
int fewest_pairs_for(double level);
/// The level of the test that would show the candidate to be not worse than -margin.
double margin_level(const Rules& rules);
/// The number of confirmation pairs that the search's pairs call for in a test of this level, with noise of
/// this scale: enough to find again a good part of what they show with a probability of nine tenths. Twice
/// max_pairs at most.
int confirmation_pairs(const PairedCosts& search, double scale, double level, const Rules& rules);
/// Whether so many pairs were set aside that the machine, and not the number of pairs that are wanted at
/// most, ends the phase.
bool machine_is_too_busy(std::span<const Pair> pairs, int wanted);

/// "+3.2%", from a doubling on "x2.31"; on the difference scale the signed number. The same words as the
/// screen's.
std::string effect_text(double effect, Scale scale);
std::string interval_in_words(const Interval& interval, Scale scale);

Judgement decided(Verdict verdict, Basis basis, std::string reason);

/// The judge of a deterministic metric.
Judgement judge_exact_search(std::span<const Pair* const> pairs, const Rules& rules);
Judgement judge_exact_confirmation(std::span<const Pair* const> search,
                                   std::span<const Pair* const> confirmation, const Rules& rules);

}  // namespace ratchet
