#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks_adapter/judge.hpp"
#include "benchmarks_adapter/simulation/noise.hpp"

// Ways to decide what is kept, run against a simulated machine: ratchet's own judge, unchanged, and the rules
// that people use instead.

namespace ratchet {

/// A machine that runs programs whose true gain is known, and counts what that costs.
class SimulatedBench {
  public:
    SimulatedBench(const NoiseModel& noise, std::uint64_t seed) : noise_(noise()), random_(seed) {}

    void pause() { noise_->pause(random_); }
    /// The seconds of one run of a program that is e to the power of `gain` times as fast as the base.
    double run(double gain);
    /// Both sides back to back, in the order of a fair coin.
    Pair pair(double champion_gain, double candidate_gain, int index);

    [[nodiscard]] std::int64_t runs() const { return runs_; }
    [[nodiscard]] double seconds() const { return seconds_; }
    RandomNumbers& random() { return random_; }

  private:
    std::unique_ptr<Noise> noise_;
    RandomNumbers random_;
    std::int64_t runs_ = 0;
    double seconds_ = 0;
};

/// What a rule said of one candidate.
struct Trial {
    bool kept = false;
    Decision decision;                ///< of ratchet's judge
    std::optional<Interval> claimed;  ///< the gain that is reported of a kept one, ln
    int search_pairs = 0;             ///< of rules that take pairs
    int confirmation_pairs = 0;
};

/// A way to decide, with what it remembers of the night.
class DecisionRule {
  public:
    virtual ~DecisionRule() = default;
    /// Before the first candidate: the base is measured, as the rule needs it.
    virtual void begin(SimulatedBench& bench) = 0;
    /// A candidate whose true gain over the champion is `effect`.
    virtual Trial judge(SimulatedBench& bench, double champion_gain, double effect) = 0;
    /// What is reported in the morning of the champion over the base; ln. Rules without an interval report a
    /// point.
    virtual Interval total(SimulatedBench& bench, double champion_gain) = 0;
};

/// How to make a rule for a night of so many experiments.
struct RuleKind {
    std::string_view name;
    std::string_view description;
    std::unique_ptr<DecisionRule> (*make)(const Rules& rules);
};

/// ratchet; one-run (one run, kept if it is better than the best so far); best-of-3 (the best of three runs
/// against the best so far); mann-whitney (30 runs a side, interleaved at random, kept if better with a
/// two-sided p < 0.05).
const std::vector<RuleKind>& rule_kinds();

}  // namespace ratchet
