#include "orchestrator/campaign_loop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "orchestrator/proposers/given.hpp"

namespace ratchet {
namespace {

// A proposer that fails this often in a row will not mend itself before the morning.
constexpr int most_failures_in_a_row = 5;

}  // namespace

CampaignLoop::CampaignLoop(ExperimentSteps& steps, const Campaign& campaign, const Ledger& ledger,
                           const TimeBudget& time, const StopSignal& stop)
    : steps_(steps),
      campaign_(campaign),
      ledger_(ledger),
      time_(time),
      stop_(stop),
      before_this_run_{ledger.experiment_count()} {}

bool CampaignLoop::live(Experiment experiment, Proposer& proposer) {
    while (true) {
        if (experiment.stage < Stage::proposed && !steps_.ask(experiment, proposer)) return false;
        if (experiment.stage < Stage::captured) steps_.capture(experiment);
        std::optional<Decision> end = steps_.admit(experiment);
        if (!end) end = steps_.evaluate(experiment);
        if (!end) return false;
        if (steps_.record(experiment, *end)) return true;
        steps_.rebase(experiment);  // the champion changed meanwhile: once more, against the new one
    }
}

LoopEnd CampaignLoop::run(Proposer& proposer) {
    using Kind = LoopEnd::Kind;
    LoopEnd stopped{Kind::stopped, "stopped by the user"};
    if (!finish_unfinished(proposer)) return stopped;
    for (bool sound = false; !stop_.requested();) {
        if (std::string reason = spent(campaign_.budget, time_, ledger_); !reason.empty())
            return {Kind::done, reason};
        if (proposals_keep_failing()) {
            return {Kind::could_not,
                    fmt::format("the last {} proposals came to nothing: {}", most_failures_in_a_row,
                                last_of_this_run(1).front().decision->reason)};
        }
        if (const auto displaced = steps_.displaced()) {
            GivenProposer again(displaced->proposal->diff, displaced->proposal->notes.hypothesis,
                                displaced->candidate);
            if (!live(steps_.plan_given(std::string(again_proposer)), again)) return stopped;
            continue;
        }
        if (!sound) {
            // Before anybody is asked and paid: a base that does not build or pass its gates can measure
            // nothing, and a benchmark that does not see a sabotage sees no gain.
            steps_.require_sound();
            steps_.require_canary();
            sound = true;
            continue;
        }
        if (proposer.exhausted()) return {Kind::done, "the proposer has nothing left to propose"};
        if (!live(steps_.plan(), proposer)) return stopped;
    }
    return stopped;
}

bool CampaignLoop::finish_unfinished(Proposer& proposer) {
    for (Experiment& unfinished : ledger_.unfinished()) {
        const std::string& source = unfinished.brief.proposer;
        const bool given = source == try_proposer || source == again_proposer;
        if (given && unfinished.stage < Stage::proposed) {
            steps_.abandon(unfinished, "killed before the change that was given was stored");
        } else if (!live(std::move(unfinished), proposer)) {
            return false;
        }
    }
    return true;
}

std::vector<Summary> CampaignLoop::last_of_this_run(int count) const {
    SummaryQuery query;
    query.after = before_this_run_;
    query.limit = count;
    return ledger_.summaries(query);
}

bool CampaignLoop::proposals_keep_failing() const {
    const auto last = last_of_this_run(most_failures_in_a_row);
    return last.size() == most_failures_in_a_row &&
           std::all_of(last.begin(), last.end(), [](const Summary& summary) {
               return summary.decision && (summary.decision->verdict == Verdict::no_proposal ||
                                           summary.decision->rejection == Rejection::empty);
           });
}

}  // namespace ratchet
