// What ratchet itself costs an experiment, sandboxed and durable: the proposer writes one unique line, build
// and gate are `true`, the benchmark prints a constant METRIC, so that one sample decides.
//
//   own_cost [EXPERIMENTS]      prints the median wall time of an experiment over the first, the middle and
//   the last
//                               tenth of the campaign, and the highest resident memory of the process

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "experiment_store/ledger.hpp"

namespace {

namespace fs = std::filesystem;

struct NoClock final : ratchet::Clock {
    [[nodiscard]] ratchet::Timestamp now() const override { return {}; }
};

void shell(const std::string& command) {
    if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
}

fs::path make_repository(int experiments) {
    std::string name = (fs::temp_directory_path() / "ratchet-own-cost-XXXXXX").string();
    const fs::path folder = ::mkdtemp(name.data());
    std::ofstream(folder / "line.txt") << "0\n";
    std::ofstream(folder / "ratchet.toml") << fmt::format(R"([campaign]
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
    shell(
        fmt::format("cd {} && git init -q . && git -c user.name=a -c user.email=a@example.org add -A && "
                    "git -c user.name=a -c user.email=a@example.org commit -qm base",
                    folder.string()));
    return folder;
}

/// The median of the time from one experiment's end to the next one's, in ms, over the numbers (from, to].
double median_cost(const ratchet::Ledger& ledger, std::int64_t from, std::int64_t to) {
    std::vector<double> costs;
    for (std::int64_t number = std::max<std::int64_t>(from, 1); number < to; ++number) {
        const auto earlier = ledger.experiment({number});
        const auto later = ledger.experiment({number + 1});
        costs.push_back(static_cast<double>((*later->finished_at - *earlier->finished_at).count()));
    }
    std::nth_element(costs.begin(), costs.begin() + static_cast<std::ptrdiff_t>(costs.size() / 2),
                     costs.end());
    return costs[costs.size() / 2];
}

void measure(int experiments) {
    const fs::path folder = make_repository(experiments);
    shell(fmt::format("cd {} && {} run > run.log", folder.string(), RATCHET_PROGRAM));
    rusage usage{};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    const NoClock clock;
    const ratchet::Ledger ledger(folder / ".git/ratchet/cost/ledger.sqlite", clock,
                                 ratchet::Ledger::Mode::read_only);
    const int tenth = std::max(2, experiments / 10);
    fmt::print("experiments {}\n", ledger.experiment_count());
    fmt::print("own cost of an experiment, median wall ms: first tenth {:.0f}, middle {:.0f}, last {:.0f}\n",
               median_cost(ledger, 0, tenth),
               median_cost(ledger, experiments / 2 - tenth / 2, experiments / 2 + tenth / 2),
               median_cost(ledger, experiments - tenth, experiments));
    fmt::print("peak resident memory of a process of the run: {:.0f} MiB\n",
               static_cast<double>(usage.ru_maxrss) / 1024);
    fs::remove_all(folder);
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
