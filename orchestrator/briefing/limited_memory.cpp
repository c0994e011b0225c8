#include "orchestrator/briefing/limited_memory.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "orchestrator/briefing/digest.hpp"
#include "orchestrator/briefing/failures.hpp"
#include "orchestrator/briefing/list_part.hpp"
#include "orchestrator/briefing/rules.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {
namespace {

constexpr int kept_read_alone = 60;
constexpr std::size_t newest_idea_bytes = 240;
constexpr std::size_t newest_reason_bytes = 200;
constexpr std::size_t newest_files_told = 4;

/// Only what these prompts tell; the whole of a digest would be read in vain.
DigestFacts recall_rules_and_kept(const Ledger& ledger) {
    DigestFacts facts;
    facts.newest_steps = ledger.newest_steps(kept_read_alone);
    facts.total = total_gain(ledger);
    if (const auto epoch = ledger.epoch()) facts.epoch = epoch->id;
    SummaryQuery kept;
    kept.verdict = Verdict::kept;
    kept.limit = kept_read_alone;
    facts.kept = ledger.summaries(kept);
    facts.calibration = ledger.latest_calibration();
    facts.error_budget = ledger.error_budget();
    return facts;
}

std::string line_about_newest(const Summary& experiment, Scale scale) {
    const Decision decision = experiment.decision.value_or(Decision{});
    const std::string effect = effect_text(decision.effect, scale);
    return fmt::format(
        "#{} {}{} | {} | {} | {}", experiment.id.value, name_of(decision.verdict),
        effect.empty() ? effect : ' ' + effect, prompt_line(experiment.idea, newest_idea_bytes),
        prompt_line(decision.reason, newest_reason_bytes), joined_files(experiment.files, newest_files_told));
}

std::string write_newest(const Campaign& campaign, const Ledger& ledger, std::size_t room) {
    ListPart part;
    part.heading = "## The last experiments\n";
    part.introduction =
        "The newest first. One line each: number, verdict, effect (positive is better) | idea | why | "
        "where.\n";
    part.label = recorded;
    SummaryQuery newest;
    newest.limit = experiments_of_last_20 + 1;  // one of them may be in flight
    for (const Summary& experiment : ledger.summaries(newest)) {
        if (!experiment.decision || part.lines.size() == experiments_of_last_20) continue;
        part.lines.push_back(line_about_newest(without_holdout(experiment), campaign.benchmark.scale));
    }
    if (part.lines.empty()) part.introduction = "Nothing yet.\n";
    return write_list(part, room);
}

std::string write_memory(const Campaign& campaign, const Ledger& ledger, const DigestFacts& facts,
                         std::size_t room) {
    switch (campaign.proposer.memory) {
        case PromptMemory::kept:
            return prepare_what_worked(campaign, facts)(room);
        case PromptMemory::last_20:
            return write_newest(campaign, ledger, room);
        case PromptMemory::digest:
        case PromptMemory::none:
            break;
    }
    return {};
}

}  // namespace

std::string write_limited_prompt(const Campaign& campaign, const Ledger& ledger, const Brief& brief,
                                 std::size_t limit_bytes) {
    const DigestFacts facts = recall_rules_and_kept(ledger);
    // Goal and brief come first in need; two line feeds stand between the parts.
    const std::size_t most = limit_bytes - std::min<std::size_t>(limit_bytes, 2);
    const std::string rules = write_goal_and_rules(campaign, facts, brief, most / 2);
    const std::string task = write_brief(campaign, facts, brief, (most - rules.size()) / 2);
    const std::string memory = write_memory(campaign, ledger, facts, most - rules.size() - task.size());
    std::string prompt = rules;
    for (const std::string& part : {memory, task}) {
        if (!prompt.empty() && !part.empty()) prompt += '\n';
        prompt += part;
    }
    return prompt;
}

}  // namespace ratchet
