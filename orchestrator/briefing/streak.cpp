#include "orchestrator/briefing/streak.hpp"

namespace ratchet {
namespace {

/// Empty for what is no failure.
std::string kind_of(Verdict verdict, const std::optional<Rejection>& rejection) {
    switch (verdict) {
        case Verdict::no_proposal:
            return "nothing";
        case Verdict::rejected:
            if (rejection == Rejection::empty) return "nothing";
            return std::string(name_of(verdict)) + "/" + std::string(name_of(*rejection));
        case Verdict::build_failed:
        case Verdict::gate_failed:
        case Verdict::benchmark_failed:
        case Verdict::timed_out:
            return std::string(name_of(verdict));
        default:
            return {};
    }
}

/// Takes the next older one into the streak; false where that ends before it.
bool goes_on(Streak& streak, const std::string& kind, const std::string& reason) {
    if (kind.empty() || (streak.length > 0 && kind != streak.kind)) return false;
    if (streak.length++ == 0) streak.reason = reason;
    streak.kind = kind;
    return true;
}

}  // namespace

Streak failure_streak(const Ledger& ledger, int most, std::optional<ExperimentId> after) {
    SummaryQuery query;
    query.limit = most;
    query.after = after;
    Streak streak;
    for (const Summary& experiment : ledger.summaries(query)) {
        if (!experiment.decision) continue;  // in flight
        const Decision& decision = *experiment.decision;
        if (!goes_on(streak, kind_of(decision.verdict, decision.rejection), decision.reason)) break;
    }
    return streak;
}

Streak failure_streak(const std::vector<FinishedExperiment>& newest_first, std::string_view proposer,
                      int most, ExperimentId after) {
    Streak streak;
    for (const FinishedExperiment& outcome : newest_first) {
        if (outcome.id <= after || streak.length == most) break;
        if (outcome.proposer != proposer) continue;
        if (!goes_on(streak, kind_of(outcome.verdict, outcome.rejection), outcome.reason)) break;
    }
    return streak;
}

}  // namespace ratchet
