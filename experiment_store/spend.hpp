#pragma once

// What proposals cost and what they brought. Part of the shared vocabulary; std only.

#include <cstdint>
#include <optional>
#include <string>

#include "experiment_store/experiment.hpp"

namespace ratchet {

/// The finished experiments of one proposer, with one model, that ended with one verdict.
struct Spend {
    std::string proposer;
    std::string model;  ///< empty: not known
    Verdict verdict = Verdict::interrupted;
    std::int64_t experiments = 0;
    std::int64_t requests = 0;
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
    std::int64_t priced = 0;  ///< those of the experiments whose cost is known
    double cost = 0;          ///< of these, US dollars
    double wall_seconds = 0;  ///< of the proposers
    double gain = 0;          ///< of kept ones: the sum of their confirmed effects
    bool operator==(const Spend&) const = default;
};

/// The requests to one model, as ratchet saw them.
struct ModelSpend {
    std::string model;
    std::int64_t requests = 0;
    std::int64_t failed = 0;  ///< those without an answer, or with another status than 200 to 299
    std::int64_t input_tokens = 0;
    std::int64_t cached_tokens = 0;
    std::int64_t output_tokens = 0;
    std::int64_t unpriced = 0;  ///< those that used tokens and have no price
    double cost = 0;            ///< of the others, US dollars
    double wall_seconds = 0;
    bool operator==(const ModelSpend&) const = default;
};

/// A finished experiment, as far as whoever looks after budgets and turns wants to know it.
struct FinishedExperiment {
    ExperimentId id;
    std::string proposer;
    Move move = Move::explore;
    Verdict verdict = Verdict::interrupted;
    std::optional<Rejection> rejection;
    std::string reason;                     ///< of the verdict
    double gain = 0;                        ///< the confirmed effect of a kept one, else 0
    Usage usage;                            ///< of its proposer
    Seconds duration{0};                    ///< from its brief to its verdict
    std::optional<ExperimentId> repair_of;  ///< the experiment that it was to mend
};

}  // namespace ratchet
