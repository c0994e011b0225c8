#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "experiment_store/ledger.hpp"

namespace ratchet {

/// An experiment whose diff is like another's.
struct Neighbour {
    Summary experiment;
    int distance = 0;  ///< of the fingerprints, in bits of 64; unrelated diffs differ in about 32
};

/// What an experiment comes from, and what came of it.
struct Family {
    Summary self;
    CommitId base;                     ///< of the campaign
    std::vector<Summary> ancestors;    ///< whose candidates it stands on; the oldest first
    bool reaches_base = true;          ///< false where older ancestors are not read
    std::vector<Summary> descendants;  ///< whose candidates stand on its own: kept first, then the newest
    std::int64_t descendants_in_all = 0;
    std::vector<Summary> duplicates;  ///< that were rejected because of it
    std::vector<Neighbour> near;      ///< nearest first
    std::vector<Replay> replays;      ///< oldest first
};

/// Nothing where there is no experiment of this number. Reads a bounded part of the ledger.
std::optional<Family> family_of(const Ledger& ledger, ExperimentId id);

/// Those whose diff is like that of this experiment, nearest first, without itself. Nothing where there is no
/// experiment of this number.
std::optional<std::vector<Neighbour>> neighbours_of(const Ledger& ledger, ExperimentId id, int limit);

/// Fingerprints that differ in more bits tell nothing: of two unrelated diffs they differ in 32 ± 4.
inline constexpr int farthest_neighbour = 20;

}  // namespace ratchet
