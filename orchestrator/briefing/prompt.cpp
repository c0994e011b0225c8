#include "orchestrator/briefing/prompt.hpp"

#include <utility>
#include <vector>

#include "orchestrator/briefing/digest.hpp"
#include "orchestrator/briefing/limited_memory.hpp"
#include "orchestrator/briefing/repair.hpp"
#include "orchestrator/briefing/rules.hpp"
#include "orchestrator/briefing/shares.hpp"

namespace ratchet {
namespace {

/// The part that takes what the others leave: the failures, which are the memory proper.
constexpr std::size_t takes_the_rest = 3;

/// The prompt of a repair: that of any experiment, and what is to be mended at its end, where it is read
/// last.
std::string write_repair_prompt(const Campaign& campaign, const Ledger& ledger, Brief brief,
                                std::size_t limit_bytes) {
    const ExperimentId failed = *std::exchange(brief.repair_of, std::nullopt);
    brief.focus.clear();  // it would tell the change a second time
    std::string repair = write_repair(ledger, failed, limit_bytes / 3);
    if (!repair.empty()) repair = '\n' + repair;
    return write_prompt(campaign, ledger, brief, limit_bytes - repair.size()) + repair;
}

}  // namespace

std::string write_prompt(const Campaign& campaign, const Ledger& ledger, const Brief& brief,
                         std::size_t limit_bytes) {
    const Ledger::Snapshot snapshot(ledger);
    if (brief.repair_of) return write_repair_prompt(campaign, ledger, brief, limit_bytes);
    if (campaign.proposer.memory != PromptMemory::digest) {
        return write_limited_prompt(campaign, ledger, brief, limit_bytes);
    }
    const DigestFacts facts = recall_facts(ledger, brief);
    // The shares add up to 100. Goal and brief come first in need: without them the rest is of no use.
    std::vector<PromptPart> parts = {
        {30, [&](std::size_t room) { return write_goal_and_rules(campaign, facts, brief, room); }},
        {6, [&](std::size_t room) { return write_scoreboard(campaign, facts, room); }},
        {10, prepare_what_worked(campaign, facts)},
        {20, prepare_failures(campaign, facts)},
        {7, prepare_map(campaign, facts)},
        {6, prepare_traps(facts)},
        {9, prepare_ideas_and_notes(facts)},
        {12, [&](std::size_t room) { return write_brief(campaign, facts, brief, room); }},
    };
    if (!facts.named.empty()) {
        constexpr std::size_t named_share = 10;
        parts[takes_the_rest].share -= named_share;
        parts.back().share += named_share;
    }
    if (!facts.imported.empty()) {
        constexpr std::size_t imported_share = 7;
        parts[takes_the_rest].share -= imported_share;
        parts.insert(parts.begin() + takes_the_rest + 1, {imported_share, prepare_imported(campaign, facts)});
    }
    std::string prompt;
    for (const std::string& text : write_parts(parts, limit_bytes, takes_the_rest)) {
        if (text.empty()) continue;
        if (!prompt.empty()) prompt += '\n';
        prompt += text;
    }
    return prompt;
}

}  // namespace ratchet
