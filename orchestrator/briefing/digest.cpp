#include "orchestrator/briefing/digest.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>

#include "orchestrator/briefing/dense_list.hpp"
#include "orchestrator/briefing/list_part.hpp"
#include "orchestrator/briefing/policy.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {
namespace {

constexpr int kept_read = 60;
constexpr int functions_read = 200;
constexpr int traps_read = 20;
constexpr int notes_read = 60;
constexpr int imported_read = 200;
constexpr std::size_t newest_steps_first = 5;
constexpr std::size_t most_named = 2;
constexpr std::size_t step_idea_bytes = 240;
/// The first of these with which there is room for all.
constexpr std::array<std::size_t, 4> idea_bytes_in_few_words = {96, 56, 40, 30};

std::set<std::int64_t> numbers_in_lineage(const DigestFacts& facts) {
    std::set<std::int64_t> numbers;
    for (const Champion& step : facts.newest_steps) {
        if (step.experiment) numbers.insert(step.experiment->value);
    }
    return numbers;
}

/// The steps that made the champion: the newest first, then the largest.
std::vector<Summary> ordered_steps(const DigestFacts& facts) {
    const std::set<std::int64_t> in_lineage = numbers_in_lineage(facts);
    std::vector<Summary> steps = facts.kept;
    std::erase_if(steps, [&](const Summary& step) { return !in_lineage.contains(step.id.value); });
    const auto effect = [](const Summary& step) {
        return step.decision && step.decision->effect ? step.decision->effect->estimate : 0.0;
    };
    if (steps.size() > newest_steps_first) {
        std::sort(steps.begin() + newest_steps_first, steps.end(), [&](const Summary& a, const Summary& b) {
            return effect(a) != effect(b) ? effect(a) > effect(b) : a.id > b.id;
        });
    }
    return steps;
}

bool is_simpler(const Summary& step) {
    return step.decision && step.decision->basis == Basis::not_worse;
}

/// As in the list of failures: what lost on the held-out benchmark counts as inconclusive.
std::vector<std::pair<Verdict, int>> without_holdout(const std::vector<std::pair<Verdict, int>>& tally) {
    std::map<Verdict, int> counts(tally.begin(), tally.end());
    if (const auto lost = counts.extract(Verdict::holdout_failed))
        counts[Verdict::inconclusive] += lost.mapped();
    return {counts.begin(), counts.end()};
}

/// A kept experiment whose ground was taken back changed nothing that the next one starts from.
void forget_what_was_taken_back(DigestFacts& facts) {
    const std::set<std::int64_t> in_lineage = numbers_in_lineage(facts);
    for (FailureFold& fold : facts.failures.folds) {
        if (fold.changed_by && !in_lineage.contains(fold.changed_by->value)) fold.changed_by.reset();
    }
}

std::string step_line(const Campaign& campaign, const DigestFacts& facts, const Summary& step) {
    const auto effect = step.decision ? step.decision->effect : std::nullopt;
    return fmt::format("#{} {}{}{} | {} | {}", step.id.value, is_simpler(step) ? "simpler, no worse: " : "",
                       effect ? interval_text(*effect, campaign.benchmark.scale) : std::string("no estimate"),
                       step.epoch == facts.epoch ? "" : fmt::format(" (epoch {})", step.epoch),
                       prompt_line(step.idea, step_idea_bytes), joined_files(step.files, 4));
}

std::string steps_not_shown(std::size_t in_all, std::size_t shown) {
    return shown < in_all ? fmt::format("{} more steps are not shown.", in_all - shown) : std::string();
}

/// The steps in each form in which they may be told, made once.
struct StepsPart {
    std::vector<Summary> steps;
    ListPart list;
    std::size_t bytes = 0;  ///< of the whole list
    std::optional<DenseList> dense;
};

const DenseList& dense_list(StepsPart& part, const Campaign& campaign, const DigestFacts& facts) {
    if (part.dense) return *part.dense;
    std::vector<DenseItem> items;
    for (const Summary& step : part.steps) {
        const auto effect = step.decision ? step.decision->effect : std::nullopt;
        items.push_back(
            {fmt::format("#{} {}", step.id.value,
                         effect ? format_effect(effect->estimate, campaign.benchmark.scale) : "?"),
             IdeaLine(step.idea), step.files.empty() ? std::string() : step.files.front()});
    }
    return part.dense.emplace(items, facts.functions);
}

/// Half of the room has the newest and largest steps in a line each; the others stand in key words, because
/// what is in the champion already is not to be proposed again either. Empty where there is no room for both.
std::string with_small_steps_in_few_words(const Campaign& campaign, const DigestFacts& facts, StepsPart& part,
                                          std::size_t room) {
    const ListPart& list = part.list;
    const std::string small_steps =
        "And, in key words below their file and function, with what each was worth:\n";
    const std::size_t in_all = facts.total ? facts.total->steps : 0;
    const std::size_t frames = list.heading.size() + list.introduction.size() + small_steps.size() +
                               2 * frame_bytes(list.label) + steps_not_shown(in_all, 0).size() + 1;
    if (room <= frames) return {};
    std::size_t left = room - frames;
    std::vector<std::string> lines;
    for (const std::string& line : list.lines) {
        if (left < line.size() + 1 + (room - frames) / 2) break;
        left -= line.size() + 1;
        lines.push_back(line);
    }
    const DenseList& dense = dense_list(part, campaign, facts);
    std::vector<std::size_t> others(part.steps.size() - lines.size());
    std::iota(others.begin(), others.end(), lines.size());
    std::size_t size = idea_bytes_in_few_words.front();
    for (const std::size_t each : idea_bytes_in_few_words) {
        size = each;
        if (dense.fitting(others, each, left) == others.size()) break;
    }
    others.resize(dense.fitting(others, size, left));
    if (lines.empty() || others.empty()) return {};
    std::string text = list.heading + list.introduction + block_of(list.label, lines) + small_steps +
                       block_of(list.label, dense.lines(others, size));
    const std::string rest = steps_not_shown(in_all, lines.size() + others.size());
    return rest.empty() ? text : text + rest + '\n';
}

std::string budget_left(const Budget& budget, const DigestFacts& facts) {
    std::string text;
    const auto add = [&](const std::string& words) { text += (text.empty() ? "" : "; ") + words; };
    if (budget.experiments) {
        const std::int64_t left = std::max<std::int64_t>(0, *budget.experiments - facts.experiments);
        add(fmt::format("{} of {} experiments", left, *budget.experiments));
    }
    if (budget.plateau) {
        const std::int64_t left = std::max<std::int64_t>(0, *budget.plateau - facts.since_last_kept);
        add(fmt::format("the campaign ends after {} more in a row that are not kept", left));
    }
    if (budget.duration) add(fmt::format("{} a run", format_duration(*budget.duration)));
    return text;
}

}  // namespace

