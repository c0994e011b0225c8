#include "sandbox/tiers/bubblewrap_launch.hpp"

#include <unistd.h>

#include <system_error>

#include "sandbox/machine/processors.hpp"
#include "sandbox/tiers/inner_files.hpp"
#include "sandbox/tiers/root_steps.hpp"

namespace ratchet {
namespace {

// Descriptors in the order of Command: 3 is the report, then the attachments.
constexpr int arguments_descriptor = 4;
constexpr int filter_descriptor = 5;
constexpr int first_file_descriptor = 6;
/// bubblewrap's two processes, the helper inside and the one that relays, which are none of the command's.
constexpr std::int64_t own_processes = 5;

using Strings = std::vector<std::string>;

void append(Strings& list, std::initializer_list<std::string> more) {
    list.insert(list.end(), more);
}

/// What is left for bubblewrap: the namespaces, /proc in them, and who the command is in there.
Strings bubblewrap_arguments(const ConfinedCommand& command) {
    Strings arguments = {"--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts",
                         "--unshare-cgroup-try"};
    if (!command.network) append(arguments, {"--unshare-net"});
    if (!command.nested_sandboxes) append(arguments, {"--disable-userns"});
    append(arguments,
           {"--cap-drop", "ALL", "--uid", std::to_string(inner_uid), "--gid", std::to_string(inner_uid),
            "--hostname", "sandbox", "--die-with-parent", "--new-session", "--as-pid-1"});
    // "dev": the devices among what is there must stay usable; all else was mounted without that.
    append(arguments, {"--dev-bind", "/tmp/root", "/", "--proc", "/proc", "--clearenv"});
    for (const auto& [name, value] : environment_of(command, inner_home, "/tmp"))
        append(arguments, {"--setenv", name, value});
    append(arguments, {"--chdir", "/", "--seccomp", std::to_string(filter_descriptor)});
    return arguments;
}

}  // namespace

LaunchSettings launch_settings(const ConfinementSettings& settings) {
    LaunchSettings launch;
    launch.helper = settings.helper;
    launch.bubblewrap = settings.bubblewrap;
    launch.drop = ::geteuid() == 0 ? dedicated_uid : 0;
    launch.counter = settings.counter;
    std::error_code ignored;
    for (const char* path : {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
        const auto target = std::filesystem::read_symlink(path, ignored);
        if (!ignored) {
            launch.links.emplace_back(path, target.string());
        } else if (std::filesystem::is_directory(path, ignored)) {
            launch.folders.emplace_back(path);
        }
    }
    // The processors' description is what run times and benchmarks size themselves by; the rest of /sys is
    // hidden.
    for (const char* path : {"/usr", "/etc/ld.so.cache", "/etc/alternatives", "/sys/devices/system/cpu"}) {
        if (std::filesystem::exists(path, ignored)) launch.folders.emplace_back(path);
    }
    return launch;
}

std::int64_t memory_limit(const ConfinedCommand& command) {
    if (command.memory_bytes > 0) return command.memory_bytes;
    return std::int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGESIZE) / 2;
}

std::vector<std::string> supervisor_arguments(const std::filesystem::path& helper,
                                              const std::vector<ControlGroupPlan>& groups, Counter counter) {
    Strings arguments = {helper.string(), "outside",
                         "--parent",      std::to_string(::getpid()),
                         "--count",       std::string(name_of(counter))};
    for (const ControlGroupPlan& group : groups) {
        append(arguments, {"--cgroup", group.folder.string()});
        for (const auto& [file, value] : group.settings)
            append(arguments, {"--set", file, value});
        for (const std::string& file : group.readings)
            append(arguments, {"--read", file});
    }
    return arguments;
}

std::vector<std::string> inner_arguments(const std::string& helper, const ConfinedCommand& command,
                                         const std::string& tree, const Resources& resources, int watched) {
    const std::string folder = (std::filesystem::path(tree) / command.folder).string();
    Strings arguments = {helper,        "inside",
                         "--wall-ms",   std::to_string(command.timeout.count()),
                         "--file-size", std::to_string(command.disk_bytes),
                         "--folder",    folder};
    if (!command.processors.empty()) append(arguments, {"--processors", list_text(command.processors)});
    if (watched >= 0) append(arguments, {"--watched", std::to_string(watched), tree});
    if (command.access == TreeAccess::writable)
        append(arguments, {"--weigh", tree, std::to_string(command.disk_bytes)});
    if (!command.gateway.empty())
        append(arguments, {"--gateway", std::to_string(inner_gateway_port), inner_gateway});
    if (command.processes > 0)
        append(arguments, {"--processes", std::to_string(command.processes + own_processes)});
    if (!resources.limits_the_whole()) append(arguments, {"--data", std::to_string(memory_limit(command))});
    append(arguments, {"--", command.shell_command});
    return arguments;
}

std::vector<std::pair<std::string, std::string>> environment_of(const ConfinedCommand& command,
                                                                const std::string& home,
                                                                const std::string& temporary) {
    std::vector<std::pair<std::string, std::string>> environment = {
        {"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"HOME", home}, {"TMPDIR", temporary}, {"LANG", "C.UTF-8"}};
    if (command.git_directory) {
        // The tree may belong to a uid that git does not know in here.
        environment.insert(
            environment.end(),
            {{"GIT_CONFIG_COUNT", "1"}, {"GIT_CONFIG_KEY_0", "safe.directory"}, {"GIT_CONFIG_VALUE_0", "*"}});
    }
    for (const auto& [name, value] : command.environment) {
        std::erase_if(environment, [&name](const auto& entry) { return entry.first == name; });
        environment.emplace_back(name, value);
    }
    if (!command.gateway.empty()) environment.emplace_back(gateway_variable, inner_gateway_url);
    for (auto& [name, value] : environment) {
        if (name == "PATH" && !command.programs.empty()) value.insert(0, command.programs.string() + ":");
    }
    return environment;
}

Command bubblewrap_launch(const ConfinedCommand& command, const LaunchSettings& settings,
                          const Resources& resources, const std::string& group_name) {
    Strings attachments = {{},
                           command.nested_sandboxes ? settings.nesting_filter : settings.system_call_filter};
    const Strings stage = root_steps(command, settings, first_file_descriptor, attachments);
    // Through a descriptor, not the command line: everybody on the host may read that, and an environment can
    // be secret.
    for (const std::string& argument : bubblewrap_arguments(command)) {
        attachments[0] += argument;
        attachments[0] += '\0';
    }
    int watched = -1;
    if (!command.watched.empty() && command.access == TreeAccess::discarded) {
        watched = arguments_descriptor + static_cast<int>(attachments.size());
        std::string& list = attachments.emplace_back();
        for (const std::string& file : command.watched)
            list += file + '\0';
    }

    Command result;
    result.argv = supervisor_arguments(
        settings.helper,
        resources.groups(group_name, {memory_limit(command), command.processes + own_processes}),
        settings.counter);
    if (settings.drop != 0) append(result.argv, {"--drop", std::to_string(settings.drop)});
    result.argv.insert(result.argv.end(), stage.begin(), stage.end());
    append(result.argv,
           {"--", settings.bubblewrap.string(), "--args", std::to_string(arguments_descriptor), "--"});
    const Strings inner = inner_arguments(inner_helper, command, inner_tree, resources, watched);
    result.argv.insert(result.argv.end(), inner.begin(), inner.end());
    // /proc/1/environ inside shows what bubblewrap itself was executed with.
    result.environment = {"PATH=/usr/bin:/bin"};
    result.working_directory = "/";
    result.standard_input = command.standard_input;
    result.wants_report = true;
    result.attachments = std::move(attachments);
    result.supervises = true;
    result.streams_owner = settings.drop;
    return result;
}

std::vector<std::string> visible_paths(const ConfinedCommand& command, const LaunchSettings& settings) {
    Strings visible = {"/proc", "/etc/localtime", inner_tree};
    for (const auto& link : settings.links)
        visible.push_back(link.first);
    visible.insert(visible.end(), settings.folders.begin(), settings.folders.end());
    for (const InnerFile& file : inner_files(command.network))
        visible.push_back(file.path);
    for (const Mount& mount : command.mounts)
        visible.push_back(mount.target.string());
    for (const auto& device : command.devices)
        visible.push_back(device.string());
    if (command.git_directory) visible.push_back(command.git_directory->string());
    return visible;
}

std::filesystem::path work_folder(const std::filesystem::path& upper) {
    std::filesystem::path work = upper;
    work += ".work";
    return work;
}

std::filesystem::path below_tree(const std::filesystem::path& target) {
    const std::filesystem::path relative = target.lexically_normal().lexically_relative(inner_tree);
    const bool outside = relative.empty() || relative == "." || *relative.begin() == "..";
    return outside ? std::filesystem::path() : relative;
}

}  // namespace ratchet
