// What ratchet itself costs an experiment, sandboxed and durable: the proposer writes one unique line, build
// and gate are `true`, the benchmark prints a constant METRIC, so that one sample decides.
//
//   own_cost [EXPERIMENTS]      prints the median wall time of an experiment over the first, the middle and
//   the last
//                               tenth of the campaign, and the highest resident memory of the process

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "tests/performance/real_campaign.hpp"

namespace {

using ratchet::Experiment;

ratchet::performance::RealCampaign::Files files_of(int experiments) {
    const std::string campaign = fmt::format(R"([campaign]
name = "cost"
goal = "Nothing."
scope = ["line.txt"]
[build]
command = "true"
[[gate]]
name = "gate"
command = "true"
[benchmark]
command = "echo METRIC cost=1"
metric = "cost"
direction = "lower"
[proposer]
use = "command"
command = "cat /proc/sys/kernel/random/uuid > line.txt"
[budget]
experiments = {}
)",
                                             experiments);
    return {{"line.txt", "0\n"}, {"ratchet.toml", campaign}};
}

/// The median of the time from one experiment's end to the next one's, in ms, over the numbers (from, to].
double median_cost(const std::vector<Experiment>& experiments, int from, int to) {
    std::vector<double> costs;
    for (auto number = static_cast<std::size_t>(std::max(from, 1)); number < static_cast<std::size_t>(to);
         ++number) {
        const Experiment& earlier = experiments.at(number - 1);
        const Experiment& later = experiments.at(number);
        costs.push_back(static_cast<double>((*later.finished_at - *earlier.finished_at).count()));
    }
    std::nth_element(costs.begin(), costs.begin() + static_cast<std::ptrdiff_t>(costs.size() / 2),
                     costs.end());
    return costs[costs.size() / 2];
}

void measure(int experiments) {
    const ratchet::performance::RealCampaign campaign("cost", files_of(experiments));
    campaign.run();
    rusage usage{};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    const std::vector<Experiment> made = campaign.experiments();
    const int tenth = std::max(2, experiments / 10);
    fmt::print("experiments {}\n", made.size());
    fmt::print("own cost of an experiment, median wall ms: first tenth {:.0f}, middle {:.0f}, last {:.0f}\n",
               median_cost(made, 0, tenth),
               median_cost(made, experiments / 2 - tenth / 2, experiments / 2 + tenth / 2),
               median_cost(made, experiments - tenth, experiments));
    fmt::print("peak resident memory of a process of the run: {:.0f} MiB\n",
               static_cast<double>(usage.ru_maxrss) / 1024);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        measure(argc > 1 ? std::atoi(argv[1]) : 200);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "own_cost: %s\n", error.what());
        return 1;
    }
    return 0;
}
