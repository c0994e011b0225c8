#include "sandbox/tiers/weak_launch.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <system_error>

#include "sandbox/tiers/bubblewrap_launch.hpp"
#include "sandbox/tiers/inner_files.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

constexpr int weak_filter_descriptor = 4;

/// What programs need of a machine, and nothing that is anybody's own.
constexpr std::array system_paths = {"/usr",
                                     "/bin",
                                     "/sbin",
                                     "/lib",
                                     "/lib32",
                                     "/lib64",
                                     "/libx32",
                                     "/etc/ld.so.cache",
                                     "/etc/alternatives",
                                     "/etc/passwd",
                                     "/etc/group",
                                     "/etc/nsswitch.conf",
                                     "/etc/host.conf",
                                     "/etc/hosts",
                                     "/etc/localtime",
                                     "/etc/timezone",
                                     "/proc",
                                     "/sys/devices/system/cpu"};
constexpr std::array system_devices = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};

/// Every entry on the way down to what is hidden, but for that way itself.
void add_all_but(const fs::path& hidden, const fs::path& folder, Strings& readable) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        const fs::path& path = entry.path();
        if (path == hidden) continue;
        const fs::path below = hidden.lexically_relative(path);
        const bool on_the_way = !below.empty() && *below.begin() != "..";
        if (on_the_way) {
            add_all_but(hidden, path, readable);
        } else {
            readable.push_back(path.string());
        }
    }
}

/// Processes and threads of this user: a limit on their number counts those as well that are not ours.
std::int64_t tasks_of(uid_t user) {
    std::int64_t count = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/proc", error)) {
        const std::string name = entry.path().filename().string();
        struct stat status{};
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        // The owner of the tasks' folder is the process's user, also where it is not dumpable.
        const fs::path tasks = entry.path() / "task";
        if (::stat(tasks.c_str(), &status) != 0) continue;
        if (status.st_uid == user) count += static_cast<std::int64_t>(status.st_nlink) - 2;
    }
    return count;
}

void add(Strings& arguments, const char* option, const Strings& paths) {
    for (const std::string& path : paths) {
        arguments.emplace_back(option);
        arguments.push_back(path);
    }
}

/// What is done about processes that outrun the end of a run. A group of its own hits nobody else; the uid is
/// that of a second ratchet's runs too.
Strings escape_arguments(const WeakSettings& settings, const Resources& resources) {
    if (resources.limits_the_whole()) return {"--bounded"};
    return settings.drop != 0 ? Strings{"--own-uid"} : Strings{};
}

Strings domain_arguments(const ConfinedCommand& command, const PrivateFolder& folder) {
    const AllowedPaths paths = allowed_paths(command, folder);
    Strings arguments = {"--filter", std::to_string(weak_filter_descriptor)};
    add(arguments, "--read", paths.readable);
    add(arguments, "--write", paths.writable);
    add(arguments, "--device", paths.devices);
    if (!command.network) arguments.emplace_back("--no-tcp");
    return arguments;
}

}  // namespace

AllowedPaths allowed_paths(const ConfinedCommand& command, const PrivateFolder& folder) {
    AllowedPaths paths;
    paths.readable.assign(system_paths.begin(), system_paths.end());
    paths.devices.assign(system_devices.begin(), system_devices.end());
    if (command.network) {
        paths.readable.emplace_back("/etc/resolv.conf");
        for (const auto& path : certificate_paths())
            paths.readable.push_back(path.string());
    }
    for (const Mount& mount : command.mounts)
        (mount.writable ? paths.writable : paths.readable).push_back(mount.source.string());
    if (command.git_directory && command.hidden) {
        add_all_but(*command.hidden, *command.git_directory, paths.readable);
    } else if (command.git_directory) {
        paths.readable.push_back(command.git_directory->string());
    }
    for (const auto& device : command.devices)
        paths.devices.push_back(device.string());
    paths.writable.push_back(command.tree.string());
    paths.writable.push_back(folder.path().string());
    return paths;
}

Command weak_launch(const ConfinedCommand& command, const WeakSettings& settings, const Resources& resources,
                    const std::string& group_name, const PrivateFolder& folder) {
    Command result;
    result.argv = supervisor_arguments(
        settings.helper, resources.groups(group_name, {memory_limit(command), command.processes}),
        settings.counter);
    const Strings escape = escape_arguments(settings, resources);
    if (settings.drop != 0) {
        result.argv.emplace_back("--drop");
        result.argv.push_back(std::to_string(settings.drop));
    }
    result.argv.insert(result.argv.end(), escape.begin(), escape.end());
    result.argv.emplace_back("--");
    ConfinedCommand inner = command;
    // A copy whose writes vanish is on the same disk until then.
    inner.access = TreeAccess::writable;
    inner.processes = resources.limits_the_whole()
                          ? 0
                          : command.processes + tasks_of(settings.drop != 0 ? settings.drop : ::getuid());
    Strings arguments =
        inner_arguments(settings.helper.string(), inner, command.tree.string(), resources, -1);
    const Strings domain = domain_arguments(command, folder);
    arguments.insert(arguments.begin() + 2, domain.begin(), domain.end());
    arguments.insert(arguments.begin() + 2, escape.begin(), escape.end());
    result.argv.insert(result.argv.end(), arguments.begin(), arguments.end());
    for (const auto& [name, value] :
         environment_of(command, folder.home().string(), folder.temporary().string())) {
        result.environment.push_back(fmt::format("{}={}", name, value));
    }
    result.working_directory = "/";
    result.standard_input = command.standard_input;
    result.wants_report = true;
    result.attachments = {command.network ? settings.filter_with_network : settings.filter};
    result.supervises = true;
    result.streams_owner = settings.drop;
    return result;
}

fs::path closed_folder(const fs::path& folder, uid_t user) {
    fs::path part;
    for (const auto& component : fs::absolute(folder)) {
        part /= component;
        struct stat status{};
        if (::stat(part.c_str(), &status) != 0) return {};
        const mode_t needed = status.st_uid == user ? S_IXUSR : S_IXOTH;
        if (S_ISDIR(status.st_mode) && (status.st_mode & needed) == 0) return part;
    }
    return {};
}

}  // namespace ratchet
