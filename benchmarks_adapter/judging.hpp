#pragma once

#include <span>
#include <string>
#include <vector>

#include "benchmarks_adapter/judge.hpp"

// What the parts of the judge share; no other room includes it.

namespace ratchet {

/// The pairs that count: those that are not set aside, in their order.
std::vector<const Pair*> counted(std::span<const Pair> pairs);
std::vector<double> effects_of(std::span<const Pair* const> pairs, const Rules& rules);

/// The least scale that a bet is measured by, on the scale of effects.
double scale_floor(const Calibration& calibration, const Rules& rules);
/// s_1 of the robust e-value.
double first_scale(const Calibration& calibration, const Rules& rules);
/// min_effect as an effect: ln(1 + fraction), so that it agrees with how effects are shown.
double least_effect(const Rules& rules);

/// The number of confirmation pairs that a search of so many pairs calls for.
int confirmation_pairs(std::size_t search_pairs, const Rules& rules);
/// Whether so many pairs were set aside that the machine, not the sampling budget, ends the phase.
bool machine_is_too_busy(std::span<const Pair> pairs, const Rules& rules);

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
