#include "orchestrator/briefing/prompt.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

#include "orchestrator/briefing/digest.hpp"
#include "orchestrator/briefing/limited_memory.hpp"
#include "orchestrator/briefing/rules.hpp"

namespace ratchet {
namespace {

/// A part of the prompt: its share of the limit in hundredths, and how it is written into a given room.
struct Part {
    std::size_t share;
    std::function<std::string(std::size_t room)> write;
};

/// Between parts stands an empty line.
constexpr std::size_t separator = 1;

/// The part that takes what the others leave: the failures, which are the memory proper.
constexpr std::size_t takes_the_rest = 3;

/// Gives each part what it wants up to its share; what is left over goes to the failures, then to the other
/// parts that want more, in their order. The sum is at most the limit.
std::vector<std::size_t> rooms(const std::vector<Part>& parts, std::size_t limit) {
    std::vector<std::size_t> wanted;
    std::vector<std::size_t> room;
    std::size_t left = limit;
    for (const Part& part : parts) {
        wanted.push_back(part.write(limit).size() + separator);
        room.push_back(std::min(wanted.back(), limit * part.share / 100));
        left -= room.back();
    }
    const auto top_up = [&](std::size_t i) {
        const std::size_t more = std::min(left, wanted[i] - room[i]);
        room[i] += more;
        left -= more;
    };
    top_up(takes_the_rest);
    for (std::size_t i = 0; i < parts.size(); ++i)
        top_up(i);
    return room;
}

}  // namespace

std::string write_prompt(const Campaign& campaign, const Ledger& ledger, const Brief& brief,
                         std::size_t limit_bytes) {
    if (campaign.proposer.memory != PromptMemory::digest) {
        return write_limited_prompt(campaign, ledger, brief, limit_bytes);
    }
    const DigestFacts facts = recall_facts(ledger, brief);
    // The shares add up to 100. Goal and brief come first in need: without them the rest is of no use.
    std::vector<Part> parts = {
        {30, [&](std::size_t room) { return write_goal_and_rules(campaign, facts, brief, room); }},
        {6, [&](std::size_t room) { return write_scoreboard(campaign, facts, room); }},
        {10, [&](std::size_t room) { return write_what_worked(campaign, facts, room); }},
        {20, [&](std::size_t room) { return write_failures(campaign, facts, room); }},
        {7, [&](std::size_t room) { return write_map(campaign, facts, room); }},
        {6, [&](std::size_t room) { return write_traps(facts, room); }},
        {9, [&](std::size_t room) { return write_ideas_and_notes(facts, room); }},
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
        parts.insert(parts.begin() + takes_the_rest + 1, {imported_share, [&](std::size_t room) {
                                                              return write_imported(campaign, facts, room);
                                                          }});
    }
    const std::vector<std::size_t> room = rooms(parts, limit_bytes);
    std::string prompt;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::string text = room[i] > separator ? parts[i].write(room[i] - separator) : std::string();
        if (text.empty()) continue;
        if (!prompt.empty()) prompt += '\n';
        prompt += text;
    }
    return prompt;
}

}  // namespace ratchet
