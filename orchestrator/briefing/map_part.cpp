// Parts 5 and 6 of the prompt: what was tried where, and what breaks there.

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "orchestrator/briefing/digest.hpp"
#include "orchestrator/briefing/list_part.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/notation.hpp"

namespace ratchet {
namespace {

constexpr std::size_t mapped_path_bytes = 160;
constexpr std::size_t mapped_function_bytes = 80;

/// "attempts 4, kept 1, failed 3, best +1.2%", of a file or a function.
template <typename Record>
std::string counts_of(const Record& record, Scale scale) {
    std::string text =
        fmt::format("attempts {}, kept {}, failed {}", record.attempts, record.kept, record.failures);
    if (record.best_effect) text += ", best " + format_effect(*record.best_effect, scale);
    return text;
}

std::size_t bytes_of(const std::string& line) {
    return line.size() + 1;
}

/// The lines of all files; below each those of its functions, the most tried of all first, that leave room
/// for all files.
std::vector<std::string> lines_of_map(const DigestFacts& facts, Scale scale, std::size_t room) {
    std::vector<std::string> files;
    std::map<std::string, std::vector<std::string>> functions;
    std::size_t bytes = 0;
    for (const FileRecord& file : facts.map) {
        files.push_back(prompt_line(shown_path(file.path), mapped_path_bytes) + ": " +
                        counts_of(file, scale));
        bytes += bytes_of(files.back());
        functions[file.path] = {};
    }
    for (const FunctionRecord& function : facts.functions) {
        const auto of_file = functions.find(function.path);
        if (of_file == functions.end()) continue;
        std::string line =
            "  " + prompt_line(function.function, mapped_function_bytes) + ": " + counts_of(function, scale);
        bytes += bytes_of(line);
        if (bytes > room) break;
        of_file->second.push_back(std::move(line));
    }
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < files.size(); ++i) {
        lines.push_back(files[i]);
        const std::vector<std::string>& its = functions[facts.map[i].path];
        lines.insert(lines.end(), its.begin(), its.end());
    }
    return lines;
}

/// "gate unit tests", "build": which command failed.
std::string command_of(const FailureSignature& trap) {
    const std::string name = prompt_line(trap.name, 60);
    return trap.stage == name_of(Stage::gated) ? "gate " + name : name;
}

/// " | 5 of them touched src/a.cpp multiply, which 6 experiments touched in all".
std::string place_of_trap(const FailureSignature& trap) {
    if (!trap.place) return {};
    std::string place = prompt_line(shown_path(trap.place->path), mapped_path_bytes);
    if (!trap.place->function.empty())
        place += ' ' + prompt_line(trap.place->function, mapped_function_bytes);
    const std::string who =
        trap.place->failures == trap.count ? "each" : std::to_string(trap.place->failures);
    return fmt::format(" | {} of them touched {}, which {} experiments touched in all", who, place,
                       trap.place->attempts);
}

}  // namespace

std::string write_map(const Campaign& campaign, const DigestFacts& facts, std::size_t room) {
    ListPart part;
    part.heading = "## Map\n";
    part.introduction =
        facts.map.empty()
            ? "No file was touched yet.\n"
            : "What experiments touched, with the functions below their file. A file in scope that is not "
              "listed was never touched.\n";
    part.label = recorded;
    const std::size_t frame = part.heading.size() + part.introduction.size() + frame_bytes(part.label);
    part.lines = lines_of_map(facts, campaign.benchmark.scale, room - std::min(room, frame));
    const std::size_t lines = part.lines.size();
    const bool all_files = facts.map.size() < static_cast<std::size_t>(files_in_map);
    part.left_out = [lines, all_files](std::size_t shown) -> std::string {
        return shown < lines || !all_files ? "Files with fewer attempts are not shown." : "";
    };
    return write_list(part, room);
}

std::string write_traps(const DigestFacts& facts, std::size_t room) {
    if (facts.traps.empty()) return {};
    ListPart part;
    part.heading = "## Traps\n";
    part.introduction = "Failures that came more than once.\n";
    part.label = "from the output of earlier experiments";
    for (const FailureSignature& trap : facts.traps) {
        part.lines.push_back(fmt::format("{} times, {} (last in #{}): {}{}", trap.count, command_of(trap),
                                         trap.last.value, prompt_line(trap.line, 200), place_of_trap(trap)));
    }
    return write_list(part, room);
}

}  // namespace ratchet
