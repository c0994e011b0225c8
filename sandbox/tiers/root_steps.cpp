#include "sandbox/tiers/root_steps.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "sandbox/tiers/inner_files.hpp"

namespace ratchet {
namespace {

// Each tmpfs counts against the memory limit too; these keep one of them from using up all of it.
constexpr std::int64_t private_folder_bytes = std::int64_t{1} << 30;
constexpr std::int64_t shared_memory_bytes = std::int64_t{256} << 20;
// What stands in the root itself: folders, links and small files.
constexpr std::int64_t root_bytes = std::int64_t{4} << 20;
// What the stage needs for itself, next to what a run may write.
constexpr std::int64_t stage_overhead_bytes = 1 << 20;

using Strings = std::vector<std::string>;

/// Where the helper puts together what becomes the sandbox's root.
std::string staged(const std::filesystem::path& inner) {
    return "root" + inner.string();
}

/// The steps that put together everything that is to be seen inside. The helper takes them with descriptors,
/// which costs a third of what the same takes in bubblewrap, since that reads the list of all mounts for
/// each.
class RootSteps {
  public:
    RootSteps(const ConfinedCommand& command, const LaunchSettings& settings, int first_descriptor)
        : command_(command), settings_(settings), next_descriptor_(first_descriptor) {}

    Strings steps(Strings& attachments) {
        add({"--stage", std::to_string(command_.disk_bytes + stage_overhead_bytes)});
        add_tmpfs(root_bytes, "0755", "");
        add_system_folders(attachments);
        add_devices();
        add_private_folders();
        add({"--ro-bind", settings_.helper.string(), staged(inner_helper)});
        add_tree();
        for (std::size_t i = 0; i < command_.caches.size(); ++i)
            add_cache(command_.caches[i], std::to_string(i));
        if (command_.git_directory) add_git();
        add_mounts();
        add({command_.git_directory ? "--protect" : "--mask", staged(inner_tree) + "/.git"});
        add({"--seal", staged("")});
        return std::move(steps_);
    }

  private:
    void add(std::initializer_list<std::string> more) { steps_.insert(steps_.end(), more); }

    void add_tmpfs(std::int64_t most, const std::string& mode, const std::string& inner) {
        const std::int64_t bytes = std::min(most, command_.disk_bytes);
        add({"--tmpfs", std::to_string(bytes), mode, staged(inner)});
    }

    void add_system_folders(Strings& attachments) {
        for (const std::string& path : settings_.folders)
            add({"--ro-bind", path, staged(path)});
        for (const auto& [path, target] : settings_.links)
            add({"--symlink", target, staged(path)});
        for (const InnerFile& file : inner_files(command_.network)) {
            add({"--file", std::to_string(next_descriptor_++), staged(file.path)});
            attachments.push_back(file.content);
        }
        if (const auto zone = time_zone(); !zone.empty()) add({"--symlink", zone, staged("/etc/localtime")});
        if (command_.network) {
            for (const auto& path : certificate_paths())
                add({"--ro-bind", path, staged(path)});
        }
        add({"--dir", staged("/proc")});
    }

    void add_devices() {
        for (const char* device : {"null", "zero", "full", "random", "urandom", "tty"}) {
            const std::string path = std::string("/dev/") + device;
            add({"--dev-bind", path, staged(path)});
        }
        add({"--terminals", staged("/dev/pts"), "--symlink", "pts/ptmx", staged("/dev/ptmx"), "--symlink",
             "/proc/self/fd", staged("/dev/fd")});
        add({"--symlink", "/proc/self/fd/0", staged("/dev/stdin"), "--symlink", "/proc/self/fd/1",
             staged("/dev/stdout"), "--symlink", "/proc/self/fd/2", staged("/dev/stderr")});
        for (const auto& device : command_.devices)
            add({"--dev-bind", device, staged(device)});
    }

    void add_private_folders() {
        add_tmpfs(shared_memory_bytes, "1777", "/dev/shm");
        add_tmpfs(private_folder_bytes, "1777", "/tmp");
        add_tmpfs(private_folder_bytes, "0755", inner_home);
    }