DigestFacts recall_facts(const Ledger& ledger, const Brief& brief) {
    DigestFacts facts;
    facts.newest_steps = ledger.newest_steps(kept_read);
    facts.champion = ledger.champion();
    if (const auto identity = ledger.identity()) facts.base = identity->base;
    facts.total = total_gain(ledger);
    if (const auto epoch = ledger.epoch()) facts.epoch = epoch->id;
    facts.experiments = ledger.experiment_count();
    facts.since_last_kept = ledger.since_last_kept();
    facts.tally = without_holdout(ledger.tally());
    SummaryQuery kept;
    kept.verdict = Verdict::kept;
    kept.limit = kept_read;
    facts.kept = ledger.summaries(kept);
    facts.failures = recall_failures(ledger, brief);
    forget_what_was_taken_back(facts);
    facts.map = ledger.map(files_in_map);
    facts.functions = ledger.functions(functions_read);
    // A focus that is no file ("#3") has no functions.
    if (!brief.focus.empty()) facts.focus_functions = ledger.functions_of(brief.focus, functions_read);
    facts.traps = ledger.recurring_failures(traps_read);
    facts.ideas = ledger.ideas(ideas_in_digest);
    facts.notes = ledger.newest_notes(notes_read);
    facts.notes_in_all = ledger.note_count();
    for (ImportedExperiment& imported : ledger.imported(imported_read)) {
        const std::optional<Replay> replay = ledger.latest_replay(imported.id);
        facts.imported.emplace_back(std::move(imported), replay);
    }
    facts.imported_in_all = ledger.imported_count();
    facts.calibration = ledger.latest_calibration();
    facts.error_budget = ledger.error_budget();
    for (const ExperimentId id : experiments_named(brief)) {
        const auto experiment = ledger.experiment(id);
        if (facts.named.size() == most_named || !experiment || !experiment->proposal) continue;
        if (!experiment->proposal->diff.empty()) facts.named.push_back({id, experiment->proposal->diff});
    }
    return facts;
}

