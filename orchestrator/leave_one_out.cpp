#include "orchestrator/leave_one_out.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {

StepWorth worth_of(const Interval& effect, double least) {
    if (effect.low > 0) return StepWorth::carries;
    return effect.high < least ? StepWorth::not_any_more : StepWorth::undecided;
}

std::vector<ExperimentId> steps_of_champion(const Ledger& ledger) {
    std::vector<ExperimentId> steps;
    for (const Champion& champion : ledger.lineage()) {
        if (champion.experiment) steps.push_back(*champion.experiment);
    }
    return steps;
}

std::vector<ExperimentId> steps_to_leave_out(const Ledger& ledger, const std::string& host) {
    std::vector<ExperimentId> steps = steps_of_champion(ledger);
    std::map<ExperimentId, int> times;
    for (const ExperimentId step : steps)
        times[step] = 0;
    for (const LeaveOneOut& left_out : ledger.leave_one_out(ledger.champion().commit)) {
        if (left_out.host == host && times.contains(left_out.experiment)) ++times[left_out.experiment];
    }
    int rounds = 0;
    for (const auto& [step, count] : times)
        rounds = std::max(rounds, count);
    const bool complete =
        std::all_of(times.begin(), times.end(), [&](const auto& each) { return each.second == rounds; });
    if (!complete) std::erase_if(steps, [&](ExperimentId step) { return times[step] == rounds; });
    return steps;
}

std::vector<LeaveOneOut> steps_left_out(const Ledger& ledger) {
    std::map<ExperimentId, LeaveOneOut> newest;
    for (LeaveOneOut& left_out : ledger.leave_one_out(ledger.champion().commit))
        newest[left_out.experiment] = std::move(left_out);
    if (newest.empty()) return {};  // without walking along the lineage
    std::vector<LeaveOneOut> found;
    for (const ExperimentId step : steps_of_champion(ledger)) {
        const auto known = newest.find(step);
        if (known != newest.end()) found.push_back(known->second);
    }
    return found;
}

std::string worth_text(const LeaveOneOut& left_out, Scale scale) {
    const std::string effect = left_out.effect ? interval_text(*left_out.effect, scale) : std::string();
    switch (left_out.worth) {
        case StepWorth::carries:
            return "carries " + effect;
        case StepWorth::not_any_more:
            return "no longer carries its weight: " + effect;
        case StepWorth::undecided:
            return "not decided: " + effect;
        case StepWorth::built_on:
            return "cannot be taken out: later steps build on it";
        case StepWorth::needed:
            return "cannot be taken out: without it " + one_line(left_out.reason);
    }
    return {};
}

}  // namespace ratchet
