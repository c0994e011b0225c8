// What a decision of the judge costs and how often it is wrong, by simulation with the judge itself:
// pairs to a decision for known effects, then whole nights on normal and on recorded noise.
//
//   decision_cost [NIGHTS] [FOLDER WITH THE TRACES]

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "benchmarks_adapter/inference.hpp"
#include "benchmarks_adapter/judge.hpp"
#include "benchmarks_adapter/random_numbers.hpp"

namespace ratchet {
namespace {

/// One after the other, the durations of runs of one and the same program.
class Machine {
  public:
    virtual ~Machine() = default;
    /// Some time passes: a build, a proposer.
    virtual void pause(RandomNumbers& random) = 0;
    virtual double run(RandomNumbers& random) = 0;
};

class NormalMachine : public Machine {
  public:
    NormalMachine(double deviation, double seconds) : deviation_(deviation), seconds_(seconds) {}
    void pause(RandomNumbers&) override {}
    double run(RandomNumbers& random) override { return seconds_ * std::exp(deviation_ * random.normal()); }

  private:
    double deviation_;  ///< of ln of one run
    double seconds_;
};

/// A recorded trace, read on from a random place after each pause.
class RecordedMachine : public Machine {
  public:
    explicit RecordedMachine(const std::string& file) {
        std::ifstream in(file);
        std::string line;
        std::getline(in, line);
        while (std::getline(in, line)) {
            // t,cmd,wall,...: wall milliseconds stand in the third column.
            const std::size_t start = line.find(',', line.find(',') + 1) + 1;
            double wall = 0;
            std::from_chars(line.data() + start, line.data() + line.size(), wall);
            seconds_.push_back(wall / 1000);
        }
        if (seconds_.empty()) throw std::runtime_error("no trace in " + file);
    }
    void pause(RandomNumbers& random) override { place_ = random.next() % seconds_.size(); }
    double run(RandomNumbers&) override { return seconds_[place_++ % seconds_.size()]; }

