#include <algorithm>

#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/views/views.hpp"

namespace ratchet {
namespace {

/// How wide the column must be for the widest of these texts.
template <typename Text>
std::size_t widest(const std::vector<Summary>& experiments, Text text) {
    std::size_t columns = 0;
    for (const Summary& experiment : experiments)
        columns = std::max(columns, columns_of(text(experiment)));
    return columns;
}

/// What is most worth reading: the idea; where there is none, why it ended so.
std::string telling(const Summary& experiment) {
    if (!experiment.idea.empty()) return one_line(experiment.idea);
    return experiment.decision ? one_line(experiment.decision->reason) : std::string();
}

}  // namespace

std::string list_text(const std::vector<Summary>& experiments, Scale scale, const Style& style) {
    const std::size_t numbers = widest(experiments, [](const Summary& each) { return number_text(each.id); });
    const std::size_t verdicts = widest(experiments, verdict_text);
    const auto effect_of = [&](const Summary& each) {
        return each.decision ? effect_text(each.decision->effect, scale) : std::string();
    };
    const std::size_t effects = widest(experiments, effect_of);
    std::string text;
    for (const Summary& experiment : experiments) {
        const std::string verdict = padded(verdict_text(experiment), verdicts);
        std::string line = padded(number_text(experiment.id), numbers) + "  ";
        std::size_t used = columns_of(line) + verdicts + 2;
        line += experiment.decision ? painted(verdict, experiment.decision->verdict, style) : verdict;
        const std::string effect_field = padded(effect_of(experiment), effects) + "  ";
        line += "  " + effect_field;
        used += columns_of(effect_field);
        const auto columns = static_cast<std::size_t>(std::max(style.columns, 40));
        line += clipped_to_columns(telling(experiment), columns - std::min(columns, used));
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

std::string imported_text(const std::vector<ImportedExperiment>& imported, const Style& style) {
    std::string text;
    for (const ImportedExperiment& each : imported) {
        std::string line = padded(imported_number(each.id), 5) + ' ' + padded(name_of(each.status), 13) + ' ';
        line += padded(imported_value(each), 16) + ' ';
        const auto columns = static_cast<std::size_t>(std::max(style.columns, 40));
        const std::size_t used = std::min(columns, columns_of(line));
        line += clipped_to_columns(one_line(each.description), columns - used);
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

std::string notes_text(const std::vector<Note>& notes, const Style& style) {
    if (notes.empty()) return "No notes yet: `ratchet note TEXT` tells the next proposers something.\n";
    std::string text;
    for (const Note& note : notes) {
        text += painted(time_text(note.at), Colour::faint, style) + "  " + one_line(note.text) + '\n';
    }
    return text;
}

}  // namespace ratchet
