#include "orchestrator/briefing/streak.hpp"

namespace ratchet {
namespace {

/// Empty for what is no failure.
std::string kind_of(const Decision& decision) {
    switch (decision.verdict) {
        case Verdict::no_proposal:
            return "nothing";
        case Verdict::rejected:
            if (decision.rejection == Rejection::empty) return "nothing";
            return std::string(name_of(decision.verdict)) + "/" + std::string(name_of(*decision.rejection));
        case Verdict::build_failed:
        case Verdict::gate_failed:
        case Verdict::benchmark_failed:
        case Verdict::timed_out:
            return std::string(name_of(decision.verdict));
        default:
            return {};
    }
}

}  // namespace

Streak failure_streak(const Ledger& ledger, int most, std::optional<ExperimentId> after) {
    SummaryQuery query;
    query.limit = most;
    query.after = after;
    Streak streak;
    for (const Summary& experiment : ledger.summaries(query)) {
        if (!experiment.decision) continue;  // in flight
        const std::string kind = kind_of(*experiment.decision);
        if (kind.empty() || (streak.length > 0 && kind != streak.kind)) break;
        if (streak.length++ == 0) streak.reason = experiment.decision->reason;
        streak.kind = kind;
    }
    return streak;
}

}  // namespace ratchet