  private:
    std::vector<double> seconds_;
    std::size_t place_ = 0;
};

Pair take_pair(Machine& machine, double effect, int index, RandomNumbers& random) {
    Pair pair;
    pair.index = index;
    pair.candidate_first = (random.next() >> 63U) == 1;
    const double first = machine.run(random);
    const double second = machine.run(random);
    pair.candidate.value = (pair.candidate_first ? first : second) * std::exp(-effect);
    pair.champion.value = pair.candidate_first ? second : first;
    for (Sample* sample : {&pair.champion, &pair.candidate})
        sample->figures.wall_seconds = sample->value;
    return pair;
}

Calibration calibrate_on(Machine& machine, RandomNumbers& random) {
    std::vector<Pair> pairs;
    machine.pause(random);
    while (true) {
        pairs.push_back(take_pair(machine, 0, static_cast<int>(pairs.size()), random));
        const CalibrationProgress progress = calibrate(pairs, Direction::lower, Scale::ratio);
        if (progress.complete) return progress.calibration;
    }
}

struct Outcome {
    Decision decision;
    int search_pairs = 0;
    bool confirmed = false;  ///< the search asked for a confirmation
};

Outcome run_experiment(Machine& machine, double effect, const Calibration& calibration, const Rules& rules,
                       RandomNumbers& random) {
    std::vector<Pair> search;
    machine.pause(random);
    Judgement judgement;
    while (judgement.next == Judgement::Next::sample) {
        search.push_back(take_pair(machine, effect, static_cast<int>(search.size()), random));
        judgement = judge_search(search, calibration, rules);
    }
    Outcome outcome{judgement.decision, static_cast<int>(search.size()), false};
    if (judgement.next == Judgement::Next::decided) return outcome;
    outcome.confirmed = true;
    std::vector<Pair> confirmation;
    do {
        confirmation.push_back(take_pair(machine, effect, static_cast<int>(confirmation.size()), random));
        judgement = judge_confirmation(search, confirmation, calibration, rules);
    } while (judgement.next == Judgement::Next::sample);
    outcome.decision = judgement.decision;
    return outcome;
}

void print_pairs_to_decision(const std::string& name, double run_seconds, int experiments) {
    for (const double effect : {0.10, -0.10, 0.0}) {
        RandomNumbers random(7);
        NormalMachine machine(0.01, run_seconds);
        double pairs = 0;
        int right = 0;
        for (int i = 0; i < experiments; ++i) {
            const Calibration calibration = calibrate_on(machine, random);
            Rules rules;
            rules.seed = random.next();
            const Outcome outcome = run_experiment(machine, effect, calibration, rules, random);
            pairs += outcome.search_pairs;
            const Verdict wanted = effect > 0   ? Verdict::kept
                                   : effect < 0 ? Verdict::regressed
                                                : Verdict::no_gain;
            if (outcome.decision.verdict == wanted) ++right;
        }
        fmt::print("{:<11} effect {:+5.1f} %: {:6.2f} pairs to a decision, {:5.1f} % decided {}\n", name,
                   100 * effect, pairs / experiments, 100.0 * right / experiments,
                   effect > 0   ? "kept"
                   : effect < 0 ? "regressed"
                                : "no-gain");
    }
}

struct Prior {
    std::string name;
    int experiments;
    std::function<double(RandomNumbers&)> draw;  ///< a true effect
};

std::vector<Prior> priors() {
    const auto mostly_worse = [](RandomNumbers& random) {
        const double kind = random.uniform();
        const double size = std::abs(random.normal());
        return kind < 0.45 ? 0.0 : kind < 0.85 ? -0.03 * size : 0.02 * size;
    };
    const auto mostly_nothing = [](RandomNumbers& random) {
        const double kind = random.uniform();
        const double size = 0.01 + 0.03 * random.uniform();
        return kind < 0.75 ? 0.0 : kind < 0.90 ? -size : size;
    };
    return {{"120: 45 % nothing, 40 % losses |N(0, 3 %)|, 15 % gains |N(0, 2 %)|", 120, mostly_worse},
            {"200: 75 % nothing, 15 % losses, 10 % gains of 1 to 4 %", 200, mostly_nothing},
            {"200: nothing at all", 200, [](RandomNumbers&) { return 0.0; }}};
}

struct Tally {
    double experiments = 0, keeps = 0, false_keeps = 0, gains = 0, unconfirmed = 0, held = 0;
    double pairs = 0, claimed = 0, truth = 0, possible = 0;
};

Tally simulate_nights(Machine& machine, const Prior& prior, int nights, std::uint64_t seed) {
    Tally tally;
    for (int night = 0; night < nights; ++night) {
        RandomNumbers random(scrambled(seed + static_cast<std::uint64_t>(night)));
        const Calibration calibration = calibrate_on(machine, random);
        Rules rules;
        rules.budgeted = prior.experiments;
        for (int t = 1; t <= prior.experiments; ++t) {
            rules.measured_index = t;
            rules.seed = random.next();
            const double effect = prior.draw(random);
            const Outcome outcome = run_experiment(machine, effect, calibration, rules, random);
            tally.experiments += 1;
            tally.pairs += outcome.confirmed ? outcome.decision.pairs : outcome.search_pairs;
            tally.possible += std::max(effect, 0.0);
            if (effect >= rules.min_effect) tally.gains += 1;
            if (outcome.decision.verdict == Verdict::kept) {
                const Interval& interval = *outcome.decision.effect;
                ++rules.keeps;
                tally.keeps += 1;
                if (effect <= 0) tally.false_keeps += 1;
                if (interval.low <= effect && effect <= interval.high) tally.held += 1;
                tally.claimed += interval.estimate;
                tally.truth += effect;
            } else if (outcome.confirmed) {
                tally.unconfirmed += 1;
            }
        }
    }
    return tally;
}

void print_nights(const std::string& name, Machine& machine, int nights) {
    for (const Prior& prior : priors()) {
        const Tally tally = simulate_nights(machine, prior, nights, 11);
        const double n = nights;
        fmt::print("{:<11} {}\n", name, prior.name);
        fmt::print(
            "    a night: {:.2f} keeps ({:.1f} gains of 0.5 % and more), {:.2f} false, {:.2f} not confirmed; "
            "false keeps {:.2f} % of {:.0f} keeps\n",
            tally.keeps / n, tally.gains / n, tally.false_keeps / n, tally.unconfirmed / n,
            100 * tally.false_keeps / std::max(tally.keeps, 1.0), tally.keeps);
        fmt::print(
            "    gain claimed {:.2f} %, true {:.2f} %, possible {:.2f} %; intervals hold {:.1f} %; "
            "{:.1f} runs an experiment\n",
            100 * std::expm1(tally.claimed / n), 100 * std::expm1(tally.truth / n),
            100 * std::expm1(tally.possible / n), 100 * tally.held / std::max(tally.keeps, 1.0),
            2 * tally.pairs / tally.experiments);
    }
}

int run(int nights, const std::string& folder) {
    fmt::print(
        "1 % noise (standard deviation of ln of one run), 20 calibration pairs, budget of 200 experiments, "
        "the first one\n");
    print_pairs_to_decision("robust", 0.05, 20 * nights);
    print_pairs_to_decision("calibrated", 15, 20 * nights);
    fmt::print("\n{} nights of each kind; rows: noise, prior of true effects\n", nights);
    for (const double deviation : {0.01, 0.02, 0.05}) {
        NormalMachine machine(deviation, 0.05);
        print_nights(fmt::format("normal {:.0f} %", 100 * deviation), machine, nights);
    }
    NormalMachine slow(0.01, 15);
    print_nights("calibrated", slow, nights);
    for (const std::string trace : {"quiet", "contended"}) {
        RecordedMachine machine(folder + "/" + trace + ".csv");
        print_nights(trace, machine, nights);
    }
    return 0;
}

}  // namespace
}  // namespace ratchet

int main(int argc, char** argv) {
    const int nights = argc > 1 ? std::max(1, std::atoi(argv[1])) : 20;
    return ratchet::run(nights, argc > 2 ? argv[2] : RATCHET_TEST_DATA "/noise");
}
