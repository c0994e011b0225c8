#include "sandbox/machine/resources.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>

namespace ratchet {

std::string own_group(const ControlGroupFiles& files, const std::string& controller) {
    // cgroups(7): hierarchy-ID:controller-list:path, and for version 2 "0::path"
    std::ifstream file(files.own);
    for (std::string line; std::getline(file, line);) {
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        if (controllers.find("," + controller + ",") != std::string::npos) return line.substr(second + 1);
    }
    return {};
}

std::int64_t number_after(const std::string& text, const std::string& key) {
    const std::size_t start = text.find(key);
    if (start == std::string::npos) return 0;
    return std::strtoll(text.c_str() + start + key.size(), nullptr, 10);
}

void sweep_groups(const std::filesystem::path& folder) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with("ratchet-")) continue;
        const auto owner = static_cast<pid_t>(number_after(name, "ratchet-"));
        const bool is_over = owner == ::getpid() || (owner > 0 && ::kill(owner, 0) != 0 && errno == ESRCH);
        if (is_over) ::rmdir(entry.path().c_str());
    }
}

std::unique_ptr<Resources> best_resources(const ControlGroupFiles& files) {
    if (auto groups = control_groups_v2(files)) return groups;
    if (auto groups = control_groups_v1(files)) return groups;
    return resource_limits_only();
}

}  // namespace ratchet
