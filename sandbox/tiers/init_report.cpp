#include "sandbox/tiers/init_report.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

namespace ratchet {
namespace {

InitReport::End end_of(const nlohmann::json& line) {
    InitReport::End end;
    end.ending = named<Ending>(line.value("ending", std::string())).value_or(Ending::exited);
    end.status = line.value("status", 0);
    end.figures.wall_seconds = line.value("wall", 0.0);
    end.figures.user_seconds = line.value("user", 0.0);
    end.figures.system_seconds = line.value("system", 0.0);
    end.figures.peak_memory_bytes = line.value("peak", std::int64_t{0});
    end.figures.involuntary_switches = line.value("switches", std::int64_t{0});
    end.figures.read_bytes = line.value("read", std::int64_t{0});
    end.figures.written_bytes = line.value("written", std::int64_t{0});
    if (line.contains("processes")) end.figures.processes = line.value("processes", std::int64_t{0});
    if (line.contains("instructions")) end.figures.instructions = line.value("instructions", std::int64_t{0});
    end.excess = line.value("excess", std::string());
    end.altered = line.value("altered", std::string());
    return end;
}

}  // namespace

InitReport parse_init_report(std::string_view text) {
    InitReport report;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        const nlohmann::json parsed = nlohmann::json::parse(line, nullptr, false);
        if (!parsed.is_object()) continue;
        if (parsed.contains("started")) report.started = true;
        if (parsed.contains("error")) report.error = parsed.value("error", std::string());
        if (parsed.contains("status")) report.end = end_of(parsed);
        if (parsed.contains("resources")) {
            for (const auto& [file, content] : parsed["resources"].items()) {
                if (content.is_string()) report.resources[file] = content.get<std::string>();
            }
        }
    }
    return report;
}

}  // namespace ratchet
