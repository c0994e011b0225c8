#include "orchestrator/turns.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/backoff.hpp"
#include "orchestrator/briefing/streak.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/proposers/declared.hpp"
#include "orchestrator/spending.hpp"

namespace ratchet {
namespace {

// Patches or knobs that come to nothing so often in a row are at their end.
constexpr int most_failures_in_a_row = 5;

/// Why this proposer is not to be asked any more; empty: it is.
std::string what_keeps_failing(const ProposerSettings& proposer,
                               const std::vector<FinishedExperiment>& newest, ExperimentId after) {
    const bool asks = asks_somebody(proposer);
    const int most = asks ? streak_that_pauses : most_failures_in_a_row;
    const Streak streak = failure_streak(newest, name_of(proposer), most, after);
    if (streak.length < most) return {};
    if (streak.kind == "nothing")
        return fmt::format("the last {} proposals came to nothing: {}", most, streak.reason);
    // Patches and knobs cost nothing to go on with.
    if (!asks) return {};
    return fmt::format("the last {} experiments ended as {}: {}", most, streak.kind, streak.reason);
}

/// How it ends where several proposers ended each for its own reason.
std::string joined(const PassedOver& passed_over) {
    if (passed_over.size() == 1) return passed_over.begin()->second;
    std::string text;
    for (const auto& [name, why] : passed_over)
        text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", name, why);
    return text;
}

}  // namespace

Turns::Turns(const Campaign& campaign, const Ledger& ledger, ExperimentId after)
    : campaign_(campaign), ledger_(ledger), after_(after) {}

Turn Turns::next(const Proposers& proposers, Now now) const {
    const std::vector<FinishedExperiment> newest = ledger_.newest_finished(experiments_that_choose);
    const Usage used = ledger_.total_usage();
    Turn turn;
    std::optional<Rest> first_to_come_back;
    const auto all = proposers_of(campaign_);
    for (const ProposerSettings* proposer : all) {
        const std::string& name = name_of(*proposer);
        if (std::string failing = what_keeps_failing(*proposer, newest, after_); !failing.empty()) {
            turn.passed_over[name] = std::move(failing);
            turn.keeps_failing = true;
        } else if (proposers.of(name).exhausted()) {
            turn.passed_over[name] = "the proposer has nothing left to propose";
        } else if (std::string dear = too_dear(campaign_.budget, *proposer, used, newest); !dear.empty()) {
            turn.passed_over[name] = std::move(dear);
        } else if (const auto rest = resting_.find(name);
                   rest != resting_.end() && rest->second.until > now) {
            turn.passed_over[name] = "it rests, since it came to nothing: " + rest->second.reason;
            const bool sooner = !first_to_come_back || rest->second.until < first_to_come_back->until;
            if (sooner) first_to_come_back = rest->second;
        }
    }
    if (turn.passed_over.size() < all.size()) {
        turn.keeps_failing = false;
        return turn;
    }
    if (first_to_come_back) {
        turn.keeps_failing = false;
        // Whole ones: what is cut off of a wait would be one more.
        turn.rest = std::chrono::ceil<Milliseconds>(first_to_come_back->until - now);
        turn.rest_reason = first_to_come_back->reason;
    } else {
        turn.end = joined(turn.passed_over);
    }
    return turn;
}

void Turns::ended(const std::string& proposer, std::optional<Seconds> retry_after, Now now) {
    resting_.erase(proposer);
    const ProposerSettings* settings = proposer_named(campaign_, proposer);
    if (settings == nullptr || !asks_somebody(*settings)) return;
    const Streak streak = failure_streak(ledger_.newest_finished(experiments_that_choose), proposer,
                                         streak_that_pauses, after_);
    if (streak.kind != "nothing" || streak.length >= streak_that_pauses) return;
    const auto seed = campaign_.seed ^ static_cast<std::uint64_t>(ledger_.experiment_count());
    const Seconds wait =
        backoff(streak.length, settings->backoff, seed * 0x9E3779B97F4A7C15ULL >> 32U, retry_after);
    resting_[proposer] = {now + std::chrono::duration_cast<Now::duration>(wait), streak.reason};
}

}  // namespace ratchet
