#include "benchmarks_adapter/simulation/nights.hpp"

#include <algorithm>
#include <thread>

namespace ratchet {
namespace {

bool holds(const Interval& interval, double truth) {
    return interval.low <= truth && truth <= interval.high;
}

void add(KindFigures& sum, const KindFigures& more) {
    sum.proposals += more.proposals;
    sum.kept += more.kept;
    sum.search_pairs += more.search_pairs;
    sum.confirmed += more.confirmed;
    sum.confirmation_pairs += more.confirmation_pairs;
}

void add(NightsFigures& sum, const NightsFigures& more) {
    sum.nights += more.nights;
    add(sum.gains, more.gains);
    add(sum.losses, more.losses);
    add(sum.nothing, more.nothing);
    sum.true_gain += more.true_gain;
    sum.reported_gain += more.reported_gain;
    sum.possible_gain += more.possible_gain;
    sum.totals_held += more.totals_held;
    sum.claimed_of_keeps += more.claimed_of_keeps;
    sum.true_of_keeps += more.true_of_keeps;
    sum.keeps_held += more.keeps_held;
    sum.runs += more.runs;
    sum.seconds += more.seconds;
}

/// One proposal's part in the figures.
void count(NightsFigures& figures, double effect, const Trial& trial) {
    KindFigures& kind = effect > 0 ? figures.gains : effect < 0 ? figures.losses : figures.nothing;
    ++kind.proposals;
    kind.search_pairs += trial.search_pairs;
    kind.confirmed += trial.confirmation_pairs > 0 ? 1 : 0;
    kind.confirmation_pairs += trial.confirmation_pairs;
    figures.possible_gain += std::max(effect, 0.0);
    if (!trial.kept) return;
    ++kind.kept;
    figures.true_of_keeps += effect;
    figures.claimed_of_keeps += trial.claimed->estimate;
    figures.keeps_held += holds(*trial.claimed, effect) ? 1 : 0;
}

NightsFigures one_night(const NightsRequest& request, const RuleKind& kind, int night) {
    const std::uint64_t seed = scrambled(scrambled(request.seed) + static_cast<std::uint64_t>(night));
    RandomNumbers proposals(scrambled(seed + 1));
    SimulatedBench bench(request.noise, scrambled(seed + 2));
    Rules rules = request.rules;
    rules.budgeted = request.prior.experiments;
    const auto rule = kind.make(rules);
    rule->begin(bench);
    NightsFigures figures;
    figures.nights = 1;
    double gain = 0;
    for (int t = 0; t < request.prior.experiments; ++t) {
        const double effect = request.prior.draw(proposals);
        bench.pause();
        const Trial trial = rule->judge(bench, gain, effect);
        count(figures, effect, trial);
        if (trial.kept) gain += effect;
    }
    const Interval total = rule->total(bench, gain);
    figures.true_gain = gain;
    figures.reported_gain = total.estimate;
    figures.totals_held = holds(total, gain) ? 1 : 0;
    figures.runs = bench.runs();
    figures.seconds = bench.seconds();
    return figures;
}

}  // namespace

NightsFigures simulate_nights(const NightsRequest& request, const RuleKind& rule) {
    // Each night's figures by themselves, added up in their order: sums of floating-point numbers depend on
    // it.
    std::vector<NightsFigures> nights(static_cast<std::size_t>(request.nights));
    const int threads = std::max(1, request.threads);
    std::vector<std::jthread> workers;
    for (int first = 0; first < threads; ++first) {
        workers.emplace_back([&, first] {
            for (int night = first; night < request.nights; night += threads)
                nights[static_cast<std::size_t>(night)] = one_night(request, rule, night);
        });
    }
    workers.clear();
    NightsFigures sum;
    for (const NightsFigures& night : nights)
        add(sum, night);
    sum.rule = rule.name;
    return sum;
}

}  // namespace ratchet
