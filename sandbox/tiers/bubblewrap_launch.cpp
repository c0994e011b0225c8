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
// What the stage needs for itself, next to what a run may write.
constexpr std::int64_t stage_overhead_bytes = 1 << 20;
// bubblewrap's two processes and the helper inside, which are none of the command's.
constexpr std::int64_t own_processes = 4;

using Strings = std::vector<std::string>;

void append(Strings& list, std::initializer_list<std::string> more) {
    list.insert(list.end(), more);
}

bool is_folder(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_directory(path, ignored);
}

/// Two lists that grow together: what the helper prepares outside, and what bubblewrap shows of it.
class Launch {
  public:
    Launch(const ConfinedCommand& command, const LaunchSettings& settings)
        : command_(command), settings_(settings) {}

    Strings stage() {
        append(stage_, {"--stage", std::to_string(command_.disk_bytes + stage_overhead_bytes)});
        append(stage_, {"--ro-bind", settings_.helper.string(), "init"});
        stage_tree();
        for (std::size_t i = 0; i < command_.caches.size(); ++i)
            stage_cache(command_.caches[i], std::to_string(i));
        if (command_.git_directory) stage_git();
        stage_mounts();
        append(stage_, {command_.git_directory ? "--protect" : "--mask", "tree/.git"});
        return std::move(stage_);
    }

    /// After stage(): the arguments of bubblewrap, and what they read from further descriptors.
    Strings bubblewrap(Strings& attachments) {
        namespaces();
        system_folders(attachments);
        private_folders();
        append(arguments_, {"--bind", "/tmp/tree", inner_tree, "--ro-bind", "/tmp/init", inner_helper});
        arguments_.insert(arguments_.end(), shown_.begin(), shown_.end());
        append(arguments_, {"--remount-ro", "/dev", "--remount-ro", "/", "--clearenv"});
        for (const auto& [name, value] : environment_of(command_, inner_home, "/tmp")) {
            append(arguments_, {"--setenv", name, value});
        }
        append(arguments_, {"--chdir", "/", "--seccomp", std::to_string(filter_descriptor)});
        return std::move(arguments_);
    }

  private:
    void stage_tree() {
        if (command_.access == TreeAccess::writable) {
            append(stage_, {"--bind", command_.tree.string(), "tree"});
        } else {
            append(stage_,
                   {"--ro-bind", command_.tree.string(), "lower", "--overlay", "tree", "1", "lower", "", ""});
            if (!command_.watched.empty()) append(stage_, {"--keep-upper"});
        }
    }

    void stage_cache(const CacheLayer& cache, const std::string& number) {
        const std::string place = "tree/" + cache.target.string();
        Strings lowers;
        for (const auto& folder : cache.lowers) {
            if (!is_folder(folder)) continue;
            lowers.push_back("cache-" + number + "-" + std::to_string(lowers.size()));
            append(stage_, {"--ro-bind", folder.string(), lowers.back()});
        }
        if (lowers.empty() && cache.upper) {
            append(stage_, {"--bind", cache.upper->string(), place});
            return;
        }
        if (lowers.empty()) lowers.emplace_back("empty-folder");
        std::string upper;
        std::string work;
        if (cache.upper) {
            // Both in one mount, as the kernel wants them.
            const std::string parent = "cache-" + number + "-upper";
            append(stage_, {"--bind", cache.upper->parent_path().string(), parent});
            upper = parent + "/" + cache.upper->filename().string();
            work = parent + "/" + work_folder(*cache.upper).filename().string();
        }
        append(stage_, {"--overlay", place, std::to_string(lowers.size())});
        stage_.insert(stage_.end(), lowers.begin(), lowers.end());
        append(stage_, {upper, work});
    }

    void stage_git() {
        append(stage_, {"--ro-bind", command_.git_directory->string(), "git"});
        if (command_.hidden) {
            const auto relative = command_.hidden->lexically_relative(*command_.git_directory);
            append(stage_, {"--mask", "git/" + relative.string()});
        }
        append(shown_, {"--ro-bind", "/tmp/git", command_.git_directory->string()});
    }