std::string write_scoreboard(const Campaign& campaign, const DigestFacts& facts, std::size_t room) {
    std::string text = "## Scoreboard\n";
    text +=
        fmt::format("- base {}; champion {}", facts.base.abbreviated(), facts.champion.commit.abbreviated());
    text += facts.champion.experiment ? fmt::format(" (#{})\n", facts.champion.experiment->value)
                                      : std::string(" (the base itself)\n");
    if (facts.total) {
        text +=
            fmt::format("- total gain {}, {}\n", interval_text(facts.total->effect, campaign.benchmark.scale),
                        facts.total->verified
                            ? fmt::format("measured base against champion in {} pairs", facts.total->pairs)
                            : fmt::format("the product of {} confirmed steps", facts.total->steps));
    }
    if (facts.calibration && facts.calibration->champion == facts.champion.commit) {
        text +=
            fmt::format("- the champion's {} here: {}\n", one_line(campaign.benchmark.metric),
                        format_value(facts.calibration->champion_value, one_line(campaign.benchmark.unit)));
    }
    text += fmt::format("- experiments so far: {}", facts.experiments);
    std::string verdicts;
    for (const auto& [verdict, count] : facts.tally) {
        verdicts += fmt::format("{}{} {}", verdicts.empty() ? " (" : ", ", count, name_of(verdict));
    }
    text += verdicts.empty() ? "\n" : verdicts + ")\n";
    const std::string budget = budget_left(campaign.budget, facts);
    if (!budget.empty()) text += "- budget left: " + budget + '\n';
    return shortened(text, room);
}

PartWriter prepare_what_worked(const Campaign& campaign, const DigestFacts& facts) {
    const auto part = std::make_shared<StepsPart>();
    ListPart& list = part->list;
    list.heading = "## What worked\n";
    if (facts.total) {
        list.introduction = "The steps from the base to the champion, which you start from.\n";
    } else {
        list.introduction = "Nothing was kept yet: you start from the base.\n";
    }
    list.label = recorded;
    part->steps = ordered_steps(facts);
    part->bytes = list.heading.size() + list.introduction.size() + frame_bytes(list.label);
    for (const Summary& step : part->steps) {
        list.lines.push_back(step_line(campaign, facts, step));
        part->bytes += list.lines.back().size() + 1;
    }
    const std::size_t in_all = facts.total ? facts.total->steps : 0;
    list.left_out = [in_all](std::size_t shown) { return steps_not_shown(in_all, shown); };
    return [&campaign, &facts, part](std::size_t room) {
        const std::string text =
            part->bytes > room ? with_small_steps_in_few_words(campaign, facts, *part, room) : std::string();
        return text.empty() ? write_list(part->list, room) : text;
    };
}

}  // namespace ratchet