    void add_tree() {
        const std::string place = staged(inner_tree);
        if (command_.access == TreeAccess::writable) {
            add({"--bind", command_.tree.string(), place});
        } else {
            add({"--ro-bind", command_.tree.string(), "lower", "--overlay", place, "1", "lower", "", ""});
            if (!command_.watched.empty()) add({"--keep-upper"});
        }
    }

    void add_cache(const CacheLayer& cache, const std::string& number) {
        const std::string place = staged(inner_tree) + "/" + cache.target.string();
        Strings lowers;
        for (const auto& folder : cache.lowers) {
            if (!is_there(folder)) continue;
            lowers.push_back("cache-" + number + "-" + std::to_string(lowers.size()));
            add({"--ro-bind-below", folder.root.string(), folder.below.string(), lowers.back()});
        }
        if (lowers.empty() && cache.upper) {
            add({"--bind", cache.upper->string(), place});
            return;
        }
        if (lowers.empty()) lowers.emplace_back("empty-folder");
        std::string upper;
        std::string work;
        if (cache.upper) {
            // Both in one mount, as the kernel wants them.
            const std::string parent = "cache-" + number + "-upper";
            add({"--bind", cache.upper->parent_path().string(), parent});
            upper = parent + "/" + cache.upper->filename().string();
            work = parent + "/" + work_folder(*cache.upper).filename().string();
        }
        add({"--overlay", place, std::to_string(lowers.size())});
        steps_.insert(steps_.end(), lowers.begin(), lowers.end());
        add({upper, work});
    }

    void add_git() {
        add({"--ro-bind", command_.git_directory->string(), staged(*command_.git_directory)});
        if (command_.hidden) add({"--mask", staged(*command_.hidden)});
    }

    void add_mounts() {
        std::vector<Mount> mounts = command_.mounts;
        if (!command_.gateway.empty()) mounts.push_back({command_.gateway, inner_gateway, false});
        std::erase_if(mounts, [this](const Mount& mount) { return is_shown(mount); });
        for (Mount& mount : mounts)
            mount.target = through_links(mount.target);
        // A folder before what lies in it, else it would cover that.
        std::sort(mounts.begin(), mounts.end(), [](const Mount& left, const Mount& right) {
            return std::lexicographical_compare(left.target.begin(), left.target.end(), right.target.begin(),
                                                right.target.end());
        });
        for (const Mount& mount : mounts)
            add({mount.writable ? "--bind" : "--ro-bind", mount.source.string(), staged(mount.target)});
    }

    /// Where a path stands inside that leads through a link of the system, as /bin/sh does: nothing can be
    /// mounted at a link.
    [[nodiscard]] std::string through_links(const std::filesystem::path& target) const {
        std::string path = target.lexically_normal().string();
        for (const auto& [link, folder] : settings_.links) {
            if (path != link && !path.starts_with(link + "/")) continue;
            return (std::filesystem::path("/") / folder).string() + path.substr(link.size());
        }
        return path;
    }

    /// Whether it is there already, with the system's folders, and no writable one covers it.
    [[nodiscard]] bool is_shown(const Mount& mount) const {
        if (mount.writable || mount.target != mount.source) return false;
        const std::string path = through_links(mount.target);
        const auto holds = [&path](const std::string& folder) {
            return path == folder || path.starts_with(folder + "/");
        };
        const auto opens = [&](const Mount& other) {
            return other.writable && holds(through_links(other.target));
        };
        return std::any_of(settings_.folders.begin(), settings_.folders.end(), holds) &&
               std::none_of(command_.mounts.begin(), command_.mounts.end(), opens);
    }

    const ConfinedCommand& command_;
    const LaunchSettings& settings_;
    int next_descriptor_;
    Strings steps_;
};

}  // namespace

std::vector<std::string> root_steps(const ConfinedCommand& command, const LaunchSettings& settings,
                                    int first_descriptor, std::vector<std::string>& attachments) {
    return RootSteps(command, settings, first_descriptor).steps(attachments);
}

}  // namespace ratchet
