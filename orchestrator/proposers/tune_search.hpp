#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"

// The search of `tune`, as pure functions of what was tried: no state, no files.

namespace ratchet {

/// One value for each knob, in the order of the knobs.
using Setting = std::vector<std::string>;

/// A setting that was proposed, and what came of it.
struct KnobTrial {
    Setting setting;
    Setting parent;                ///< what it was a change of
    std::optional<double> effect;  ///< against its parent; positive is better
    bool failed = false;           ///< did not build, broke a gate, a limit or the benchmark
};

/// How many settings there are; 2^63 where there are more.
std::uint64_t space_size(const std::vector<Knob>& knobs);

/// True where each setting of the space was tried or is the parent of a tried one (a parent is a champion: it
/// needs no trial). Exact.
bool all_tried(const std::vector<Knob>& knobs, const std::vector<KnobTrial>& trials);

/// The setting to try next on a parent that stands at `current`, or nothing where all have been tried. Never
/// `current`, a setting of a trial or a parent of one. In this order:
///  1. explore: one knob changed, knobs in turn; of an ordered knob both ends and the middle, of another all
///     its values in order;
///  2. refine: the neighbours of the current values of ordered knobs; then two changes that each helped, the
///     best sum first; then values that were tried on an earlier champion, the most promising first;
///  3. any setting that is left, by chance; those with a value that has always failed come last.
/// Time and memory grow with the trials and the values of the knobs, never with the size of the space.
std::optional<Setting> next_setting(const std::vector<Knob>& knobs, const std::vector<KnobTrial>& trials,
                                    const Setting& current, std::uint64_t seed);

}  // namespace ratchet
