#include "sandbox/declared_command.hpp"

namespace ratchet {

ConfinedCommand declared_command(const SandboxSettings& sandbox) {
    ConfinedCommand command;
    command.mounts = declared_mounts(sandbox.read, sandbox.home, false);
    command.devices.assign(sandbox.devices.begin(), sandbox.devices.end());
    for (const std::string& variable : sandbox.env) {
        const std::size_t equals = variable.find('=');
        if (equals == std::string::npos) continue;  // not set where the campaign was opened
        command.environment.emplace_back(variable.substr(0, equals), variable.substr(equals + 1));
    }
    command.memory_bytes = sandbox.memory_bytes;
    command.processes = sandbox.processes;
    command.disk_bytes = sandbox.disk_bytes;
    return command;
}

std::vector<Mount> declared_mounts(const std::vector<std::string>& paths, const std::string& home,
                                   bool writable) {
    std::vector<Mount> mounts;
    for (const std::string& path : paths) {
        mounts.push_back({path, path, writable});
        const std::filesystem::path below = std::filesystem::path(path).lexically_relative(home);
        const bool at_home = !home.empty() && !below.empty() && *below.begin() != ".." && below != ".";
        if (at_home) mounts.push_back({path, std::filesystem::path(inner_home) / below, writable});
    }
    return mounts;
}

}  // namespace ratchet
