// How many pairs the search takes for effects that are known, by simulation with the judge itself. Nights,
// false keeps and gains: `ratchet simulate`.
//
//   decision_cost [EXPERIMENTS]

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "benchmarks_adapter/simulation/decision_rule.hpp"

namespace ratchet {
namespace {

Verdict right_verdict(double effect) {
    if (effect == 0) return Verdict::no_gain;
    return effect > 0 ? Verdict::kept : Verdict::regressed;
}

void print_pairs_to_decision(const char* name, double run_seconds, int experiments) {
    const NoiseModel noise = normal_noise(0.01, run_seconds);
    for (const double effect : {0.10, -0.10, 0.0}) {
        double pairs = 0;
        double fresh = 0;
        int right = 0;
        for (int i = 0; i < experiments; ++i) {
            SimulatedBench bench(noise, static_cast<std::uint64_t>(i) + 1);
            const auto rule = rule_kinds().front().make({});
            rule->begin(bench);
            const Trial trial = rule->judge(bench, 0, effect);
            pairs += trial.search_pairs;
            fresh += trial.confirmation_pairs;
            right += trial.decision.verdict == right_verdict(effect) ? 1 : 0;
        }
        fmt::print(
            "{:<11} effect {:+5.1f} %: {:6.2f} pairs to a decision, {:5.2f} to confirm, {:5.1f} % are {}\n",
            name, 100 * effect, pairs / experiments, fresh / experiments, 100.0 * right / experiments,
            name_of(right_verdict(effect)));
    }
}

}  // namespace
}  // namespace ratchet

int main(int argc, char** argv) {
    const int experiments = argc > 1 ? std::max(1, std::atoi(argv[1])) : 1000;
    fmt::print(
        "1 % noise (standard deviation of ln of one run), 20 calibration pairs, budget of 200 experiments, "
        "the "
        "first one\n");
    ratchet::print_pairs_to_decision("robust", 0.05, experiments);
    ratchet::print_pairs_to_decision("calibrated", 15, experiments);
}
