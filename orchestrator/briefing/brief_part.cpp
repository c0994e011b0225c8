// Part 8 of the prompt: what this one experiment is for.

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "orchestrator/briefing/list_part.hpp"
#include "orchestrator/briefing/policy.hpp"
#include "orchestrator/briefing/rules.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/simplification.hpp"

namespace ratchet {
namespace {

constexpr std::size_t focus_bytes = 400;
constexpr std::size_t focus_reason_bytes = 300;
/// Of one change that the brief is about: enough for a page of code.
constexpr std::size_t most_diff_bytes = 3000;
constexpr std::size_t least_diff_bytes = 200;
constexpr std::size_t exhausted_shown = 6;
constexpr std::size_t many_functions = 4;
constexpr std::size_t least_tried_shown = 3;
constexpr std::size_t least_tried_name_bytes = 80;

constexpr const char* notes_form =
    "- Leave notes in `.ratchet-notes.json` at the top of the working folder (it is no part of the "
    "diff). All keys "
    "are optional; they help those who come after you:\n"
    "```json\n"
    "{\"hypothesis\": \"one line: the change and why it should help\",\n"
    " \"expected_effect\": \"e.g. 5% less time\",\n"
    " \"risk\": \"what could break\",\n"
    " \"learned\": \"what you found out on the way\",\n"
    " \"next_ideas\": [\"what else is worth trying\"]}\n"
    "```\n";

const char* what_the_move_asks(const Brief& brief) {
    switch (brief.move) {
        case Move::explore:
            return "try something that nobody tried yet; an idea of a new kind is worth most.";
        case Move::exploit:
            return "take up a near miss from the list above and make it count.";
        case Move::combine:
            return "join changes that did not count alone and may together, in one change.";
        case Move::simplify:
            return brief.focus.empty()
                       ? "look for what the kept changes left behind: remove work and code that the champion "
                         "does not need. Less code that is also faster is the aim."
                       : "take out what the experiment in the focus brought, with all that only it needs.";
        case Move::repair:
            return "take up a failed attempt whose idea is sound and mend what broke it.";
        case Move::radical:
            return "leave the approaches listed above altogether: another algorithm, another layout of the "
                   "data, "
                   "another way to divide the work.";
    }
    return "";
}

/// By what a simplification is judged.
std::string write_claim(const Campaign& campaign, const DigestFacts& facts) {
    const bool exact = facts.calibration && facts.calibration->deterministic;
    const double margin = margin_of_now(campaign, facts.error_budget);
    if (!exact && margin <= 0) return {};
    const std::string worse =
        exact ? std::string("no worse") : "no worse than " + format_effect(-margin, campaign.benchmark.scale);
    return fmt::format(
        "- It is kept even without a gain if the diff takes away more lines and more bytes than it adds "
        "(blank "
        "lines do not count, and nothing binary) and the metric is shown to be {}. Comments and layout are "
        "no "
        "work that the program does: leave them.\n",
        worse);
}

/// In a file of many functions "look here" says little: which of them were tried least.
std::string write_least_tried(const DigestFacts& facts) {
    std::vector<FunctionRecord> functions = facts.focus_functions;
    if (functions.size() < many_functions) return {};
    std::sort(functions.begin(), functions.end(), [](const auto& a, const auto& b) {
        return a.attempts != b.attempts ? a.attempts < b.attempts : a.function < b.function;
    });
    std::string names;
    for (std::size_t i = 0; i < least_tried_shown; ++i) {
        names +=
            fmt::format("{}{} ({})", i == 0 ? "" : ", ",
                        prompt_code(functions[i].function, least_tried_name_bytes), functions[i].attempts);
    }
    return fmt::format("- Of its functions that were touched at all the least tried, with attempts: {}.\n",
                       names);
}

/// What a plateau was reached with: the files that were tried most.
std::string write_exhausted(const Campaign& campaign, const DigestFacts& facts) {
    std::string lines;
    for (std::size_t i = 0; i < std::min(facts.map.size(), exhausted_shown); ++i) {
        const FileRecord& file = facts.map[i];
        lines += fmt::format("{}: {} attempts", prompt_line(shown_path(file.path), 160), file.attempts);
        if (file.best_effect) lines += ", best " + format_effect(*file.best_effect, campaign.benchmark.scale);
        lines += '\n';
    }
    if (lines.empty()) return {};
    return "- Where more of the same has not helped:\n" +
           fenced(recorded, lines, lines.size() + frame_bytes(recorded));
}

/// The diffs that the brief is about, each in its share of the room.
std::string write_named(const DigestFacts& facts, std::size_t room) {
    std::string text;
    for (std::size_t i = 0; i < facts.named.size(); ++i) {
        const NamedChange& change = facts.named[i];
        const std::string label = fmt::format("the diff of #{}, {}", change.experiment.value, recorded);
        const std::size_t share = (room - std::min(room, text.size())) / (facts.named.size() - i);
        if (share < least_diff_bytes) continue;
        text += fenced(label, change.diff, std::min(share, most_diff_bytes));
    }
    return text;
}

}  // namespace

std::string write_brief(const Campaign& campaign, const DigestFacts& facts, const Brief& brief,
                        std::size_t room) {
    std::string text = "## Your brief\n";
    text += fmt::format("- Kind of move: {}: {}\n", name_of(brief.move), what_the_move_asks(brief));
    if (!brief.focus.empty()) {
        const std::string focus = brief.focus.starts_with('#') ? brief.focus : shown_path(brief.focus);
        text += fmt::format("- Focus: {}\n", prompt_code(focus, focus_bytes));
    }
    if (brief.move == Move::explore) text += write_least_tried(facts);
    if (!brief.champion.empty()) {
        text +=
            "- You do not start from the champion but from an earlier candidate that stands on it. What "
            "counts "
            "is what both changes together gain over the champion.\n";
    }
    if (!brief.reason.empty())
        text += fmt::format("- Why: {}.\n", prompt_line(brief.reason, focus_reason_bytes));
    if (brief.move == Move::simplify) text += write_claim(campaign, facts);
    if (brief.move == Move::radical) text += write_exhausted(campaign, facts);
    const std::string form = notes_form;
    const std::size_t used = text.size() + form.size();
    return shortened(text + write_named(facts, room - std::min(room, used)) + form, room);
}

}  // namespace ratchet