    void stage_mounts() {
        // A folder before what lies in it, else it would cover that.
        std::vector<Mount> mounts = command_.mounts;
        std::sort(mounts.begin(), mounts.end(), [](const Mount& left, const Mount& right) {
            return std::lexicographical_compare(left.target.begin(), left.target.end(), right.target.begin(),
                                                right.target.end());
        });
        if (!command_.gateway.empty()) mounts.push_back({command_.gateway, inner_gateway, false});
        int number = 0;
        for (const Mount& mount : mounts) {
            const bool shown_already =
                mount.target == mount.source && mount.target.string().starts_with("/usr/");
            if (shown_already) continue;
            const std::string option = mount.writable ? "--bind" : "--ro-bind";
            const std::filesystem::path below = below_tree(mount.target);
            if (!below.empty()) {
                append(stage_, {option, mount.source.string(), "tree/" + below.string()});
                continue;
            }
            const std::string place = "mount-" + std::to_string(number++);
            append(stage_, {option, mount.source.string(), place});
            append(shown_, {option, "/tmp/" + place, mount.target.string()});
        }
    }

    void namespaces() {
        append(arguments_,
               {"--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try"});
        if (!command_.network) append(arguments_, {"--unshare-net"});
        if (!command_.nested_sandboxes) append(arguments_, {"--disable-userns"});
        append(arguments_,
               {"--cap-drop", "ALL", "--uid", std::to_string(inner_uid), "--gid", std::to_string(inner_uid),
                "--hostname", "sandbox", "--die-with-parent", "--new-session", "--as-pid-1"});
    }

    void system_folders(Strings& attachments) {
        append(arguments_, {"--ro-bind", "/usr", "/usr"});
        for (const auto& [path, target] : settings_.links)
            append(arguments_, {"--symlink", target, path});
        for (const std::string& folder : settings_.folders)
            append(arguments_, {"--ro-bind", folder, folder});
        append(arguments_, {"--dir", "/etc", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache",
                            "--ro-bind-try", "/etc/alternatives", "/etc/alternatives"});
        int descriptor = first_file_descriptor;
        for (const InnerFile& file : inner_files(command_.network)) {
            append(arguments_, {"--file", std::to_string(descriptor++), file.path});
            attachments.push_back(file.content);
        }
        if (const auto zone = time_zone(); !zone.empty())
            append(arguments_, {"--symlink", zone, "/etc/localtime"});
        if (command_.network) {
            for (const auto& path : certificate_paths())
                append(arguments_, {"--ro-bind", path, path});
        }
    }

    void private_folders() {
        const auto sized = [this](std::int64_t most) {
            return std::to_string(std::min(most, command_.disk_bytes));
        };
        // The processors' description is what run times and benchmarks size themselves by; the rest of /sys
        // is hidden.
        append(arguments_, {"--proc", "/proc", "--ro-bind-try", "/sys/devices/system/cpu",
                            "/sys/devices/system/cpu", "--dev", "/dev"});
        for (const auto& device : command_.devices)
            append(arguments_, {"--dev-bind", device, device});
        append(arguments_, {"--size", sized(shared_memory_bytes), "--perms", "1777", "--tmpfs", "/dev/shm",
                            "--size", sized(private_folder_bytes), "--perms", "1777", "--tmpfs", "/tmp",
                            "--size", sized(private_folder_bytes), "--tmpfs", inner_home});
    }

    const ConfinedCommand& command_;
    const LaunchSettings& settings_;
    Strings stage_;
    Strings shown_;
    Strings arguments_;
};

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
    Launch launch(command, settings);
    Strings attachments = {{},
                           command.nested_sandboxes ? settings.nesting_filter : settings.system_call_filter};
    const Strings stage = launch.stage();
    // Through a descriptor, not the command line: everybody on the host may read that, and an environment can
    // be secret.
    for (const std::string& argument : launch.bubblewrap(attachments)) {
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
    Strings visible = {"/usr",           "/proc",    "/etc/alternatives",      "/etc/ld.so.cache",
                       "/etc/localtime", inner_tree, "/sys/devices/system/cpu"};
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
