// Part 7 of the prompt: what people said, and what earlier proposals left to be tried.

#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "orchestrator/briefing/digest.hpp"
#include "orchestrator/briefing/list_part.hpp"
#include "orchestrator/briefing/safe_text.hpp"

namespace ratchet {
namespace {

constexpr std::size_t told_note_bytes = 600;
constexpr std::size_t told_idea_bytes = 240;

/// More of what was tried stands in the lists above.
constexpr int tried_ideas_told = 10;

/// "from #4, left 3 times | …", "from #2, tried as #7, regressed | …".
std::string line_of_idea(const IdeaFate& idea) {
    std::string line = fmt::format("from #{}", idea.from.value);
    if (idea.times > 1) line += fmt::format(", left {} times", idea.times);
    if (idea.tried_as) line += fmt::format(", tried as #{}", idea.tried_as->value);
    // No proposer learns that there is a held-out benchmark.
    const bool held_out = idea.verdict == Verdict::holdout_failed;
    if (idea.verdict) line += fmt::format(", {}", name_of(held_out ? Verdict::inconclusive : *idea.verdict));
    return line + " | " + prompt_line(idea.text, told_idea_bytes);
}

ListPart notes_part(const DigestFacts& facts) {
    ListPart part;
    part.introduction = "The people who run this campaign say:\n";
    for (const Note& note : facts.notes)
        part.lines.push_back("- " + prompt_line(note.text, told_note_bytes));
    part.left_out = [in_all = facts.notes_in_all](std::size_t shown) {
        const std::int64_t older = in_all - static_cast<std::int64_t>(shown);
        return older > 0 ? fmt::format("{} older notes are not shown.", older) : std::string();
    };
    return part;
}

/// Those that nobody tried come first, as the ledger has them.
ListPart ideas_part(const DigestFacts& facts) {
    ListPart part;
    part.introduction =
        "Ideas that earlier proposals left, those first that nobody tried; nobody has checked them:\n";
    part.label = recorded;
    int tried = 0;
    std::size_t untried = 0;
    for (const IdeaFate& idea : facts.ideas) {
        if (idea.tried_as && ++tried > tried_ideas_told) break;
        if (!idea.tried_as) ++untried;
        part.lines.push_back(line_of_idea(idea));
    }
    const bool all = facts.ideas.size() < static_cast<std::size_t>(ideas_in_digest);
    part.left_out = [untried, all](std::size_t shown) -> std::string {
        return shown < untried || !all ? "Older ideas are not shown." : "";
    };
    return part;
}

}  // namespace

PartWriter prepare_ideas_and_notes(const DigestFacts& facts) {
    if (facts.notes.empty() && facts.ideas.empty()) return [](std::size_t) { return std::string(); };
    const auto notes = std::make_shared<const ListPart>(notes_part(facts));
    const auto ideas = std::make_shared<const ListPart>(ideas_part(facts));
    return [notes, ideas](std::size_t room) {
        const std::string heading = "## Ideas and notes\n";
        if (room <= heading.size()) return std::string();
        const std::size_t inside = room - heading.size();
        // What people say goes before what agents left, but does not drive it out.
        const std::size_t all_ideas = ideas->lines.empty() ? 0 : write_list(*ideas, inside).size();
        const std::size_t of_notes = std::max(inside * 2 / 3, inside - std::min(inside, all_ideas));
        std::string text = heading;
        if (!notes->lines.empty()) text += write_list(*notes, of_notes);
        if (!ideas->lines.empty()) text += write_list(*ideas, room - text.size());
        return text == heading ? std::string() : text;
    };
}

}  // namespace ratchet
