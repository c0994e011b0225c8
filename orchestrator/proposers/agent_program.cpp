#include "orchestrator/proposers/agent_program.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <system_error>

#include "experiment_store/errors.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

/// The first executable file of this name; empty where there is none.
fs::path find_in(const std::string& search_path, const std::string& program) {
    std::istringstream folders(search_path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (folder.empty() || folder.front() != '/') continue;  // not what stands in the working directory
        fs::path candidate = fs::path(folder) / program;
        std::error_code ignored;
        if (fs::is_regular_file(candidate, ignored) && ::access(candidate.c_str(), X_OK) == 0)
            return candidate;
    }
    return {};
}

/// The words after `#!` of a script; none of what is no script.
std::vector<std::string> interpreter_line(const fs::path& file) {
    constexpr std::size_t most = 256;  // the kernel reads no more
    std::string line(most, '\0');
    std::ifstream stream(file, std::ios::binary);
    stream.read(line.data(), static_cast<std::streamsize>(most));
    line.resize(static_cast<std::size_t>(stream.gcount()));
    line.resize(std::min(line.size(), line.find('\n')));
    std::vector<std::string> words;
    if (!line.starts_with("#!")) return words;
    std::istringstream text(line.substr(2));
    for (std::string word; text >> word;)
        words.push_back(word);
    return words;
}

/// What `env` in such a line starts: the first word that is neither an option nor a variable.
std::string started_by_env(const std::vector<std::string>& words) {
    const auto found = std::find_if(words.begin() + 1, words.end(), [](const std::string& word) {
        return !word.starts_with('-') && word.find('=') == std::string::npos;
    });
    return found == words.end() ? "" : *found;
}

/// The folder that makes this file work, or the file itself.
fs::path installation_of(const fs::path& file) {
    fs::path above;
    for (const fs::path& component : file) {
        above /= component;
        if (component == "node_modules") return above;
    }
    std::error_code ignored;
    fs::path prefix = file.parent_path().parent_path();
    if (fs::exists(prefix / "pyvenv.cfg", ignored)) return prefix;
    // Python without its library beside it is nothing.
    const bool is_python = file.filename().string().starts_with("python");
    return is_python && file.parent_path().filename() == "bin" ? prefix : file;
}

void show(AgentProgram& program, const fs::path& path) {
    if (lies_in(path, "/usr")) return;  // which every sandbox shows
    for (const fs::path& shown : program.read) {
        if (lies_in(path, shown)) return;
    }
    std::erase_if(program.read, [&](const fs::path& shown) { return lies_in(shown, path); });
    program.read.push_back(path);
}

void add_interpreter(AgentProgram& program, const std::string& search_path) {
    const std::vector<std::string> words = interpreter_line(program.file);
    if (words.empty()) return;
    const bool by_name = fs::path(words.front()).filename() == "env";
    const std::string name = by_name ? started_by_env(words) : words.front();
    const fs::path found = by_name ? find_in(search_path, name) : fs::path(name);
    std::error_code error;
    const fs::path real = fs::canonical(found, error);
    if (found.empty() || error) {
        throw UserError(fmt::format("{} needs {}, which is not installed", program.file.string(), name),
                        "install it, or set PATH so that it is found");
    }
    if (by_name) program.names.emplace_back(name, real);
    // A virtual environment's Python is a link in it: both its place and its target are needed.
    if (!by_name) show(program, installation_of(found));
    show(program, installation_of(real));
}

}  // namespace

bool lies_in(const fs::path& path, const fs::path& folder) {
    const fs::path relative = path.lexically_relative(folder);
    return !relative.empty() && *relative.begin() != "..";
}

AgentProgram find_agent_program(const std::string& program, const fs::path& path,
                                const std::string& search_path) {
    const fs::path found = path.empty() ? find_in(search_path, program) : path;
    std::error_code error;
    AgentProgram agent;
    agent.file = fs::canonical(found, error);
    if (found.empty() || error || ::access(agent.file.c_str(), X_OK) != 0) {
        throw UserError(path.empty()
                            ? fmt::format("the agent {} is not installed: no folder of PATH has it", program)
                            : fmt::format("the agent {} is not at {}", program, path.string()),
                        "install it (docs/agents.md says how), or say in [preset.NAME] path where it is");
    }
    agent.names.emplace_back(program, agent.file);
    show(agent, installation_of(agent.file));
    add_interpreter(agent, search_path);
    return agent;
}

}  // namespace ratchet
