#include "orchestrator/briefing/returned_part.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "orchestrator/briefing/failures.hpp"
#include "orchestrator/briefing/list_part.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {
namespace {

constexpr int alike_in_words = 3;
constexpr std::size_t returned_idea_bytes = 240;
constexpr std::size_t told_reason_bytes = 400;

std::string line_about(Summary experiment, Scale scale, std::size_t reason) {
    const Summary told = without_holdout(std::move(experiment));
    std::string line = fmt::format("#{}", told.id.value);
    if (told.decision) {
        line += fmt::format(" {}", name_of(told.decision->verdict));
        const std::string effect = effect_text(told.decision->effect, scale);
        if (!effect.empty()) line += ' ' + effect;
    }
    return line + " | " + prompt_line(told.idea, returned_idea_bytes) + " | " +
           prompt_line(told.decision ? told.decision->reason : std::string(), reason) + " | " +
           joined_files(told.files, 4);
}

/// A hint and no more: words can be alike where the changes are not.
std::string write_alike(const Campaign& campaign, const Ledger& ledger, const Returned& returned) {
    std::vector<std::string> lines;
    for (Summary& found : ledger.search(returned.notes.hypothesis, alike_in_words + 1)) {
        const bool told = found.id == returned.duplicate_of || !found.decision;
        if (told || lines.size() == static_cast<std::size_t>(alike_in_words)) continue;
        lines.push_back(line_about(std::move(found), campaign.benchmark.scale, returned_idea_bytes));
    }
    if (lines.empty()) return {};
    std::string text;
    for (const std::string& line : lines)
        text += line + '\n';
    return "Others that sound like it, whatever they changed:\n" + fenced(recorded, text, std::string::npos);
}

}  // namespace

std::string write_returned(const Campaign& campaign, const Ledger& ledger, const Returned& returned,
                           std::size_t limit_bytes) {
    SummaryQuery query;
    query.after = ExperimentId{returned.duplicate_of.value - 1};
    query.newest_first = false;
    query.limit = 1;
    std::string earlier;
    for (Summary& experiment : ledger.summaries(query))
        earlier = line_about(std::move(experiment), campaign.benchmark.scale, told_reason_bytes);
    std::string text = fmt::format(
        "\n## You are asked once more\nWhat you left just now is {} as experiment #{}, so it was not run:\n",
        returned.likeness == Likeness::reformatted ? "the same change, but for white space and comments,"
                                                   : "nearly the same change",
        returned.duplicate_of.value);
    text += fenced(recorded, earlier + '\n', std::string::npos);
    text +=
        "Propose something else. Or, if you know why it should come out otherwise now, leave the same change "
        "again and say why in the notes: then it is measured. The folder is as it was before you began.\n";
    text += write_alike(campaign, ledger, returned);
    const std::string heading = "What you left:\n";
    if (text.size() + heading.size() < limit_bytes) {
        const std::string diff =
            fenced("your earlier answer", returned.diff, limit_bytes - text.size() - heading.size());
        if (!diff.empty()) text += heading + diff;
    }
    return shortened(text, limit_bytes);
}

}  // namespace ratchet
