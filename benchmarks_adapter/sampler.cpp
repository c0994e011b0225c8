#include "benchmarks_adapter/sampler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "benchmarks_adapter/inference.hpp"
#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "experiment_store/errors.hpp"

namespace ratchet {
namespace {

// A benchmark prints metrics, not data: more than this is a mistake that the verdict names.
constexpr std::size_t most_output_bytes = std::size_t{8} << 20;

// Steal is the hypervisor's doing, never the candidate's. A tick is 10 ms, so one alone says nothing of a
// short pair.
constexpr std::int64_t fewest_steal_ticks = 2;
constexpr double most_steal_share = 0.2;

// Reading the frequency of a processor can take the kernel a while; they are much alike.
constexpr int most_frequencies = 16;

StageRun benchmark_failure(const RunResult& result, const std::string& error) {
    StageRun run = stage_run(Stage::measured, "benchmark", result, {});
    run.succeeded = false;
    if (!error.empty()) run.tail = error + (run.tail.empty() ? "" : "\n" + run.tail);
    return run;
}

/// Nothing where the two sides of a pair have the same units.
std::optional<StageRun> unit_failure(const MetricUnits& champion, const SampleOutcome& candidate) {
    const std::string change = change_of_unit(champion, candidate.units);
    if (change.empty()) return {};
    StageRun run;
    run.stage = Stage::measured;
    run.name = "benchmark";
    run.exit_status = 0;
    run.figures = candidate.sample->figures;
    run.tail = change;
    return run;
}

std::string reason_to_set_aside(const Pair& pair) {
    const std::int64_t ticks = pair.champion.figures.steal_ticks + pair.candidate.figures.steal_ticks;
    const double elapsed = pair.champion.figures.wall_seconds + pair.candidate.figures.wall_seconds;
    const double share = static_cast<double>(ticks) * 0.01 / elapsed;
    if (ticks < fewest_steal_ticks || share < most_steal_share) return {};
    return fmt::format("the hypervisor took {:.0f} % of the processor time", share * 100);
}

}  // namespace

Sampler::Sampler(const Campaign& campaign, const Benchmark& benchmark, EvaluationFolders folders,
                 const std::vector<Processor>& processors, Calm& calm)
    : campaign_(campaign), benchmark_(benchmark), folders_(std::move(folders)), calm_(calm) {
    if (benchmark.cores > 0) processors_ = choose_processors(processors, benchmark.cores);
    looked_at_ = choose_processors(
        processors, benchmark.cores > 0 ? std::min(benchmark.cores, most_frequencies) : most_frequencies);
}

SampleOutcome Sampler::sample(EvaluationTree& tree, std::uint64_t seed, const StopSignal& stop) const {
    TreeCommand command;
    command.shell_command = benchmark_.command;
    command.timeout = benchmark_.timeout;
    command.capture.head_bytes = most_output_bytes;
    command.processors = processors_;
    command.environment = {{"RATCHET_SEED", std::to_string(seed)}};
    command.watches_harness = true;
    RunResult result = tree.run(command, stop);
    result.figures.processor_khz = highest_frequency(looked_at_);

    SampleOutcome outcome;
    if (result.ending == Ending::stopped) {
        outcome.stopped = true;
    } else if (!result.succeeded()) {
        outcome.failure = benchmark_failure(result, {});
    } else if (!result.altered.empty()) {
        outcome.failure =
            benchmark_failure(result, fmt::format("the run altered {}, which is protected", result.altered));
    } else if (result.output.omitted() > 0) {
        outcome.failure =
            benchmark_failure(result, fmt::format("printed {} bytes; a benchmark may print {} at most",
                                                  result.output.total_bytes, most_output_bytes));
    } else {
        SampleReading reading = read_sample(benchmark_, campaign_.constraints,
                                            {result.output.head + result.output.tail, result.figures});
        if (reading.sample) {
            outcome.sample = std::move(reading.sample);
            outcome.units = std::move(reading.units);
        } else {
            outcome.failure = benchmark_failure(result, reading.error);
        }
    }
    return outcome;
}

SampleOutcome Sampler::champion_sample(EvaluationTree& tree, std::uint64_t seed,
                                       const StopSignal& stop) const {
    SampleOutcome outcome = sample(tree, seed, stop);
    if (outcome.failure) outcome = sample(tree, seed, stop);
    if (outcome.failure) {
        const StageRun& failure = *outcome.failure;
        std::string why = failure.tail;
        if (failure.timed_out) why = "it ran longer than benchmark.timeout allows";
        if (why.empty()) why = fmt::format("it ended with status {} and said nothing", failure.exit_status);
        throw UserError("the benchmark fails on the champion itself: " + why,
                        "has the machine changed? `ratchet check` tries each step on the champion");
    }
    return outcome;
}

PairOutcome Sampler::pair(EvaluationTree& champion, EvaluationTree& candidate, const PairPlace& place,
                          const StopSignal& stop) const {
    if (stop.requested()) return {{}, {}, true};
    const BenchmarkLock lock(folders_.benchmark_lock, stop);
    if (!lock.held()) return {{}, {}, true};
    const Calm::Outlook outlook = calm_.await(stop);
    if (outlook.stopped) return {{}, {}, true};

    Pair pair;
    pair.pressure_before = outlook.pressure;
    pair.waited_seconds = outlook.waited_seconds;
    pair.phase = place.phase;
    pair.index = place.index;
    pair.champion_commit = champion.built();
    pair.candidate_commit = candidate.built();
    pair.candidate_first = candidate_first(place.campaign_seed, place.experiment, place.phase, place.index);
    // The noise of an independent metric is the seed's: the champion against itself needs two of them.
    const bool two_seeds = place.phase == Phase::calibration && benchmark_.design == Design::independent;
    const int seed_index = two_seeds ? 2 * place.index : place.index;
    const std::uint64_t seed = pair_seed(place.campaign_seed, place.experiment, place.phase, seed_index);
    const std::uint64_t champion_seed =
        two_seeds ? pair_seed(place.campaign_seed, place.experiment, place.phase, seed_index + 1) : seed;

    SampleOutcome first;
    SampleOutcome second;
    SampleOutcome& of_candidate = pair.candidate_first ? first : second;
    SampleOutcome& of_champion = pair.candidate_first ? second : first;
    for (SampleOutcome* side : {&first, &second}) {
        *side = side == &of_candidate ? sample(candidate, seed, stop)
                                      : champion_sample(champion, champion_seed, stop);
        if (side->stopped) return {{}, {}, true};
        if (side->failure) return {{}, side->failure, false};
    }
    if (auto failure = unit_failure(of_champion.units, of_candidate)) return {{}, std::move(failure), false};
    pair.champion = *of_champion.sample;
    pair.candidate = *of_candidate.sample;
    pair.set_aside = reason_to_set_aside(pair);
    calm_.took(Seconds(pair.champion.figures.wall_seconds + pair.candidate.figures.wall_seconds));
    return {pair, {}, false, of_champion.units};
}

PairOutcome Sampler::pair_with_known(const KnownSample& known, const CommitId& champion,
                                     EvaluationTree& candidate, const PairPlace& place,
                                     const StopSignal& stop) const {
    if (stop.requested()) return {{}, {}, true};
    const std::uint64_t seed = pair_seed(place.campaign_seed, place.experiment, place.phase, place.index);
    SampleOutcome outcome = sample(candidate, seed, stop);
    if (outcome.stopped) return {{}, {}, true};
    if (outcome.failure) return {{}, outcome.failure, false};
    if (auto failure = unit_failure(known.units, outcome)) return {{}, std::move(failure), false};
    Pair pair;
    pair.phase = place.phase;
    pair.index = place.index;
    pair.champion_commit = champion;
    pair.candidate_commit = candidate.built();
    pair.champion = known.sample;
    pair.candidate = *outcome.sample;
    return {pair, {}, false, known.units};
}

}  // namespace ratchet
