#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/views/lookup_views.hpp"

namespace ratchet {
namespace {

/// Deeper lines of the tree are not moved further in: the text needs the room.
constexpr std::size_t deepest_indent = 6;

std::size_t screen(const Style& style) {
    return static_cast<std::size_t>(std::max(style.columns, 40));
}

/// "#7 kept +41.9% ± 1.4% | Block the loops", in so many columns.
std::string entry(const Summary& experiment, Scale scale, std::size_t columns) {
    std::string line = number_text(experiment.id) + ' ' + verdict_text(experiment);
    if (experiment.decision) {
        const std::string effect = effect_text(experiment.decision->effect, scale);
        if (!effect.empty()) line += ' ' + effect;
    }
    if (!experiment.idea.empty()) line += " | " + one_line(experiment.idea);
    return clipped_to_columns(line, columns);
}

std::string branch(std::size_t depth, const std::string& text) {
    return std::string(2 * std::min(depth, deepest_indent), ' ') + text + '\n';
}

std::string tree_text(const Family& family, Scale scale, const Style& style) {
    const std::size_t columns = screen(style) - 2 * deepest_indent - 4;
    std::string text = family.reaches_base ? "base " + family.base.abbreviated() + '\n' : "… earlier ones\n";
    std::size_t depth = 1;
    for (const Summary& ancestor : family.ancestors)
        text += branch(depth++, "└ " + entry(ancestor, scale, columns));
    text += branch(depth++, "└ " + painted(entry(family.self, scale, columns), Colour::bold, style));
    for (const Summary& descendant : family.descendants)
        text += branch(depth, "├ " + entry(descendant, scale, columns));
    const auto shown = static_cast<std::int64_t>(family.descendants.size());
    if (family.descendants_in_all > shown)
        text += branch(depth, fmt::format("└ … and {} more", family.descendants_in_all - shown));
    return text;
}

std::string list_of(const char* heading, const std::vector<Summary>& experiments, Scale scale,
                    const Style& style) {
    if (experiments.empty()) return {};
    std::string text = fmt::format("\n{}\n", heading);
    for (const Summary& experiment : experiments)
        text += "  " + entry(experiment, scale, screen(style) - 2) + '\n';
    return text;
}

std::string replays_text(const std::vector<Replay>& replays, Scale scale) {
    if (replays.empty()) return {};
    std::string text = "\nmeasured again\n";
    for (const Replay& replay : replays) {
        text += fmt::format("  {} {} {}", time_text(replay.at), name_of(replay.decision.verdict),
                            effect_text(replay.decision.effect, scale));
        text.erase(text.find_last_not_of(' ') + 1);
        text += '\n';
    }
    return text;
}

nlohmann::ordered_json replays_json(const std::vector<Replay>& replays) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Replay& replay : replays)
        list.push_back(json_of(replay));
    return list;
}

}  // namespace

std::string neighbours_text(const std::vector<Neighbour>& neighbours, Scale scale, const Style& style) {
    std::string text;
    for (const Neighbour& neighbour : neighbours) {
        text += fmt::format("{:>2} bits  {}\n", neighbour.distance,
                            entry(neighbour.experiment, scale, screen(style) - 9));
    }
    return text;
}

nlohmann::ordered_json neighbours_json(const std::vector<Neighbour>& neighbours) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Neighbour& neighbour : neighbours) {
        list.push_back(json_of(neighbour.experiment));
        list.back()["distance"] = neighbour.distance;
    }
    return list;
}

std::string family_text(const Family& family, Scale scale, const Style& style) {
    std::string text = tree_text(family, scale, style);
    text += list_of("duplicates of it", family.duplicates, scale, style);
    if (!family.near.empty())
        text += "\nlike it (bits of 64 in which the diffs' fingerprints differ)\n" +
                neighbours_text(family.near, scale, style);
    return text + replays_text(family.replays, scale);
}

nlohmann::ordered_json family_json(const Family& family) {
    return {{"experiment", family.self.id.value},         {"base", family.base.hex},
            {"reaches_base", family.reaches_base},        {"ancestors", json_of(family.ancestors)},
            {"descendants", json_of(family.descendants)}, {"descendants_in_all", family.descendants_in_all},
            {"duplicates", json_of(family.duplicates)},   {"near", neighbours_json(family.near)},
            {"replays", replays_json(family.replays)}};
}

}  // namespace ratchet
