// What becomes of simplifications, by simulation with the judge itself: how often one whose true effect is
// known is kept as not worse, in how many pairs, and how far a night of them can make the champion worse.
//
//   simplification_cost [EXPERIMENTS [NIGHTS]]

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "benchmarks_adapter/simulation/decision_rule.hpp"

namespace ratchet {
namespace {

constexpr double min_effect = 0.01;

Calibration calibrated(SimulatedBench& bench) {
    std::vector<Pair> pairs;
    CalibrationProgress progress;
    while (!progress.complete) {
        pairs.push_back(bench.pair(0, 0, static_cast<int>(pairs.size())));
        progress = calibrate(pairs, Direction::lower, Scale::ratio);
    }
    return progress.calibration;
}

struct Trial {
    Decision decision;
    int search = 0;
    int confirmation = 0;
};

Trial judge(SimulatedBench& bench, const Calibration& calibration, const Rules& rules, double effect) {
    std::vector<Pair> search;
    std::vector<Pair> fresh;
    Judgement judgement;
    while (judgement.next == Judgement::Next::sample) {
        search.push_back(bench.pair(0, effect, static_cast<int>(search.size())));
        judgement = judge_search(search, calibration, rules);
    }
    while (judgement.next != Judgement::Next::decided) {
        fresh.push_back(bench.pair(0, effect, static_cast<int>(fresh.size())));
        judgement = judge_confirmation(search, fresh, calibration, rules);
    }
    return {judgement.decision, static_cast<int>(search.size()), static_cast<int>(fresh.size())};
}

Rules first_rules() {
    Rules rules;
    rules.min_effect = min_effect;
    rules.margin = std::log1p(min_effect);
    return rules;
}

void print_single(double deviation, int experiments) {
    const NoiseModel noise = normal_noise(deviation, 0.05);
    for (const double share : {0.5, 0.0, -0.5, -1.0, -2.0}) {
        int kept = 0;
        int faster = 0;
        double search = 0;
        double fresh = 0;
        for (int i = 0; i < experiments; ++i) {
            SimulatedBench bench(noise, static_cast<std::uint64_t>(i) + 1);
            const Calibration calibration = calibrated(bench);
            const Trial trial = judge(bench, calibration, first_rules(), share * std::log1p(min_effect));
            const bool keeps = trial.decision.verdict == Verdict::kept;
            kept += keeps && trial.decision.basis == Basis::not_worse ? 1 : 0;
            faster += keeps && trial.decision.basis == Basis::evidence ? 1 : 0;
            search += trial.search;
            fresh += trial.confirmation;
        }
        fmt::print("| {:.1f} % | {:+.1f} | {:.1f} % | {:.1f} % | {:.1f} + {:.1f} |\n", 100 * deviation, share,
                   100.0 * kept / experiments, 100.0 * faster / experiments, search / experiments,
                   fresh / experiments);
    }
}

/// Nights of 12 simplifications, each worse by this share of the margin that is left, without a verification.
void print_drift(double deviation, int nights) {
    const NoiseModel noise = normal_noise(deviation, 0.05);
    for (const double share : {0.0, -0.25, -0.5, -1.0}) {
        double lost = 0;
        double most = 0;
        int kept = 0;
        int beyond = 0;
        for (int night = 0; night < nights; ++night) {
            SimulatedBench bench(noise, static_cast<std::uint64_t>(night) + 1);
            const Calibration calibration = calibrated(bench);
            const double all = std::log1p(min_effect);
            double given_away = 0;
            double loss = 0;
            Rules rules = first_rules();
            for (int i = 0; i < 12; ++i) {
                rules.margin = margin_left(all, given_away);
                if (*rules.margin <= 0) break;
                const double effect = share * *rules.margin;
                const Decision decision = judge(bench, calibration, rules, effect).decision;
                ++rules.margin_test;
                if (decision.verdict != Verdict::kept) continue;
                loss -= effect;
                ++kept;
                if (decision.basis != Basis::not_worse) continue;
                ++rules.margin_keeps;
                given_away += std::max(0.0, -decision.effect->low);
            }
            lost += loss;
            most = std::max(most, loss);
            beyond += loss > all ? 1 : 0;
        }
        fmt::print("| {:.1f} % | {:+.2f} | {:.2f} | {:.3f} % | {:.3f} % | {} |\n", 100 * deviation, share,
                   1.0 * kept / nights, 100 * std::expm1(lost / nights), 100 * std::expm1(most), beyond);
    }
}

}  // namespace
}  // namespace ratchet

int main(int argc, char** argv) {
    const int experiments = argc > 1 ? std::max(1, std::atoi(argv[1])) : 1000;
    const int nights = argc > 2 ? std::max(1, std::atoi(argv[2])) : 200;
    fmt::print("min_effect 1 %, max_pairs 40, the first test of a night of 200; effects in margins\n\n");
    fmt::print("| noise | true effect | kept as not worse | kept as better | pairs: search + fresh |\n");
    fmt::print("|---|---|---|---|---|\n");
    for (const double deviation : {0.003, 0.005, 0.01})
        ratchet::print_single(deviation, experiments);
    fmt::print("\nNights of 12 simplifications, each worse by this share of the margin that is left:\n\n");
    fmt::print(
        "| noise | true effect | kept a night | lost a night | most lost | of {} lost more than 1 % |\n",
        nights);
    fmt::print("|---|---|---|---|---|---|\n");
    for (const double deviation : {0.003, 0.005})
        ratchet::print_drift(deviation, nights);
}
