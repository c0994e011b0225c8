#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/views/lookup_views.hpp"

namespace ratchet {
namespace {

/// A path that is longer is cut: its line must stay one.
constexpr std::size_t widest_path = 60;

std::string path_field(const std::string& path) {
    return clipped_to_columns(shown_path(path), widest_path);
}

std::string file_line(const FileRecord& file, std::size_t paths, Scale scale, const Style& style) {
    const std::string kept = fmt::format("{:>5}", file.kept);
    std::string line = fmt::format("{}  {:>8} {} {:>7}", padded(path_field(file.path), paths), file.attempts,
                                   file.kept > 0 ? painted(kept, Colour::green, style) : kept, file.failures);
    if (file.best_effect) line += "  " + format_effect(*file.best_effect, scale);
    return line + '\n';
}

std::string untouched_text(const TriedWhere& map) {
    if (map.untouched_in_all == 0) return {};
    std::string text = fmt::format("\nIn scope, and touched by nobody ({}):\n", map.untouched_in_all);
    for (const std::string& path : map.untouched)
        text += "  " + path_field(path) + '\n';
    if (map.untouched_in_all > map.untouched.size())
        text += fmt::format("  … and {} more\n", map.untouched_in_all - map.untouched.size());
    return text;
}

}  // namespace

std::string map_text(const TriedWhere& map, Scale scale, const Style& style) {
    if (map.files.empty()) return "No file was touched yet.\n" + untouched_text(map);
    std::size_t paths = 4;
    for (const FileRecord& file : map.files)
        paths = std::max(paths, columns_of(path_field(file.path)));
    std::string text =
        painted(padded("file", paths) + "  attempts  kept  failed  best", Colour::faint, style);
    text += '\n';
    for (const FileRecord& file : map.files)
        text += file_line(file, paths, scale, style);
    if (map.files_in_all > map.files.size())
        text += fmt::format("… and {} files with fewer attempts; --limit N shows more\n",
                            map.files_in_all - map.files.size());
    return text + untouched_text(map);
}

nlohmann::ordered_json map_json(const TriedWhere& map) {
    nlohmann::ordered_json files = nlohmann::ordered_json::array();
    for (const FileRecord& file : map.files) {
        files.push_back({{"path", file.path},
                         {"attempts", file.attempts},
                         {"failures", file.failures},
                         {"kept", file.kept},
                         {"best_effect", file.best_effect ? nlohmann::ordered_json(*file.best_effect)
                                                          : nlohmann::ordered_json(nullptr)}});
    }
    return {{"files", std::move(files)},
            {"files_in_all", map.files_in_all},
            {"untouched", map.untouched},
            {"untouched_in_all", map.untouched_in_all}};
}

std::string ideas_text(const std::vector<Idea>& ideas, const Style& style) {
    if (ideas.empty()) return "No proposal has left an idea yet.\n";
    std::size_t numbers = 0;
    for (const Idea& idea : ideas)
        numbers = std::max(numbers, number_text(idea.from).size());
    const auto columns = static_cast<std::size_t>(std::max(style.columns, 40));
    std::string text;
    for (const Idea& idea : ideas) {
        text += painted("from " + padded(number_text(idea.from), numbers), Colour::faint, style) + "  " +
                clipped_to_columns(one_line(idea.text), columns - numbers - 7) + '\n';
    }
    return text;
}

nlohmann::ordered_json ideas_json(const std::vector<Idea>& ideas) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Idea& idea : ideas)
        list.push_back({{"from", idea.from.value}, {"idea", idea.text}});
    return list;
}

}  // namespace ratchet
