#pragma once

#include <cstddef>
#include <optional>

#include "experiment_store/ledger.hpp"

namespace ratchet {

/// How much better the champion is than the base.
struct TotalGain {
    Interval effect;
    bool verified = false;  ///< base and champion were measured head to head; else the steps added up
    int pairs = 0;          ///< of the verification
    std::size_t steps = 0;  ///< kept experiments between base and champion
};

/// The newest verification where it is of this champion; else the sum of the confirmed steps (as log ratios:
/// their product), whose errors are independent, so that the half-widths add in squares. Nothing while the
/// base is the champion.
std::optional<TotalGain> total_gain(const Ledger& ledger);

}  // namespace ratchet
