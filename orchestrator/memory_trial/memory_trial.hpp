#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "benchmarks_adapter/judge.hpp"
#include "benchmarks_adapter/simulation/noise.hpp"
#include "benchmarks_adapter/simulation/prior.hpp"
#include "experiment_store/campaign.hpp"
#include "orchestrator/memory_trial/prompt_reading.hpp"

// Does memory help? A model of a proposer, the real ledger, prompt and judge; nights that differ only in what
// the prompt tells. docs/memory.md, "Does it help?", has the model in words.

namespace ratchet {

/// What is told in one arm of the trial.
struct MemoryArm {
    std::string_view name;
    PromptMemory memory = PromptMemory::digest;
    /// A proposal with the tree, or nearly the diff, of an earlier one goes back to the proposer once, then
    /// is rejected, before anything is run.
    bool duplicates_checked = false;
};

/// none, kept, last-20, digest, digest+check.
const std::vector<MemoryArm>& memory_arms();

struct MemoryTrialRequest {
    Prior prior;
    NoiseModel noise;
    Rules rules;             ///< of the campaign: min_effect, min_pairs, max_pairs
    double run_seconds = 5;  ///< of one run of the benchmark
    Attention attention;
    double skew = 1;                          ///< the exponent of the ideas' popularity
    double broken_share = 0.12;               ///< of the ideas: a gate fails
    std::vector<int> marks = {30, 100, 300};  ///< looked at after so many proposals; rising, not empty
    int nights = 10;
    std::uint64_t seed = 1;
    int threads = 1;  ///< the result does not depend on it
};

/// How a night stands after so many proposals.
struct NightAtMark {
    int proposals = 0;
    int repeats = 0;           ///< proposals whose idea was proposed before in this night
    int measured_repeats = 0;  ///< those of them that no check held back
    int returned = 0;          ///< went back to the proposer once
    int kept = 0;
    double true_gain = 0;        ///< ln, of the champion over the base
    double benchmark_hours = 0;  ///< runs x run_seconds
    double prompt_bytes = 0;     ///< of the prompt of the last proposal
    double told_share = 0;       ///< of the ideas tried before it: how many its prompt tells of
};

/// All nights of one arm.
struct MemoryTrialFigures {
    MemoryArm arm;
    std::vector<std::vector<NightAtMark>> marks;  ///< for each mark, the nights in their order
};

/// Night k has the same ideas, thought of in the same order, and the same noise, in every arm.
MemoryTrialFigures try_memory(const MemoryTrialRequest& request, const MemoryArm& arm);

}  // namespace ratchet
