#include "orchestrator/briefing/digest.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/briefing/list_part.hpp"
#include "orchestrator/briefing/policy.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {
namespace {

constexpr int kept_read = 60;
constexpr int map_read = 100;
constexpr int traps_read = 20;
constexpr int ideas_read = 60;
constexpr int imported_read = 200;
constexpr std::size_t newest_steps_first = 5;
constexpr std::size_t most_named = 2;
constexpr std::size_t note_bytes = 600;
constexpr std::size_t idea_bytes = 240;

/// "gate unit tests", "build": which command failed.
std::string command_of(const FailureSignature& trap) {
    const std::string name = prompt_line(trap.name, 60);
    return trap.stage == name_of(Stage::gated) ? "gate " + name : name;
}

/// The steps that made the champion: the newest first, then the largest.
std::vector<Summary> ordered_steps(const DigestFacts& facts) {
    std::set<std::int64_t> in_lineage;
    for (const Champion& step : facts.lineage) {
        if (step.experiment) in_lineage.insert(step.experiment->value);
    }
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
    facts.lineage = ledger.lineage();
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
    facts.map = ledger.map(map_read);
    facts.traps = ledger.recurring_failures(traps_read);
    facts.ideas = ledger.ideas(ideas_read);
    facts.notes = ledger.notes();
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

std::string write_what_worked(const Campaign& campaign, const DigestFacts& facts, std::size_t room) {
    ListPart part;
    part.heading = "## What worked\n";
    if (facts.total) {
        part.introduction = "The steps from the base to the champion, which you start from.\n";
    } else {
        part.introduction = "Nothing was kept yet: you start from the base.\n";
    }
    part.label = recorded;
    for (const Summary& step : ordered_steps(facts)) {
        const auto effect = step.decision ? step.decision->effect : std::nullopt;
        part.lines.push_back(fmt::format(
            "#{} {}{}{} | {} | {}", step.id.value, is_simpler(step) ? "simpler, no worse: " : "",
            effect ? interval_text(*effect, campaign.benchmark.scale) : std::string("no estimate"),
            step.epoch == facts.epoch ? "" : fmt::format(" (epoch {})", step.epoch),
            prompt_line(step.idea, idea_bytes), joined_files(step.files, 4)));
    }
    const std::size_t steps = facts.total ? facts.total->steps : 0;
    part.left_out = [steps](std::size_t shown) {
        return shown < steps ? fmt::format("{} more steps are not shown.", steps - shown) : std::string();
    };
    return write_list(part, room);
}

std::string write_map(const Campaign& campaign, const DigestFacts& facts, std::size_t room) {
    ListPart part;
    part.heading = "## Map\n";
    part.introduction =
        facts.map.empty()
            ? "No file was touched yet.\n"
            : "What experiments touched. A file in scope that is not listed was never touched.\n";
    part.label = recorded;
    for (const FileRecord& file : facts.map) {
        std::string line =
            fmt::format("{}: attempts {}, kept {}, failed {}", prompt_line(shown_path(file.path), 160),
                        file.attempts, file.kept, file.failures);
        if (file.best_effect) line += ", best " + format_effect(*file.best_effect, campaign.benchmark.scale);
        part.lines.push_back(line);
    }
    const std::size_t files = facts.map.size();
    part.left_out = [files](std::size_t shown) -> std::string {
        if (shown < files || files == static_cast<std::size_t>(map_read)) {
            return "Files with fewer attempts are not shown.";
        }
        return {};
    };
    return write_list(part, room);
}

std::string write_traps(const DigestFacts& facts, std::size_t room) {
    if (facts.traps.empty()) return {};
    ListPart part;
    part.heading = "## Traps\n";
    part.introduction = "Failures that came more than once.\n";
    part.label = "from the output of earlier experiments";
    for (const FailureSignature& trap : facts.traps) {
        part.lines.push_back(fmt::format("{} times, {} (last in #{}): {}", trap.count, command_of(trap),
                                         trap.last.value, prompt_line(trap.line, 200)));
    }
    return write_list(part, room);
}

std::string write_ideas_and_notes(const DigestFacts& facts, std::size_t room) {
    if (facts.notes.empty() && facts.ideas.empty()) return {};
    const std::string heading = "## Ideas and notes\n";
    if (room <= heading.size()) return {};
    ListPart notes;
    notes.introduction = "The people who run this campaign say:\n";
    for (const Note& note : facts.notes)
        notes.lines.push_back("- " + prompt_line(note.text, note_bytes));
    notes.left_out = [count = facts.notes.size()](std::size_t shown) {
        return shown < count ? fmt::format("{} older notes are not shown.", count - shown) : std::string();
    };
    ListPart ideas;
    ideas.introduction = "Ideas that earlier proposals left, the newest first; nobody has checked them:\n";
    ideas.label = recorded;
    std::set<std::string> told;
    for (const FailureFold& fold : facts.failures.folds)
        told.insert(prompt_line(fold.told.idea, idea_bytes));
    for (const Summary& step : facts.kept)
        told.insert(prompt_line(step.idea, idea_bytes));
    for (const IdeaFate& idea : facts.ideas) {
        const std::string text = prompt_line(idea.text, idea_bytes);
        if (told.insert(text).second)
            ideas.lines.push_back(fmt::format("from #{} | {}", idea.from.value, text));
    }
    std::string text = heading;
    const std::size_t notes_room = (room - heading.size()) * (ideas.lines.empty() ? 3 : 2) / 3;
    if (!notes.lines.empty()) text += write_list(notes, notes_room);
    if (!ideas.lines.empty()) text += write_list(ideas, room - text.size());
    return text == heading ? std::string() : text;
}

}  // namespace ratchet
