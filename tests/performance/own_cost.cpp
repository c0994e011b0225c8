// What ratchet itself costs an experiment, sandboxed and durable: the median wall time of one over the first,
// the middle and the last tenth of the cheapest campaign, and the highest resident memory of the process.
//
//   own_cost [EXPERIMENTS]      200 if not said

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "tests/performance/real_campaign.hpp"

namespace {

using ratchet::Experiment;
using namespace ratchet::performance;

void measure(int experiments) {
    const RealCampaign campaign("cost", cheapest_campaign(experiments));
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
