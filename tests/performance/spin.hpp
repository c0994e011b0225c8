#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tests/performance/real_campaign.hpp"

namespace ratchet::performance {

/// How long the loop of the spin benchmark has to be.
struct SpinLength {
    std::int64_t turns = 0;
    double milliseconds = 0;  ///< the least time of a run of this length
    double half = 0;          ///< the least time of half the length, as a share of it: 0.5 where proportional
};

/// Finds the length at which a run takes about this long on this machine.
SpinLength calibrated_length(double milliseconds);

/// The files of a campaign whose benchmark turns an empty wheel as often as `length.txt` says, and measures
/// nothing but the turning: the start of the process is no part of its time, which is therefore proportional
/// to the length. `proposer` is that section of ratchet.toml.
RealCampaign::Files spin_files(const std::string& name, const std::string& proposer, std::int64_t length,
                               int budgeted, int seed);

/// "190 no-gain, 7 inconclusive, …", most frequent first.
std::string verdict_counts(std::span<const Experiment> experiments);

}  // namespace ratchet::performance
