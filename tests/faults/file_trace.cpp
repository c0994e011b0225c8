#include "tests/faults/file_trace.hpp"

#include <fstream>
#include <sstream>

namespace ratchet::test {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> fields_of_line(const std::string& line) {
    std::vector<std::string> fields;
    std::istringstream stream(line);
    for (std::string field; std::getline(stream, field, '\t');)
        fields.push_back(field);
    return fields;
}

}  // namespace

std::string TracedEvent::text() const {
    if (!point.empty()) return point;
    return kind + " " + path.string() + (to.empty() ? "" : " -> " + to.string());
}

std::vector<TracedEvent> read_trace(const fs::path& record, const fs::path& folder) {
    const auto relative = [&folder](const std::string& path) {
        return fs::path(path).lexically_normal().lexically_relative(folder);
    };
    std::vector<TracedEvent> events;
    std::ifstream lines(record);
    for (std::string line; std::getline(lines, line);) {
        TracedEvent& event = events.emplace_back();
        const std::vector<std::string> fields = fields_of_line(line);
        if (fields.size() < 3) {
            event.point = line;
            continue;
        }
        event.kind = fields[1];
        event.path = relative(fields[2]);
        if (fields.size() > 3) event.to = relative(fields[3]);
    }
    return events;
}

bool is_below(const fs::path& path, const fs::path& folder) {
    const fs::path rest = path.lexically_relative(folder);
    return !rest.empty() && *rest.begin() != "..";
}

void Volatile::take(const TracedEvent& event) {
    const fs::path& result = event.result();
    if (event.kind == "sync") {
        contents_.erase(result);
        std::erase_if(names_, [&](const fs::path& name) { return name.parent_path() == result; });
    } else if (event.kind == "remove") {
        // That it is back after a failure of the power does no harm: what is removed is removed again.
        contents_.erase(result);
        names_.erase(result);
    } else if (event.kind == "rename" || event.kind == "link") {
        const bool unsafe = contents_.contains(event.path);
        if (event.kind == "rename") {
            contents_.erase(event.path);
            names_.erase(event.path);
        }
        contents_.erase(result);
        if (unsafe) contents_.insert(result);
        names_.insert(result);
    } else {
        if (event.kind != "mkdir") contents_.insert(result);
        if (event.kind != "write") names_.insert(result);
    }
}

std::vector<std::string> Volatile::below(const fs::path& folder) const {
    std::vector<std::string> found;
    for (const fs::path& file : contents_) {
        if (is_below(file, folder)) found.push_back("what is in " + file.string());
    }
    for (const fs::path& name : names_) {
        if (is_below(name, folder)) found.push_back("the name " + name.string());
    }
    return found;
}

std::vector<std::string> Volatile::at(const fs::path& file) const {
    std::vector<std::string> found;
    if (contents_.contains(file)) found.push_back("what is in " + file.string());
    for (fs::path path = file; !path.empty(); path = path.parent_path()) {
        if (names_.contains(path)) found.push_back("the name " + path.string());
    }
    return found;
}

}  // namespace ratchet::test
