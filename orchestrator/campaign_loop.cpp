#include "orchestrator/campaign_loop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "experiment_store/errors.hpp"
#include "orchestrator/proposers/given.hpp"

namespace ratchet {
namespace {

// Once is an accident (somebody tidied up the machine); three times about the same experiment is none.
constexpr int most_losses_in_a_row = 3;
// Somebody who tidies up with `git gc --prune=now` again and again should hear of it some time.
constexpr int most_losses = 100;

}  // namespace

CampaignLoop::CampaignLoop(ExperimentSteps& steps, const Campaign& campaign, const Ledger& ledger,
                           const TimeBudget& time, const StopSignal& stop)
    : steps_(steps),
      campaign_(campaign),
      ledger_(ledger),
      time_(time),
      stop_(stop),
      before_this_run_{ledger.experiment_count()},
      turns_(campaign, ledger, before_this_run_) {}

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

LoopEnd CampaignLoop::run(const Proposers& proposers) {
    for (int losses = 0;;) {
        try {
            LoopEnd end = go_on(proposers);
            steps_.restore_lost(before_this_run_);
            return end;
        } catch (const SandboxLost& loss) {
            after_a_loss(loss);
        } catch (const MachineryError&) {
            // As after a kill: the ledger says where everything stands.
            if (losses++ == most_losses || !steps_.restore_lost(before_this_run_)) throw;
        }
    }
}

void CampaignLoop::after_a_loss(const SandboxLost& loss) {
    std::vector<Experiment> unfinished = ledger_.unfinished();
    const ExperimentId about = unfinished.empty() ? ExperimentId{} : unfinished.front().brief.id;
    losses_in_a_row_ = about == lost_about_ ? losses_in_a_row_ + 1 : 1;
    lost_about_ = about;
    steps_.tell_of_a_loss(loss);
    if (losses_in_a_row_ < most_losses_in_a_row) return;
    if (unfinished.empty()) throw loss;
    // Whatever it is that kills them each time, it must not end the night.
    steps_.abandon(unfinished.front(),
                   fmt::format("{}, {} times in a row", loss.what(), most_losses_in_a_row));
}

LoopEnd CampaignLoop::go_on(const Proposers& proposers) {
    using Kind = LoopEnd::Kind;
    LoopEnd stopped{Kind::stopped, "stopped by the user"};
    steps_.project_champion();  // what broke off the last time may have been just that
    if (!finish_unfinished(proposers)) return stopped;
    for (bool sound = false; !stop_.requested();) {
        steps_.require_room();
        if (std::string reason = spent(campaign_, time_, ledger_); !reason.empty())
            return {Kind::done, reason};
        if (const auto displaced = steps_.displaced()) {
            GivenProposer again(displaced->proposal->diff, displaced->proposal->notes.hypothesis,
                                displaced->candidate);
            // What was kept for being simpler is judged as that again.
            const bool simpler = displaced->decision->basis == Basis::not_worse;
            const Move move = simpler ? Move::simplify : Move::explore;
            if (!live(steps_.plan_given(std::string(again_proposer), move), again)) return stopped;
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
        const Turn turn = turns_.next(proposers, std::chrono::steady_clock::now());
        if (!turn.end.empty()) return {turn.keeps_failing ? Kind::could_not : Kind::done, turn.end};
        if (turn.rest) {
            steps_.wait(*turn.rest, turn.rest_reason);
            continue;
        }
        Experiment experiment = steps_.plan(turn.passed_over);
        const std::string asked = experiment.brief.proposer;
        if (!live(std::move(experiment), proposers.of(asked))) return stopped;
        turns_.ended(asked, steps_.retry_after(), std::chrono::steady_clock::now());
    }
    return stopped;
}

bool CampaignLoop::finish_unfinished(const Proposers& proposers) {
    for (Experiment& unfinished : ledger_.unfinished()) {
        const std::string& source = unfinished.brief.proposer;
        const bool given = source == try_proposer || source == again_proposer;
        if (given && unfinished.stage < Stage::proposed) {
            steps_.abandon(unfinished, "killed before the change that was given was stored");
        } else if (!live(std::move(unfinished), proposers.of(source))) {
            return false;
        }
    }
    return true;
}

}  // namespace ratchet
