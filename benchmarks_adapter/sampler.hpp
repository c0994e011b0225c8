#pragma once

#include <optional>
#include <string>

#include "benchmarks_adapter/calm.hpp"
#include "benchmarks_adapter/evaluation_tree.hpp"
#include "benchmarks_adapter/machine.hpp"
#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "experiment_store/campaign.hpp"
#include "experiment_store/experiment.hpp"
#include "sandbox/machine/processors.hpp"

namespace ratchet {

/// One run of the benchmark that yielded no sample, or one that did.
struct SampleOutcome {
    std::optional<Sample> sample;
    MetricUnits units;                ///< of the sample
    std::optional<StageRun> failure;  ///< data: the benchmark failed on this commit
    bool stopped = false;
};

/// A pair, or why there is none.
struct PairOutcome {
    std::optional<Pair> pair;
    std::optional<StageRun> failure;  ///< of the candidate; a unit other than the champion's is one
    bool stopped = false;
    MetricUnits champion_units;  ///< of a pair
};

/// A champion's sample of an earlier run.
struct KnownSample {
    Sample sample;
    MetricUnits units;
};

/// Which pair is to be taken. Order and seed follow from it, so that a resume takes the same one.
struct PairPlace {
    std::uint64_t campaign_seed = 0;
    ExperimentId experiment;
    Phase phase = Phase::search;
    int index = 0;
};

/// Takes samples and pairs with one benchmark on built trees.
class Sampler {
  public:
    /// `processors` are those that it may choose from. The campaign, the benchmark and `calm` must outlive
    /// it.
    Sampler(const Campaign& campaign, const Benchmark& benchmark, EvaluationFolders folders,
            const std::vector<Processor>& processors, Calm& calm);

    /// One run on a tree. `seed` is what the benchmark sees as RATCHET_SEED.
    SampleOutcome sample(EvaluationTree& tree, std::uint64_t seed, const StopSignal& stop) const;
    /// Champion and candidate back to back, in the order that the coin says, while nobody else measures here
    /// and, as far as that can be had, nobody else wants the processors.
    /// None is begun once a stop was asked for. Throws UserError where the benchmark fails twice on the
    /// champion itself.
    PairOutcome pair(EvaluationTree& champion, EvaluationTree& candidate, const PairPlace& place,
                     const StopSignal& stop) const;
    /// A pair whose champion side is known already (a deterministic metric).
    PairOutcome pair_with_known(const KnownSample& known, const CommitId& champion, EvaluationTree& candidate,
                                const PairPlace& place, const StopSignal& stop) const;

    /// One run on the champion; a second chance where it fails. Throws UserError where it fails again.
    SampleOutcome champion_sample(EvaluationTree& tree, std::uint64_t seed, const StopSignal& stop) const;

  private:
    const Campaign& campaign_;
    const Benchmark& benchmark_;
    EvaluationFolders folders_;
    Calm& calm_;
    std::vector<int> processors_;  ///< that the benchmark is restricted to; empty: it is not
    std::vector<int> looked_at_;   ///< for their frequency
};

}  // namespace ratchet
