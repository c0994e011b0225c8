#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tests/performance/made_ledger.hpp"

// What happens to each experiment of a made ledger.

namespace ratchet::performance {

namespace {

/// Of those that are not kept, in thousandths.
struct Frequency {
    Verdict verdict;
    int thousandths;
};
constexpr std::array<Frequency, 12> frequencies = {{{Verdict::no_gain, 400},
                                                    {Verdict::regressed, 150},
                                                    {Verdict::inconclusive, 85},
                                                    {Verdict::gate_failed, 130},
                                                    {Verdict::build_failed, 65},
                                                    {Verdict::benchmark_failed, 18},
                                                    {Verdict::timed_out, 12},
                                                    {Verdict::rejected, 90},
                                                    {Verdict::no_proposal, 36},
                                                    {Verdict::constraint_violated, 9},
                                                    {Verdict::holdout_failed, 3},
                                                    {Verdict::interrupted, 2}}};

constexpr std::size_t evaluated_remembered = 2000;
constexpr double champion_milliseconds = 120;

constexpr std::array<Move, 5> moves = {Move::explore, Move::exploit, Move::repair, Move::simplify,
                                       Move::combine};

bool is_measured(Verdict verdict) {
    return verdict == Verdict::kept || verdict == Verdict::no_gain || verdict == Verdict::regressed ||
           verdict == Verdict::inconclusive || verdict == Verdict::constraint_violated ||
           verdict == Verdict::holdout_failed;
}

RunFigures figures(Chance& chance, double seconds) {
    RunFigures figures;
    figures.wall_seconds = seconds;
    figures.user_seconds = 0.9 * seconds;
    figures.system_seconds = 0.05 * seconds;
    figures.peak_memory_bytes = 40'000'000 + chance.between(0, 1'000'000) * 4096LL / 1000;
    figures.involuntary_switches = chance.between(0, 40);
    figures.read_bytes = chance.between(0, 3) * 4096LL;
    figures.written_bytes = chance.between(0, 50) * 4096LL;
    figures.processes = chance.between(1, 9);
    figures.pressure_seconds = 0.001 * chance.share();
    figures.processor_khz = 2'400'000 + chance.between(0, 900'000);
    return figures;
}

StageRun run_of(Chance& chance, Stage stage, const char* name, std::int64_t number, bool succeeded) {
    StageRun run;
    run.stage = stage;
    run.name = name;
    run.succeeded = succeeded;
    run.exit_status = succeeded ? 0 : 1;
    run.figures = figures(chance, 2 + 5 * chance.share());
    run.tail = "ok\n";
    run.log_file = fmt::format("{}/{}.log.zst", log_folder_name({number}), name);
    return run;
}

}  // namespace

MadeExperiments::MadeExperiments(std::uint64_t seed) : texts_(seed), chance_(seed + 1) {}

Verdict MadeExperiments::verdict_of(std::int64_t number) {
    if (chance_.happens(1.2 * std::pow(static_cast<double>(number), -0.6))) return Verdict::kept;
    int left = chance_.between(0, 999);
    for (const auto& [verdict, thousandths] : frequencies) {
        left -= thousandths;
        if (left < 0) return verdict;
    }
    return Verdict::no_gain;
}

Sample MadeExperiments::sample(double value) {
    Sample sample;
    sample.value = value * std::exp(0.01 * chance_.normal());
    sample.metrics["peak_memory"] = 4e7 * (1 + 0.01 * chance_.share());
    sample.figures = figures(chance_, sample.value / 1000);
    return sample;
}

void MadeExperiments::measure(MadeExperiment& made, Verdict verdict, Timestamp now) {
    Decision& decision = made.decision;
    const bool better = verdict == Verdict::kept || verdict == Verdict::holdout_failed;
    double effect = 0.004 * chance_.normal();
    if (better) effect = 0.01 + 0.02 * chance_.share();
    if (verdict == Verdict::regressed) effect = -0.02 - std::abs(0.05 * chance_.normal());
    if (verdict == Verdict::inconclusive) effect = std::abs(0.006 * chance_.normal());
    const int pairs = verdict == Verdict::regressed ? chance_.between(5, 8) : chance_.between(6, 20);
    for (int index = 0; index < pairs; ++index) {
        Pair pair;
        const bool confirms = better && index >= pairs / 2;
        pair.phase = confirms ? Phase::confirmation : Phase::search;
        pair.index = confirms ? index - pairs / 2 : index;
        pair.candidate_first = chance_.happens(0.5);
        pair.champion_commit = made.brief.parent;
        pair.candidate_commit = made.candidate;
        pair.champion = sample(champion_milliseconds);
        pair.candidate = sample(champion_milliseconds * std::exp(-effect));
        pair.at = now;
        pair.pressure_before = 0.01 * chance_.share();
        made.pairs.push_back(std::move(pair));
    }
    const double half = 0.02 / std::sqrt(pairs);
    decision.basis = Basis::evidence;
    decision.effect = Interval{effect - half, effect, effect + half};
    decision.e_value = better ? 400 : chance_.share();
    decision.pairs = pairs;
    decision.reason = fmt::format("{} after {} pairs: {:+.2f}%", name_of(verdict), pairs, 100 * effect);
    made.last_stage = better ? Stage::confirmed : Stage::measured;
}

void MadeExperiments::fail(MadeExperiment& made, Verdict verdict) {
    const std::int64_t number = made.brief.id.value;
    const bool in_build = verdict == Verdict::build_failed;
    StageRun run = in_build ? run_of(chance_, Stage::built, "build", number, false)
                            : run_of(chance_, Stage::gated, "unit tests", number, false);
    if (verdict == Verdict::benchmark_failed) {
        run.stage = Stage::measured;
        run.name = "benchmark";
    }
    run.timed_out = verdict == Verdict::timed_out;
    run.tail = in_build ? texts_.build_output(chance_) : texts_.test_output(chance_);
    made.decision.reason = fmt::format("{} failed with exit status 1", run.name);
    made.last_stage = in_build ? Stage::admitted : Stage::built;
    if (in_build) made.runs.clear();
    if (verdict == Verdict::benchmark_failed) {
        made.runs.push_back(run_of(chance_, Stage::gated, "unit tests", number, true));
        made.last_stage = Stage::gated;
    }
    made.runs.push_back(std::move(run));
}

/// Most of those that are never run are what was tried before.
void MadeExperiments::reject(MadeExperiment& made) {
    Decision& decision = made.decision;
    if (evaluated_.empty() || !chance_.happens(0.6)) {
        decision.rejection = chance_.happens(0.5) ? Rejection::out_of_scope : Rejection::protected_path;
        decision.reason = fmt::format("it changes tests/{}", texts_.path(chance_));
        return;
    }
    const Evaluated& earlier = evaluated_[chance_.next() % evaluated_.size()];
    made.proposal.diff = earlier.change.diff;
    made.proposal.files = earlier.change.files;
    made.proposal.patch_id = earlier.change.patch_id;
    made.tree = earlier.tree;
    decision.rejection = Rejection::duplicate;
    decision.duplicate_of = earlier.id;
    decision.reason = fmt::format("the same change as #{}", earlier.id.value);
}

void MadeExperiments::run_it(MadeExperiment& made, Verdict verdict, Timestamp now) {
    made.runs.push_back(run_of(chance_, Stage::built, "build", made.brief.id.value, true));
    if (!is_measured(verdict)) return fail(made, verdict);
    made.runs.push_back(run_of(chance_, Stage::gated, "unit tests", made.brief.id.value, true));
    measure(made, verdict, now);
}

MadeExperiment MadeExperiments::next(std::int64_t last, const CommitId& champion, Timestamp now) {
    MadeExperiment made;
    made.brief.id = {last + 1};
    made.brief.parent = champion;
    made.brief.proposer = "command";
    made.brief.move = moves.at(chance_.skewed(moves.size()));
    if (chance_.happens(0.6)) made.brief.focus = texts_.path(chance_);
    made.brief.seed = chance_.next();
    const Verdict verdict = verdict_of(last + 1);
    made.decision.verdict = verdict;
    made.proposal.usage = {1, chance_.between(8'000, 60'000), chance_.between(500, 9'000),
                           0.01 + 0.2 * chance_.share(), 60 + 200 * chance_.share()};
    made.proposal.captured_at = now;
    if (verdict == Verdict::no_proposal) {
        made.proposal.failure = "it ended with exit status 1";
        made.decision.reason = made.proposal.failure;
        return made;
    }
    MadeChange change = texts_.change(chance_);
    made.proposal.notes = texts_.notes(chance_, change);
    made.proposal.diff = change.diff;
    made.proposal.files = change.files;
    made.proposal.patch_id = change.patch_id;
    made.candidate = {chance_.hexadecimal(40)};
    made.tree = {chance_.hexadecimal(40)};
    if (verdict == Verdict::rejected) {
        reject(made);
    } else if (verdict == Verdict::interrupted) {
        made.decision.reason = "abandoned by the user";
    } else {
        run_it(made, verdict, now);
        Evaluated evaluated{made.brief.id, made.tree, std::move(change)};
        if (evaluated_.size() < evaluated_remembered) {
            evaluated_.push_back(std::move(evaluated));
        } else {
            evaluated_[chance_.next() % evaluated_remembered] = std::move(evaluated);
        }
    }
    return made;
}

}  // namespace ratchet::performance
