#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace ratchet {

/// An agent as it is installed: what must be seen of the machine so that it runs.
struct AgentProgram {
    std::filesystem::path file;  ///< the program itself, all links followed
    /// What it must find in PATH: itself and, of a script, its interpreter.
    std::vector<std::pair<std::string, std::filesystem::path>> names;
    /// Folders and files outside of /usr: of an npm package the node_modules folder that it is installed in,
    /// of a Python program its virtual environment and Python, else the file alone. None lies in another.
    std::vector<std::filesystem::path> read;
};

/// Finds a program at `path` or, where that is empty, in a list of folders such as PATH, and what it needs.
/// Throws UserError that says what is missing.
AgentProgram find_agent_program(const std::string& program, const std::filesystem::path& path,
                                const std::string& search_path);

/// Whether the path is this folder or lies in it, by their names alone.
bool lies_in(const std::filesystem::path& path, const std::filesystem::path& folder);

}  // namespace ratchet
