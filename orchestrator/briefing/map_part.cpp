// Parts 5 and 6 of the prompt: what was tried where, and what breaks there.

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

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

/// The lines of the map, made once: those of all files at once, those of functions when they are asked for,
/// of which there are more than there is room for.
class MapLines {
  public:
    MapLines(const DigestFacts& facts, Scale scale) : facts_(facts), scale_(scale) {
        for (const FileRecord& file : facts.map) {
            file_of_.emplace(file.path, files_.size());
            files_.push_back(prompt_line(shown_path(file.path), mapped_path_bytes) + ": " +
                             counts_of(file, scale));
            bytes_of_files_ += bytes_of(files_.back());
        }
    }

    /// The lines of all files; below each those of its functions, the most tried of all first, that leave
    /// room for all files.
    std::vector<std::string> that_fit(std::size_t room) {
        std::vector<std::vector<std::size_t>> below(files_.size());
        std::size_t bytes = bytes_of_files_;
        for (std::size_t i = 0; has_function(i); ++i) {
            bytes += bytes_of(functions_[i].line);
            if (bytes > room) break;
            below[functions_[i].file].push_back(i);
        }
        std::vector<std::string> lines;
        for (std::size_t file = 0; file < files_.size(); ++file) {
            lines.push_back(files_[file]);
            for (const std::size_t i : below[file])
                lines.push_back(functions_[i].line);
        }
        return lines;
    }

  private:
    struct FunctionLine {
        std::size_t file;
        std::string line;
    };

    /// Whether there is an `i`th function in one of the files; makes its line.
    bool has_function(std::size_t i) {
        for (; functions_.size() <= i && next_ < facts_.functions.size(); ++next_) {
            const FunctionRecord& function = facts_.functions[next_];
            const auto file = file_of_.find(function.path);
            if (file == file_of_.end()) continue;
            functions_.push_back({file->second, "  " + prompt_line(function.function, mapped_function_bytes) +
                                                    ": " + counts_of(function, scale_)});
        }
        return i < functions_.size();
    }

    const DigestFacts& facts_;
    Scale scale_;
    std::map<std::string_view, std::size_t> file_of_;
    std::vector<std::string> files_;
    std::size_t bytes_of_files_ = 0;
    std::vector<FunctionLine> functions_;
    std::size_t next_ = 0;  ///< of all functions, the first that was not looked at
};

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

PartWriter prepare_map(const Campaign& campaign, const DigestFacts& facts) {
    ListPart part;
    part.heading = "## Map\n";
    part.introduction =
        facts.map.empty()
            ? "No file was touched yet.\n"
            : "What experiments touched, with the functions below their file. A file in scope that is not "
              "listed was never touched.\n";
    part.label = recorded;
    const std::size_t frame = part.heading.size() + part.introduction.size() + frame_bytes(part.label);
    const bool all_files = facts.map.size() < static_cast<std::size_t>(files_in_map);
    const auto lines = std::make_shared<MapLines>(facts, campaign.benchmark.scale);
    return [part, frame, all_files, lines](std::size_t room) {
        ListPart map = part;
        map.lines = lines->that_fit(room - std::min(room, frame));
        map.left_out = [all_files, told = map.lines.size()](std::size_t shown) -> std::string {
            return shown < told || !all_files ? "Files with fewer attempts are not shown." : "";
        };
        return write_list(map, room);
    };
}

PartWriter prepare_traps(const DigestFacts& facts) {
    if (facts.traps.empty()) return [](std::size_t) { return std::string(); };
    ListPart part;
    part.heading = "## Traps\n";
    part.introduction = "Failures that came more than once.\n";
    part.label = "from the output of earlier experiments";
    for (const FailureSignature& trap : facts.traps) {
        part.lines.push_back(fmt::format("{} times, {} (last in #{}): {}{}", trap.count, command_of(trap),
                                         trap.last.value, prompt_line(trap.line, 200), place_of_trap(trap)));
    }
    return prepared_list(std::move(part));
}

}  // namespace ratchet
