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

std::string function_field(const FunctionRecord& function) {
    return "  " + clipped_to_columns(one_line(function.function), widest_path - 2);
}

/// Of a file or a function.
template <typename Record>
std::string record_line(const std::string& place, const Record& record, std::size_t places, Scale scale,
                        const Style& style) {
    const std::string kept = fmt::format("{:>5}", record.kept);
    std::string line =
        fmt::format("{}  {:>8} {} {:>7}", padded(place, places), record.attempts,
                    record.kept > 0 ? painted(kept, Colour::green, style) : kept, record.failures);
    if (record.best_effect) line += "  " + format_effect(*record.best_effect, scale);
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
    for (const FunctionRecord& function : map.functions)
        paths = std::max(paths, columns_of(function_field(function)));
    std::string text =
        painted(padded("file", paths) + "  attempts  kept  failed  best", Colour::faint, style);
    text += '\n';
    auto function = map.functions.begin();
    for (const FileRecord& file : map.files) {
        text += record_line(path_field(file.path), file, paths, scale, style);
        for (; function != map.functions.end() && function->path == file.path; ++function)
            text += record_line(function_field(*function), *function, paths, scale, style);
    }
    if (map.files_in_all > map.files.size())
        text += fmt::format("… and {} files with fewer attempts; --limit N shows more\n",
                            map.files_in_all - map.files.size());
    return text + untouched_text(map);
}

nlohmann::ordered_json map_json(const TriedWhere& map) {
    using Json = nlohmann::ordered_json;
    const auto add_record = [](Json place, const auto& record) {
        place["attempts"] = record.attempts;
        place["failures"] = record.failures;
        place["kept"] = record.kept;
        place["best_effect"] = record.best_effect ? Json(*record.best_effect) : Json(nullptr);
        return place;
    };
    Json files = Json::array();
    for (const FileRecord& file : map.files)
        files.push_back(add_record({{"path", file.path}}, file));
    Json functions = Json::array();
    for (const FunctionRecord& function : map.functions)
        functions.push_back(add_record({{"path", function.path}, {"function", function.function}}, function));
    return {{"files", std::move(files)},
            {"functions", std::move(functions)},
            {"files_in_all", map.files_in_all},
            {"untouched", map.untouched},
            {"untouched_in_all", map.untouched_in_all}};
}

std::string ideas_text(const std::vector<IdeaFate>& ideas, const Style& style) {
    if (ideas.empty()) return "No proposal has left an idea yet.\n";
    std::size_t numbers = 0;
    for (const IdeaFate& idea : ideas)
        numbers = std::max(numbers, number_text(idea.from).size());
    const auto columns = static_cast<std::size_t>(std::max(style.columns, 40));
    std::string text;
    for (const IdeaFate& idea : ideas) {
        std::string fate;
        if (idea.times > 1) fate += fmt::format(", left {} times", idea.times);
        if (idea.tried_as) fate += ", tried as " + number_text(*idea.tried_as);
        if (idea.verdict) fate += fmt::format(" ({})", name_of(*idea.verdict));
        const std::size_t room = columns - std::min(columns - 20, numbers + 7 + fate.size());
        text += painted("from " + padded(number_text(idea.from), numbers), Colour::faint, style) + "  " +
                clipped_to_columns(one_line(idea.text), room) + painted(fate, Colour::faint, style) + '\n';
    }
    return text;
}

nlohmann::ordered_json ideas_json(const std::vector<IdeaFate>& ideas) {
    using Json = nlohmann::ordered_json;
    Json list = Json::array();
    for (const IdeaFate& idea : ideas)
        list.push_back({{"from", idea.from.value},
                        {"idea", idea.text},
                        {"times", idea.times},
                        {"tried_as", idea.tried_as ? Json(idea.tried_as->value) : Json(nullptr)},
                        {"verdict", idea.verdict ? Json(name_of(*idea.verdict)) : Json(nullptr)}});
    return list;
}

}  // namespace ratchet
