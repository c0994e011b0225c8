#include "sandbox/tiers/bubblewrap_launch.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "sandbox/machine/processors.hpp"
#include "sandbox/tiers/inner_files.hpp"

namespace ratchet {
namespace {

// Descriptors in the order of Command: 3 is the report, then the attachments.
constexpr int arguments_descriptor = 4;
constexpr int filter_descriptor = 5;
constexpr int first_file_descriptor = 6;
constexpr const char* inner_helper = "/.ratchet-init";
// Each tmpfs counts against the memory limit too; these keep one of them from using up all of it.
constexpr std::int64_t private_folder_bytes = std::int64_t{1} << 30;
constexpr std::int64_t shared_memory_bytes = std::int64_t{256} << 20;
// What stands in the root itself: folders, links and small files.
constexpr std::int64_t root_bytes = std::int64_t{4} << 20;
// What the stage needs for itself, next to what a run may write.
constexpr std::int64_t stage_overhead_bytes = 1 << 20;
// bubblewrap's two processes and the helper inside, which are none of the command's.
constexpr std::int64_t own_processes = 4;

using Strings = std::vector<std::string>;

void append(Strings& list, std::initializer_list<std::string> more) {
    list.insert(list.end(), more);
}

/// Where the helper puts together what becomes the sandbox's root.
std::string staged(const std::filesystem::path& inner) {
    return "root" + inner.string();
}

/// The steps that put together everything that is to be seen inside. The helper takes them with descriptors,
/// which costs a third of what the same takes in bubblewrap, since that reads the list of all mounts for
/// each.
class RootSteps {
  public:
    RootSteps(const ConfinedCommand& command, const LaunchSettings& settings)
        : command_(command), settings_(settings) {}

    /// What the helper reads from descriptors goes to `attachments`.
    Strings steps(Strings& attachments) {
        append(steps_, {"--stage", std::to_string(command_.disk_bytes + stage_overhead_bytes)});
        add_tmpfs(root_bytes, "0755", "");
        add_system_folders(attachments);
        add_devices();
        add_private_folders();
        append(steps_, {"--ro-bind", settings_.helper.string(), staged(inner_helper)});
        add_tree();
        for (std::size_t i = 0; i < command_.caches.size(); ++i)
            add_cache(command_.caches[i], std::to_string(i));
        if (command_.git_directory) add_git();
        add_mounts();
        append(steps_, {command_.git_directory ? "--protect" : "--mask", staged(inner_tree) + "/.git"});
        append(steps_, {"--seal", staged("")});
        return std::move(steps_);
    }

  private:
    void add_tmpfs(std::int64_t most, const std::string& mode, const std::string& inner) {
        const std::int64_t bytes = std::min(most, command_.disk_bytes);
        append(steps_, {"--tmpfs", std::to_string(bytes), mode, staged(inner)});
    }

    void add_system_folders(Strings& attachments) {
        for (const std::string& path : settings_.folders)
            append(steps_, {"--ro-bind", path, staged(path)});
        for (const auto& [path, target] : settings_.links)
            append(steps_, {"--symlink", target, staged(path)});
        int descriptor = first_file_descriptor;
        for (const InnerFile& file : inner_files(command_.network)) {
            append(steps_, {"--file", std::to_string(descriptor++), staged(file.path)});
            attachments.push_back(file.content);
        }
        if (const auto zone = time_zone(); !zone.empty())
            append(steps_, {"--symlink", zone, staged("/etc/localtime")});
        if (command_.network) {
            for (const auto& path : certificate_paths())
                append(steps_, {"--ro-bind", path, staged(path)});
        }
        append(steps_, {"--dir", staged("/proc")});
    }

    void add_devices() {
        for (const char* device : {"null", "zero", "full", "random", "urandom", "tty"}) {
            const std::string path = std::string("/dev/") + device;
            append(steps_, {"--dev-bind", path, staged(path)});
        }
        append(steps_, {"--terminals", staged("/dev/pts"), "--symlink", "pts/ptmx", staged("/dev/ptmx"),
                        "--symlink", "/proc/self/fd", staged("/dev/fd")});
        append(steps_, {"--symlink", "/proc/self/fd/0", staged("/dev/stdin"), "--symlink", "/proc/self/fd/1",
                        staged("/dev/stdout"), "--symlink", "/proc/self/fd/2", staged("/dev/stderr")});
        for (const auto& device : command_.devices)
            append(steps_, {"--dev-bind", device, staged(device)});
    }

