// A whole campaign in which nothing can be gained: every proposal changes a comment, so that champion and
// candidate are the same program, measured by a real benchmark on the real machine. Every keep is a false
// one.
//
//   aa_campaign [EXPERIMENTS]      prints keeps and their bound, verdicts, pairs an experiment, wall time;
//   200
//                                  experiments where nothing is said. Exit status 1: more keeps than the
//                                  bound

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <numeric>
#include <stdexcept>

#include "tests/performance/real_campaign.hpp"
#include "tests/performance/spin.hpp"

namespace {

using ratchet::Experiment;
using ratchet::Verdict;
namespace performance = ratchet::performance;

constexpr double run_milliseconds = 30;

// LOND holds the expected share of false keeps among all keeps below 0.05. Here every keep is false: the
// share is 1 as soon as anything is kept, hence the probability that anything is kept at all is at most 0.05,
// over the whole campaign and however many experiments it has.
constexpr std::ptrdiff_t most_keeps = 0;
constexpr const char* why = "every keep would be false, and LOND bounds the probability of any by 0.05";

std::ptrdiff_t count(const std::vector<Experiment>& experiments, Verdict verdict) {
    return std::count_if(experiments.begin(), experiments.end(), [&](const Experiment& experiment) {
        return experiment.decision && experiment.decision->verdict == verdict;
    });
}

void print_pairs(const std::vector<Experiment>& experiments) {
    std::vector<std::size_t> pairs;
    for (const Experiment& experiment : experiments)
        pairs.push_back(experiment.pairs.size());
    std::sort(pairs.begin(), pairs.end());
    const std::size_t sum = std::accumulate(pairs.begin(), pairs.end(), std::size_t{0});
    fmt::print("pairs an experiment: mean {:.2f}, median {}, most {}\n",
               static_cast<double>(sum) / static_cast<double>(pairs.size()), pairs[pairs.size() / 2],
               pairs.back());
}

bool measure(int wanted) {
    const auto length = performance::calibrated_length(run_milliseconds);
    const performance::RealCampaign campaign(
        "aa", performance::spin_files("aa",
                                      "use = \"command\"\ncommand = '''echo \"// $(cat "
                                      "/proc/sys/kernel/random/uuid)\" >> spin.c'''",
                                      length.turns, wanted, 1));
    const auto start = std::chrono::steady_clock::now();
    campaign.run();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

    const std::vector<Experiment> experiments = campaign.experiments();
    if (experiments.empty()) throw std::runtime_error("no experiment was made");
    const std::ptrdiff_t keeps = count(experiments, Verdict::kept);
    fmt::print("{} experiments that change a comment, {:.1f} ms a run\n", experiments.size(),
               length.milliseconds);
    fmt::print("keeps: {}; at most {}: {}\n", keeps, most_keeps, why);
    fmt::print("verdicts: {} (regressed: each is wrong once in twenty at most)\n",
               performance::verdict_counts(experiments));
    print_pairs(experiments);
    fmt::print("wall time: {:.0f} s, {:.2f} s an experiment\n", seconds,
               seconds / static_cast<double>(experiments.size()));
    return keeps <= most_keeps;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const int wanted = argc > 1 ? std::atoi(argv[1]) : 200;
        if (wanted < 1) throw std::runtime_error("aa_campaign [EXPERIMENTS], 1 at least");
        return measure(wanted) ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "aa_campaign: %s\n", error.what());
        return 1;
    }
}
