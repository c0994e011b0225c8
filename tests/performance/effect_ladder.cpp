// Known effects through the real program: a loop is made longer or shorter by so many percent, and ratchet is
// to find out. Each rung of each repetition is a campaign of its own, so that all are measured against the
// same base and what is kept does not shift the next rung; each is the first of 200 budgeted experiments.
//
//   effect_ladder [REPETITIONS]      prints a table: rung, true effect, verdicts, estimates, pairs; 3
//                                    repetitions where nothing is said

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

#include "tests/performance/real_campaign.hpp"
#include "tests/performance/spin.hpp"

namespace {

using ratchet::Experiment;
namespace performance = ratchet::performance;

constexpr double run_milliseconds = 50;
constexpr int budgeted = 200;
constexpr double percents[] = {-10, -2, -1, -0.5, 0, 0.5, 1, 2, 10};  // of the loop's length

/// What is known of a rung and what came of it.
struct Rung {
    double percent = 0;
    std::int64_t turns = 0;
    double effect = 0;  ///< the true one: ln(base / rung)
    std::vector<Experiment> experiments;
};

/// Nought turns longer would be no change at all, which is no proposal: a comment stands for it.
std::string patch_of(std::int64_t base, const Rung& rung) {
    const std::string note = rung.turns == base ? " as it was" : "";
    return fmt::format(
        "Hypothesis: {:+} %\n\ndiff --git a/length.txt b/length.txt\n--- a/length.txt\n+++ b/length.txt\n@@ "
        "-1 +1 "
        "@@\n-{}\n+{}{}\n",
        rung.percent, base, rung.turns, note);
}

Experiment climb(std::int64_t base, const Rung& rung, int seed) {
    auto files =
        performance::spin_files("ladder", "use = \"replay\"\npatches = \"proposals\"", base, budgeted, seed);
    files.emplace_back("proposals/rung.patch", patch_of(base, rung));
    const performance::RealCampaign campaign("ladder", files);
    campaign.run();
    const std::vector<Experiment> experiments = campaign.experiments();
    if (experiments.size() != 1) throw std::runtime_error("a rung is one experiment");
    return experiments.front();
}

/// By how much more is done in the same time, as ratchet shows it.
std::string percent_text(double effect) {
    return fmt::format("{:+.2f} %", 100 * std::expm1(effect));
}

/// The median of the estimates with the least and the most of them, how many intervals hold the truth, and
/// the mean of the pairs.
void print_row(const Rung& rung) {
    std::vector<double> estimates;
    int holds = 0;
    double pairs = 0;
    for (const Experiment& experiment : rung.experiments) {
        pairs += static_cast<double>(experiment.pairs.size());
        if (!experiment.decision || !experiment.decision->effect) continue;
        const ratchet::Interval& effect = *experiment.decision->effect;
        estimates.push_back(effect.estimate);
        if (effect.low <= rung.effect && rung.effect <= effect.high) ++holds;
    }
    std::sort(estimates.begin(), estimates.end());
    std::string estimate = "none";
    if (const std::size_t count = estimates.size(); count > 0) {
        const double median = (estimates[(count - 1) / 2] + estimates[count / 2]) / 2;
        estimate = fmt::format("{} ({} to {})", percent_text(median), percent_text(estimates.front()),
                               percent_text(estimates.back()));
    }
    fmt::print("| {:+.1f} % | {} | {} | {} | {} of {} | {:.1f} |\n", rung.percent, percent_text(rung.effect),
               performance::verdict_counts(rung.experiments), estimate, holds, estimates.size(),
               pairs / static_cast<double>(rung.experiments.size()));
}

void measure(int repetitions) {
    const auto length = performance::calibrated_length(run_milliseconds);
    fmt::print("{} turns, {:.1f} ms a run; half the length takes {:.4f} of the time\n", length.turns,
               length.milliseconds, length.half);
    std::vector<Rung> rungs;
    for (const double percent : percents) {
        const auto turns =
            static_cast<std::int64_t>(std::llround(static_cast<double>(length.turns) * (1 + percent / 100)));
        const double effect = std::log(static_cast<double>(length.turns) / static_cast<double>(turns));
        rungs.push_back({percent, turns, effect, {}});
    }
    // All rungs, then all again: a slow hour is shared by all of them.
    int seed = 0;
    for (int repetition = 1; repetition <= repetitions; ++repetition) {
        for (Rung& rung : rungs) {
            rung.experiments.push_back(climb(length.turns, rung, ++seed));
            std::fprintf(stderr, "%d of %d: %+.1f %%\n", repetition, repetitions, rung.percent);
        }
    }
    fmt::print(
        "\n| length | true effect | verdicts | estimate: median (least to most) | intervals that hold the "
        "truth "
        "| pairs |\n|---:|---:|---|---|---|---:|\n");
    for (const Rung& rung : rungs)
        print_row(rung);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const int repetitions = argc > 1 ? std::atoi(argv[1]) : 3;
        if (repetitions < 1) throw std::runtime_error("effect_ladder [REPETITIONS], 1 at least");
        measure(repetitions);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "effect_ladder: %s\n", error.what());
        return 1;
    }
    return 0;
}