    void add_private_folders() {
        add_tmpfs(shared_memory_bytes, "1777", "/dev/shm");
        add_tmpfs(private_folder_bytes, "1777", "/tmp");
        add_tmpfs(private_folder_bytes, "0755", inner_home);
    }

    void add_tree() {
        const std::string place = staged(inner_tree);
        if (command_.access == TreeAccess::writable) {
            append(steps_, {"--bind", command_.tree.string(), place});
        } else {
            append(steps_,
                   {"--ro-bind", command_.tree.string(), "lower", "--overlay", place, "1", "lower", "", ""});
            if (!command_.watched.empty()) append(steps_, {"--keep-upper"});
        }
    }

    void add_cache(const CacheLayer& cache, const std::string& number) {
        const std::string place = staged(inner_tree) + "/" + cache.target.string();
        Strings lowers;
        for (const auto& folder : cache.lowers) {
            if (!is_there(folder)) continue;
            lowers.push_back("cache-" + number + "-" + std::to_string(lowers.size()));
            append(steps_, {"--ro-bind-below", folder.root.string(), folder.below.string(), lowers.back()});
        }
        if (lowers.empty() && cache.upper) {
            append(steps_, {"--bind", cache.upper->string(), place});
            return;
        }
        if (lowers.empty()) lowers.emplace_back("empty-folder");
        std::string upper;
        std::string work;
        if (cache.upper) {
            // Both in one mount, as the kernel wants them.
            const std::string parent = "cache-" + number + "-upper";
            append(steps_, {"--bind", cache.upper->parent_path().string(), parent});
            upper = parent + "/" + cache.upper->filename().string();
            work = parent + "/" + work_folder(*cache.upper).filename().string();
        }
        append(steps_, {"--overlay", place, std::to_string(lowers.size())});
        steps_.insert(steps_.end(), lowers.begin(), lowers.end());
        append(steps_, {upper, work});
    }

    void add_git() {
        append(steps_, {"--ro-bind", command_.git_directory->string(), staged(*command_.git_directory)});
        if (command_.hidden) append(steps_, {"--mask", staged(*command_.hidden)});
    }

    void add_mounts() {
        // A folder before what lies in it, else it would cover that.
        std::vector<Mount> mounts = command_.mounts;
        std::sort(mounts.begin(), mounts.end(), [](const Mount& left, const Mount& right) {
            return std::lexicographical_compare(left.target.begin(), left.target.end(), right.target.begin(),
                                                right.target.end());
        });
        if (!command_.gateway.empty()) mounts.push_back({command_.gateway, inner_gateway, false});
        for (const Mount& mount : mounts) {
            if (mount.target == mount.source && is_shown(mount.target)) continue;
            append(steps_, {mount.writable ? "--bind" : "--ro-bind", mount.source.string(),
                            staged(mount.target.lexically_normal())});
        }
    }

    /// Whether a path of the host is there already, with the system's folders.
    [[nodiscard]] bool is_shown(const std::filesystem::path& path) const {
        const std::string text = path.lexically_normal().string();
        const auto within = [&text](const std::string& folder) { return text.starts_with(folder + "/"); };
        return std::any_of(settings_.folders.begin(), settings_.folders.end(), within) ||
               std::any_of(settings_.links.begin(), settings_.links.end(),
                           [&within](const auto& link) { return within(link.first); });
    }

    const ConfinedCommand& command_;
    const LaunchSettings& settings_;
    Strings steps_;
};

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
    return environment;
}

Command bubblewrap_launch(const ConfinedCommand& command, const LaunchSettings& settings,
                          const Resources& resources, const std::string& group_name) {
    Strings attachments = {{},
                           command.nested_sandboxes ? settings.nesting_filter : settings.system_call_filter};
    const Strings stage = RootSteps(command, settings).steps(attachments);
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
