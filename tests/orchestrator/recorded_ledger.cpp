#include "tests/orchestrator/recorded_ledger.hpp"

#include <fmt/core.h>

#include <array>

namespace ratchet {
namespace {

StageRun failed_run(const Told& told) {
    StageRun run;
    run.stage = told.verdict == Verdict::build_failed ? Stage::built : Stage::gated;
    run.name = told.verdict == Verdict::build_failed ? "build" : "unit tests";
    run.timed_out = told.verdict == Verdict::timed_out;
    run.exit_status = 2;
    run.figures.wall_seconds = 1.5;
    run.tail = told.output;
    run.log_file = "000001/gate.zst";
    return run;
}

Pair pair_of(int index, const CommitId& champion, const CommitId& candidate, double effect) {
    Pair pair;
    pair.index = index;
    pair.candidate_first = index % 2 == 1;
    pair.champion_commit = champion;
    pair.candidate_commit = candidate;
    pair.champion.value = 8;
    pair.candidate.value = 8 - 8 * effect;
    return pair;
}

/// A diff whose words are its own, so that its fingerprint is near no other.
std::string own_diff(std::int64_t number, const Told& told) {
    std::string diff = fmt::format("diff --git a/{0} b/{0}\n--- a/{0}\n+++ b/{0}\n@@ -1,3 +1,8 @@{1}{2}\n",
                                   told.file, told.functions.empty() ? "" : " in ", told.functions);
    for (std::uint64_t line = 0; line < 8; ++line) {
        diff += "+    ";
        for (std::uint64_t word = 0; word < 6; ++word) {
            const auto seed = static_cast<std::uint64_t>(number) * 48 + line * 6 + word;
            diff += 'w' + digits(seed * 0x9E3779B97F4A7C15ULL).substr(0, 9) + ' ';
        }
        diff += ";\n";
    }
    return diff;
}

bool reaches_measurement(Verdict verdict) {
    return verdict == Verdict::kept || verdict == Verdict::no_gain || verdict == Verdict::regressed ||
           verdict == Verdict::inconclusive || verdict == Verdict::constraint_violated ||
           verdict == Verdict::holdout_failed;
}

}  // namespace

std::string digits(std::uint64_t number) {
    std::uint64_t mixed = (number + 1) * 0xBF58476D1CE4E5B9ULL;
    mixed ^= mixed >> 31;
    return fmt::format("{:016x}{:016x}{:08x}", mixed, mixed * 0x94D049BB133111EBULL, mixed >> 32);
}

Campaign matmul_campaign() {
    Campaign campaign;
    campaign.name = "matmul";
    campaign.goal = "Make the multiplication faster. Results must stay within 1e-9 of the reference.";
    campaign.scope = {"src/**"};
    campaign.protect = {"tests/**", "bench/**"};
    campaign.build.command = "make -j2";
    Gate gate;
    gate.name = "unit tests";
    gate.command = "make check";
    campaign.gates = {gate};
    campaign.benchmark.command = "./bench/run";
    campaign.benchmark.metric = "time_ms";
    campaign.benchmark.unit = "ms";
    campaign.constraints = {{"peak_memory", 0.05}};
    Benchmark holdout;
    holdout.command = "./bench/secret-holdout";
    holdout.metric = "secret_time_ms";
    campaign.holdout = holdout;
    campaign.proposer.use = "command";
    campaign.budget.experiments = 200;
    campaign.budget.plateau = 40;
    return campaign;
}

RecordedLedger::RecordedLedger()
    : campaign_(matmul_campaign()), ledger_(std::make_unique<Ledger>(":memory:", clock_)) {
    CampaignIdentity identity;
    identity.name = campaign_.name;
    identity.metric = campaign_.benchmark.metric;
    identity.unit = campaign_.benchmark.unit;
    identity.base = CommitId{digits(1'000'000)};
    identity.goal = campaign_.goal;
    ledger_->found(identity);
    ledger_->begin_epoch("harness", "", identity.base);
}

ExperimentId RecordedLedger::begin() {
    Brief brief;
    brief.parent = ledger_->champion().commit;
    brief.proposer = campaign_.proposer.use;
    return ledger_->begin(brief, "the prompt of old");
}

ExperimentId RecordedLedger::record(const Told& told) {
    Brief brief;
    const CommitId champion = ledger_->champion().commit;
    brief.parent = told.parent.empty() ? champion : told.parent;
    brief.proposer = campaign_.proposer.use;
    if (!told.proposer.empty()) brief.proposer = told.proposer;
    brief.move = told.move;
    brief.focus = told.focus;
    brief.repair_of = told.repair_of;
    const ExperimentId id = ledger_->begin(brief, "the prompt of old");
    Proposal proposal;
    proposal.notes.hypothesis = told.idea;
    proposal.notes.next_ideas = told.next_ideas;
    proposal.notes.learned = told.learned;
    proposal.usage = told.usage;
    proposal.model = told.model;
    proposal.model_requests = told.model_requests;
    if (told.verdict == Verdict::no_proposal) proposal.failure = "the agent timed out";
    if (told.verdict != Verdict::no_proposal) {
        proposal.diff = told.diff.empty() ? own_diff(id.value, told) : told.diff;
        proposal.files = {{told.file, 8, 3}};
        proposal.patch_id = digits(static_cast<std::uint64_t>(id.value) + 3'000'000);
    }
    ledger_->store_proposal(id, proposal);
    const CommitId candidate{digits(static_cast<std::uint64_t>(id.value))};
    Decision decision;
    decision.verdict = told.verdict;
    decision.reason = told.reason;
    if (told.verdict == Verdict::rejected)
        decision.rejection = told.rejection.value_or(Rejection::out_of_scope);
    if (told.effect) {
        decision.effect =
            Interval{*told.effect - told.half_width, *told.effect, *told.effect + told.half_width};
    }
    if (told.verdict != Verdict::no_proposal && told.verdict != Verdict::rejected) {
        ledger_->captured(id, candidate, TreeId{digits(static_cast<std::uint64_t>(id.value) + 5'000'000)});
        ledger_->advance(id, Stage::admitted);
    }
    if (reaches_measurement(told.verdict)) {
        StageRun build;
        build.name = "build";
        build.succeeded = true;
        build.figures.wall_seconds = 2.5;
        ledger_->advance(id, Stage::built, {build});
        ledger_->advance(id, Stage::gated);
        for (int index = 0; index < 3; ++index) {
            ledger_->add_pair(id, pair_of(index, champion, candidate, told.effect.value_or(0)));
        }
        decision.basis = told.basis;
        decision.pairs = 3;
    } else if (!told.output.empty()) {
        const StageRun run = failed_run(told);
        ledger_->advance(id, run.stage == Stage::built ? Stage::admitted : Stage::built, {run});
    }
    ledger_->finish(id, decision, champion);
    return id;
}

void record_a_night(RecordedLedger& recorded) {
    recorded.record(
        {.verdict = Verdict::build_failed,
         .idea = "Use a SIMD intrinsic in the inner loop",
         .reason = "build: exit status 2",
         .output = "src/matmul.cpp:31: error: '_mm256_fmadd_pd' was not declared\nmake: *** Error 1\n",
         .functions = "multiply"});
    recorded.record({.verdict = Verdict::kept,
                     .idea = "Swap the loops so that the inner one walks along rows",
                     .effect = 0.9,
                     .reason = "better, confirmed on fresh pairs",
                     .next_ideas = {"Block the loops for the cache", "Transpose b once"},
                     .functions = "multiply"});
    recorded.record({.verdict = Verdict::gate_failed,
                     .idea = "Multiply in single precision",
                     .reason = "gate unit tests: exit status 2",
                     .output = "matmul_test: differs by 1e-6 from the reference\n",
                     .functions = "Matrix::Matrix"});
    recorded.record({.verdict = Verdict::no_gain,
                     .idea = "Mark the pointers as restrict",
                     .effect = 0.002,
                     .reason = "gains less than 0.5%",
                     .functions = "multiply"});
    recorded.record({.verdict = Verdict::inconclusive,
                     .idea = "Prefetch the next row",
                     .file = "src/prefetch.cpp",
                     .effect = 0.008,
                     .reason = "40 pairs without evidence either way"});
    recorded.record({.verdict = Verdict::regressed,
                     .idea = "Transpose b once",
                     .effect = -0.12,
                     .reason = "worse: the copy costs more than it saves",
                     .functions = "multiply, transposed"});
    recorded.record({.verdict = Verdict::kept,
                     .idea = "Block the loops for the cache",
                     .effect = 0.35,
                     .reason = "better, confirmed on fresh pairs",
                     .functions = "multiply"});
    recorded.record({.verdict = Verdict::no_proposal, .reason = "the agent timed out"});
    recorded.record({.verdict = Verdict::kept,
                     .idea = "Cache the product of the last call",
                     .effect = 0.2,
                     .reason = "better, confirmed on fresh pairs"});
    recorded.ledger().veto(ExperimentId{9}, "it only serves the benchmark, which multiplies the same twice");
    recorded.record({.verdict = Verdict::rejected,
                     .idea = "Relax the tolerance of the test",
                     .file = "tests/matmul_test.cpp",
                     .reason = "tests/matmul_test.cpp is out of scope"});
    recorded.record({.verdict = Verdict::gate_failed,
                     .idea = "Multiply in single precision!",
                     .reason = "gate unit tests: exit status 2",
                     .output = "matmul_test: differs by 2e-6 from the reference\n",
                     .functions = "Matrix::Matrix"});
    recorded.record({.verdict = Verdict::timed_out,
                     .idea = "Strassen's recursion down to single elements",
                     .reason = "gate unit tests: over 10m",
                     .next_ideas = {"Strassen, but only above 256"}});
    recorded.ledger().add_note("Portable code only: it must build on ARM as well.");
}

void record_many(RecordedLedger& recorded, int count) {
    static constexpr std::array<const char*, 10> things = {
        "inner loop",  "row buffer", "block size",   "prefetch distance", "output layout",
        "accumulator", "edge case",  "thread count", "memory alignment",  "transposed copy"};
    static constexpr std::array<const char*, 7> deeds = {"Unroll",  "Widen",  "Hoist", "Split",
                                                         "Reverse", "Shrink", "Remove"};
    for (int number = 1; number <= count; ++number) {
        const auto at = static_cast<std::size_t>(number);
        Told told;
        told.idea = fmt::format("{} the {} in step {}", deeds.at(at % 7), things.at(at % 10), number % 90);
        told.file = fmt::format("src/part_{}.cpp", number % 23);
        told.functions = fmt::format("step_{}", number % 3);
        if (number % 37 == 0) {
            told.verdict = Verdict::kept;
            told.effect = 0.02 + 0.001 * (number % 5);
            told.reason = "better, confirmed on fresh pairs";
            told.next_ideas = {fmt::format("What #{} did, in the other loop", number)};
        } else if (number % 5 == 0) {
            told.verdict = Verdict::gate_failed;
            told.reason = "gate unit tests: exit status 2";
            told.output = fmt::format("test {} failed: expected 1, got 0\n", number % 4);
        } else if (number % 11 == 0) {
            told.verdict = Verdict::inconclusive;
            told.effect = 0.004;
            told.reason = "40 pairs without evidence either way";
        } else {
            told.effect = -0.001 * (number % 9);
            told.reason = "gains less than 0.5%";
        }
        recorded.record(told);
    }
}

}  // namespace ratchet
