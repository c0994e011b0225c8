#include "orchestrator/briefing/moves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>
#include <string_view>

#include "benchmarks_adapter/judge.hpp"
#include "orchestrator/briefing/streak.hpp"
#include "orchestrator/leave_one_out.hpp"
#include "orchestrator/proposers/given.hpp"
#include "orchestrator/rendering.hpp"
#include "orchestrator/simplification.hpp"
#include "sandbox/workspace/scope.hpp"

namespace ratchet {
namespace {

constexpr int keeps_between_simplifications = 4;
constexpr std::size_t experiments_between_radical_ones = 4;
constexpr int files_considered = 200;
// A look-up costs microseconds; a repository may have a hundred thousand files.
constexpr std::size_t untried_files_looked_for = 256;
/// SimHashes that differ in fewer bits are of the same change: what is nearly the same cannot be combined.
constexpr int bits_of_another_way = 4;

bool is_in_scope(const Campaign& campaign, const std::string& path) {
    const Scope scope{campaign.scope, campaign.protect, campaign.folder};
    return admit(scope, path) == Admission::in_scope;
}

/// The file in scope with the fewest attempts; empty where no file was touched yet.
std::string least_tried_file(const Situation& situation) {
    std::vector<FileRecord> files = situation.ledger.map(files_considered);
    std::erase_if(files, [&](const FileRecord& file) { return !is_in_scope(situation.campaign, file.path); });
    const auto least = std::min_element(files.begin(), files.end(), [](const auto& a, const auto& b) {
        return a.attempts != b.attempts ? a.attempts < b.attempts : a.path < b.path;
    });
    return least == files.end() ? std::string() : least->path;
}

std::string_view kind_of_file(std::string_view path) {
    const std::size_t name = path.rfind('/') + 1;  // 0 where there is none
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos || dot <= name ? std::string_view() : path.substr(dot);
}

/// A file that no experiment touched, of a kind (by the end of its name) that experiments do touch: a scope
/// of everything has many files that nobody can make faster. Empty where there is none among the next few
/// from a place that the seed chooses, or where nothing was tried yet.
std::string untried_file(const Situation& situation) {
    const std::vector<std::string>& files = situation.places.files;
    const std::vector<FileRecord> tried = situation.ledger.map(files_considered);
    std::set<std::string_view> kinds;
    for (const FileRecord& file : tried)
        kinds.insert(kind_of_file(file.path));
    for (std::size_t i = 0; i < std::min(files.size(), untried_files_looked_for); ++i) {
        const std::string& file = files[(situation.seed / 2 + i) % files.size()];
        if (kinds.contains(kind_of_file(file)) && !situation.ledger.file_record(file)) return file;
    }
    return {};
}

/// How near an experiment came: its effect as a multiple of the width of its interval. An exact one has none.
double nearness(const Summary& experiment) {
    constexpr double finest = 1e-6;
    const Interval& effect = *experiment.decision->effect;
    return effect.estimate / std::max(effect.high - effect.low, finest);
}

std::string effect_of_this(const Summary& experiment, const Situation& situation) {
    return effect_text(experiment.decision->effect, situation.campaign.benchmark.scale);
}

bool is_conflict(const Summary& experiment) {
    return experiment.decision && experiment.decision->rejection == Rejection::conflict &&
           experiment.proposer == again_proposer;
}

bool share_a_file(const Summary& one, const Summary& other) {
    return std::any_of(one.files.begin(), one.files.end(), [&](const std::string& file) {
        return std::find(other.files.begin(), other.files.end(), file) != other.files.end();
    });
}

bool is_another_way(const Summary& one, const Summary& other) {
    // Under `policy = "tree"` one may stand on the other: then they are together already.
    if (!one.candidate.empty() && other.parent == one.candidate) return false;
    if (!other.candidate.empty() && one.parent == other.candidate) return false;
    return !share_a_file(one, other) ||
           std::popcount(one.fingerprint ^ other.fingerprint) >= bits_of_another_way;
}

/// Those that can be combined with something, the nearest first: what came near, and what
/// was kept before a veto and conflicts now. None that was combined already.
std::vector<const Summary*> combinable(const Situation& situation) {
    std::set<ExperimentId> combined;
    for (const Summary& experiment : situation.newest) {
        if (experiment.move != Move::combine) continue;
        Brief brief;
        brief.focus = experiment.focus;
        for (const ExperimentId id : experiments_named(brief))
            combined.insert(id);
    }
    std::vector<const Summary*> found;
    for (const Summary& experiment : situation.newest) {
        const bool near = came_near(experiment);
        const bool known =
            std::any_of(experiment.files.begin(), experiment.files.end(),
                        [&](const auto& file) { return is_in_scope(situation.campaign, file); });
        if ((near || is_conflict(experiment)) && known && !combined.contains(experiment.id))
            found.push_back(&experiment);
    }
    std::sort(found.begin(), found.end(), [](const Summary* a, const Summary* b) {
        if (is_conflict(*a) != is_conflict(*b)) return is_conflict(*a);
        const bool alike = is_conflict(*a) || nearness(*a) == nearness(*b);
        return alike ? a->id > b->id : nearness(*a) > nearness(*b);
    });
    return found;
}

std::string what_it_came_to(const Summary& experiment, const Situation& situation) {
    if (is_conflict(experiment))
        return fmt::format("#{} was kept once and conflicts now", experiment.id.value);
    return fmt::format("#{} came near ({})", experiment.id.value, effect_of_this(experiment, situation));
}

std::string both(ExperimentId one, ExperimentId other) {
    return fmt::format("#{} + #{}", std::min(one, other).value, std::max(one, other).value);
}

/// Whether the two may count together: their gains, where they are known, add up to one that does.
bool may_count(const Summary& one, const Summary& other, const Situation& situation) {
    if (is_conflict(one) || is_conflict(other)) return true;
    return one.decision->effect->estimate + other.decision->effect->estimate >=
           least_effect(rules_of(situation.campaign));
}

/// Whether a simplification can be kept for being not worse.
bool simplicity_can_win(const Situation& situation) {
    const auto noise = situation.ledger.latest_calibration();
    return (noise && noise->deterministic) || margin_of_now(situation.campaign, situation.errors) > 0;
}

}  // namespace

bool came_near(const Summary& experiment) {
    return is_near_miss(experiment) && (experiment.decision->verdict == Verdict::inconclusive ||
                                        experiment.decision->basis == Basis::exact);
}

std::optional<Suggestion> mend_or_turn_away(const Situation& situation) {
    const Streak streak = failure_streak(situation.ledger, 2 * streak_that_changes_the_brief);
    if (streak.length < streak_that_changes_the_brief) return std::nullopt;
    const bool broken = streak.kind != "nothing" && !streak.kind.starts_with(name_of(Verdict::rejected));
    if (broken && streak.length < 2 * streak_that_changes_the_brief) {
        return Suggestion{Move::repair, "",
                          fmt::format("the last {} in a row ended as {}", streak.length, streak.kind)};
    }
    const std::string what = streak.kind == "nothing" ? "brought nothing" : "ended as " + streak.kind;
    return Suggestion{Move::explore, least_tried_file(situation),
                      fmt::format("the last {} in a row {}: look elsewhere", streak.length, what)};
}

std::optional<Suggestion> leave_the_plateau(const Situation& situation) {
    const std::int64_t since = situation.ledger.since_last_kept();
    if (since < plateau_of(situation.campaign)) return std::nullopt;
    const std::size_t recent = std::min(situation.newest.size(), experiments_between_radical_ones);
    for (std::size_t i = 0; i < recent; ++i) {
        if (situation.newest[i].move == Move::radical) return std::nullopt;
    }
    const std::string_view last =
        situation.champion.experiment ? "the last one was kept" : "the campaign began";
    return Suggestion{Move::radical, "",
                      fmt::format("{} experiments since {}: what was tried is exhausted", since, last)};
}

std::optional<Suggestion> take_out_dead_weight(const Situation& situation) {
    if (!simplicity_can_win(situation)) return std::nullopt;
    const LeaveOneOut* lightest = nullptr;
    const std::vector<LeaveOneOut> steps = steps_left_out(situation.ledger);
    for (const LeaveOneOut& step : steps) {
        if (step.worth != StepWorth::not_any_more || !step.effect) continue;
        const std::string focus = number_text(step.experiment);
        const bool asked =
            std::any_of(situation.newest.begin(), situation.newest.end(), [&](const Summary& experiment) {
                return experiment.move == Move::simplify && experiment.focus == focus &&
                       experiment.parent == situation.champion.commit;
            });
        if (!asked && (lightest == nullptr || step.effect->high < lightest->effect->high)) lightest = &step;
    }
    if (lightest == nullptr) return std::nullopt;
    return Suggestion{Move::simplify, number_text(lightest->experiment),
                      fmt::format("{} {}", number_text(lightest->experiment),
                                  worth_text(*lightest, situation.campaign.benchmark.scale))};
}

std::optional<Suggestion> tidy_up(const Situation& situation) {
    const int kept = situation.errors.kept;
    const bool due =
        kept > 0 && kept % keeps_between_simplifications == 0 && situation.ledger.since_last_kept() == 0;
    // One that is kept is no reason for the next one.
    const bool just_done = !situation.newest.empty() && situation.newest.front().move == Move::simplify;
    if (!due || just_done || !simplicity_can_win(situation)) return std::nullopt;
    return Suggestion{Move::simplify, "",
                      fmt::format("{} gains were kept, each written on top of the others", kept)};
}

std::optional<Suggestion> combine_near_misses(const Situation& situation) {
    const std::vector<const Summary*> found = combinable(situation);
    for (std::size_t i = 0; i < found.size(); ++i) {
        for (std::size_t j = i + 1; j < found.size(); ++j) {
            const Summary& one = *found[i];
            const Summary& other = *found[j];
            if (!is_another_way(one, other) || !may_count(one, other, situation)) continue;
            return Suggestion{Move::combine, both(one.id, other.id),
                              fmt::format("{}, {}; together they may count", what_it_came_to(one, situation),
                                          what_it_came_to(other, situation))};
        }
    }
    if (!situation.champion.experiment) return std::nullopt;
    const ExperimentId newest_kept = *situation.champion.experiment;
    const auto kept = std::find_if(situation.newest.begin(), situation.newest.end(),
                                   [&](const Summary& each) { return each.id == newest_kept; });
    if (kept == situation.newest.end()) return std::nullopt;
    for (const Summary* one : found) {
        const bool before =
            is_conflict(*one) ? one->parent == situation.champion.commit : one->id < newest_kept;
        if (!before || (!is_conflict(*one) && share_a_file(*one, *kept))) continue;
        return Suggestion{Move::combine, both(one->id, newest_kept),
                          fmt::format("{}; #{} was kept and is not in it", what_it_came_to(*one, situation),
                                      newest_kept.value)};
    }
    return std::nullopt;
}

std::optional<Suggestion> exploit_near_miss(const Situation& situation) {
    // What is shown to be worth another look shall not keep the campaign from looking around.
    if (!situation.newest.empty() && situation.newest.front().move == Move::exploit) return std::nullopt;
    std::set<std::string> taken_up;
    const Summary* nearest = nullptr;
    std::string file_of_nearest;
    for (const Summary& experiment : situation.newest) {
        if (experiment.move == Move::exploit) taken_up.insert(experiment.focus);
        if (!is_near_miss(experiment)) continue;
        const auto file =
            std::find_if(experiment.files.begin(), experiment.files.end(), [&](const auto& path) {
                return !taken_up.contains(path) && is_in_scope(situation.campaign, path);
            });
        if (file == experiment.files.end()) continue;
        if (nearest != nullptr && nearness(experiment) <= nearness(*nearest)) continue;
        nearest = &experiment;
        file_of_nearest = *file;
    }
    if (nearest == nullptr) return std::nullopt;
    return Suggestion{Move::exploit, file_of_nearest, what_it_came_to(*nearest, situation)};
}

std::optional<Suggestion> explore(const Situation& situation) {
    if (situation.seed % 2 == 0)
        return Suggestion{Move::explore, "", "nothing asks to be taken up: anywhere"};
    if (std::string file = untried_file(situation); !file.empty())
        return Suggestion{Move::explore, std::move(file), "nobody tried this file yet"};
    std::string file = least_tried_file(situation);
    if (file.empty()) return Suggestion{Move::explore, "", "nothing was tried yet: anywhere"};
    const auto record = situation.ledger.file_record(file);
    return Suggestion{Move::explore, std::move(file),
                      fmt::format("the least tried file: {} so far", record ? record->attempts : 0)};
}

}  // namespace ratchet
