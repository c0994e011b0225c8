#include "benchmarks_adapter/simulation/decision_rule.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "benchmarks_adapter/inference.hpp"
#include "benchmarks_adapter/metrics/median.hpp"

namespace ratchet {
namespace {

class RatchetRule final : public DecisionRule {
  public:
    explicit RatchetRule(Rules rules) : rules_(std::move(rules)) {}

    void begin(SimulatedBench& bench) override {
        std::vector<Pair> pairs;
        bench.pause();
        CalibrationProgress progress;
        while (!progress.complete) {
            pairs.push_back(bench.pair(0, 0, static_cast<int>(pairs.size())));
            progress = calibrate(pairs, rules_.direction, rules_.scale);
        }
        calibration_ = progress.calibration;
    }

    Trial judge(SimulatedBench& bench, double champion_gain, double effect) override {
        rules_.seed = bench.random().next();
        const auto next_pair = [&](const std::vector<Pair>& before) {
            return bench.pair(champion_gain, champion_gain + effect, static_cast<int>(before.size()));
        };
        std::vector<Pair> search;
        Judgement judgement;
        while (judgement.next == Judgement::Next::sample) {
            search.push_back(next_pair(search));
            judgement = judge_search(search, calibration_, rules_);
        }
        std::vector<Pair> confirmation;
        if (judgement.next == Judgement::Next::confirm) {
            do {
                confirmation.push_back(next_pair(confirmation));
                judgement = judge_confirmation(search, confirmation, calibration_, rules_);
            } while (judgement.next == Judgement::Next::sample);
            ++rules_.test;
        }
        Trial trial;
        trial.decision = judgement.decision;
        trial.kept = judgement.decision.verdict == Verdict::kept;
        if (trial.kept) {
            trial.claimed = judgement.decision.effect;
            ++rules_.keeps;
        }
        trial.search_pairs = static_cast<int>(search.size());
        trial.confirmation_pairs = static_cast<int>(confirmation.size());
        return trial;
    }

    Interval total(SimulatedBench& bench, double champion_gain) override {
        std::vector<Pair> pairs;
        bench.pause();
        for (int i = 0; i < verification_pairs; ++i)
            pairs.push_back(bench.pair(0, champion_gain, i));
        return estimate_effect(pairs, rules_);
    }

  private:
    Rules rules_;
    Calibration calibration_;
};

/// The best of a few runs against the best value ever seen.
class BestValueRule : public DecisionRule {
  public:
    explicit BestValueRule(int runs) : runs_(runs) {}

    void begin(SimulatedBench& bench) override {
        base_ = best_run(bench, 0);
        best_ = base_;
    }
    Trial judge(SimulatedBench& bench, double champion_gain, double effect) override {
        bench.pause();
        const double value = best_run(bench, champion_gain + effect);
        Trial trial;
        if (value < best_) {
            const double gain = std::log(best_ / value);
            trial.kept = true;
            trial.claimed = Interval{gain, gain, gain};
            best_ = value;
        }
        return trial;
    }
    Interval total(SimulatedBench&, double) override {
        const double gain = std::log(base_ / best_);
        return {gain, gain, gain};
    }

  private:
    [[nodiscard]] double best_run(SimulatedBench& bench, double gain) const {
        double best = bench.run(gain);
        for (int i = 1; i < runs_; ++i)
            best = std::min(best, bench.run(gain));
        return best;
    }

    int runs_;
    double base_ = 0;
    double best_ = 0;
};

/// How many standard deviations the rank sum of `lower` lies below what equal samples would have (Mann &
/// Whitney 1947; normal approximation, ties counted half).
double mann_whitney_z(const std::vector<double>& lower, const std::vector<double>& higher) {
    double wins = 0;
    for (const double a : lower) {
        for (const double b : higher)
            wins += a < b ? 1 : a == b ? 0.5 : 0;
    }
    const auto n = static_cast<double>(lower.size());
    const auto m = static_cast<double>(higher.size());
    return (wins - n * m / 2) / std::sqrt(n * m * (n + m + 1) / 12);
}

class MannWhitneyRule final : public DecisionRule {
  public:
    void begin(SimulatedBench&) override {}
    Trial judge(SimulatedBench& bench, double champion_gain, double effect) override {
        constexpr int pairs = 30;
        constexpr double two_sided_5_percent = 1.959964;
        std::vector<double> champion;
        std::vector<double> candidate;
        bench.pause();
        for (int i = 0; i < pairs; ++i) {
            const Pair pair = bench.pair(champion_gain, champion_gain + effect, i);
            champion.push_back(pair.champion.value);
            candidate.push_back(pair.candidate.value);
        }
        Trial trial;
        trial.search_pairs = pairs;
        trial.kept = mann_whitney_z(candidate, champion) > two_sided_5_percent;
        if (trial.kept) {
            const double gain = std::log(median(champion) / median(candidate));
            trial.claimed = Interval{gain, gain, gain};
            total_ += gain;
        }
        return trial;
    }
    Interval total(SimulatedBench&, double) override { return {total_, total_, total_}; }

  private:
    double total_ = 0;
};

}  // namespace

double SimulatedBench::run(double gain) {
    const double seconds = noise_->run(random_) * std::exp(-gain);
    ++runs_;
    seconds_ += seconds;
    return seconds;
}

Pair SimulatedBench::pair(double champion_gain, double candidate_gain, int index) {
    Pair pair;
    pair.index = index;
    pair.candidate_first = (random_.next() >> 63U) == 1;
    Sample& first = pair.candidate_first ? pair.candidate : pair.champion;
    Sample& second = pair.candidate_first ? pair.champion : pair.candidate;
    first.value = run(pair.candidate_first ? candidate_gain : champion_gain);
    second.value = run(pair.candidate_first ? champion_gain : candidate_gain);
    for (Sample* sample : {&first, &second})
        sample->figures.wall_seconds = sample->value;
    return pair;
}

const std::vector<RuleKind>& rule_kinds() {
    static const std::vector<RuleKind> kinds = {
        {"ratchet", "the judge of this program, and a verification in the morning",
         [](const Rules& rules) -> std::unique_ptr<DecisionRule> {
             return std::make_unique<RatchetRule>(rules);
         }},
        {"one-run", "one run, kept if it is the best so far",
         [](const Rules&) -> std::unique_ptr<DecisionRule> { return std::make_unique<BestValueRule>(1); }},
        {"best-of-3", "the best of three runs, kept if it is the best so far",
         [](const Rules&) -> std::unique_ptr<DecisionRule> { return std::make_unique<BestValueRule>(3); }},
        {"mann-whitney", "30 runs a side in random order, kept if better at p < 0.05, two-sided",
         [](const Rules&) -> std::unique_ptr<DecisionRule> { return std::make_unique<MannWhitneyRule>(); }}};
    return kinds;
}

}  // namespace ratchet
