#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>

#include <system_error>
#include <utility>

#include "experiment_store/crash_point.hpp"
#include "experiment_store/errors.hpp"
#include "sandbox/tiers/bubblewrap_launch.hpp"
#include "sandbox/tiers/confinement_kinds.hpp"
#include "sandbox/tiers/diagnosis.hpp"
#include "sandbox/tiers/protections.hpp"
#include "sandbox/tiers/seccomp_filter.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {
namespace {

/// Makes the folders that take the writes of kept caches, and takes away again what overlays leave beside
/// them.
class CacheFolders {
  public:
    CacheFolders(const ConfinedCommand& command, uid_t owner) {
        for (const CacheLayer& cache : command.caches) {
            if (!cache.upper) continue;
            const DurableStep step("tree/make cache folders");
            const std::filesystem::path work = work_folder(*cache.upper);
            try_to_remove_tree(work);  // the overlay's own folders in it have no permissions at all
            for (const auto& folder : {*cache.upper, work}) {
                std::filesystem::create_directories(folder);
                if (owner != 0 && ::lchown(folder.c_str(), owner, owner) != 0) {
                    throw MachineryError("cannot give away " + folder.string());
                }
            }
            work_folders_.push_back(work);
        }
    }
    ~CacheFolders() {
        if (work_folders_.empty()) return;
        const DurableStep step("tree/remove cache folders");
        for (const auto& work : work_folders_)
            try_to_remove_tree(work);
    }
    CacheFolders(const CacheFolders&) = delete;
    CacheFolders& operator=(const CacheFolders&) = delete;

  private:
    std::vector<std::filesystem::path> work_folders_;
};

/// Remembers which mount points are not in a writable tree yet, and removes them afterwards where they are
/// still empty: they would look like something that the command made.
class MountPoints {
  public:
    explicit MountPoints(const ConfinedCommand& command) {
        if (command.access == TreeAccess::discarded) return;
        tree_ = ::open(command.tree.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
        for (const Mount& mount : command.mounts)
            add(below_tree(mount.target));
        for (const CacheLayer& cache : command.caches)
            add(cache.target);
    }
    ~MountPoints() {
        std::reverse(made_.begin(), made_.end());  // the inner ones first
        for (const auto& point : made_)
            remove(point);
        if (tree_ >= 0) ::close(tree_);
    }
    MountPoints(const MountPoints&) = delete;
    MountPoints& operator=(const MountPoints&) = delete;

  private:
    /// Below the tree and through no symlink: what ran in it may have laid some.
    [[nodiscard]] int open_below(const std::filesystem::path& path) const {
        open_how how{};
        how.flags = O_PATH | O_CLOEXEC;
        how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
        const std::string name = path.empty() ? "." : path.string();
        return static_cast<int>(::syscall(SYS_openat2, tree_, name.c_str(), &how, sizeof how));
    }
    void add(const std::filesystem::path& path) {
        std::filesystem::path part;
        for (const auto& component : path) {
            part /= component;
            const int there = open_below(part);
            if (there >= 0) {
                ::close(there);
            } else {
                made_.push_back(part);
            }
        }
    }
    void remove(const std::filesystem::path& path) const {
        const int parent = open_below(path.parent_path());
        if (parent < 0) return;
        const DurableStep step("tree/remove a mount point");
        const std::string name = path.filename().string();
        struct stat status{};
        if (::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
            if (S_ISDIR(status.st_mode)) ::unlinkat(parent, name.c_str(), AT_REMOVEDIR);
            if (S_ISREG(status.st_mode) && status.st_size == 0) ::unlinkat(parent, name.c_str(), 0);
        }
        ::close(parent);
    }
    int tree_ = -1;
    std::vector<std::filesystem::path> made_;
};

class BubblewrapConfinement final : public Confinement {
  public:
    BubblewrapConfinement(const ConfinementSettings& settings, std::unique_ptr<Resources> resources)
        : launch_(launch_settings(settings)), resources_(std::move(resources)) {
        launch_.system_call_filter = seccomp_filter(Nesting::refused);
        launch_.nesting_filter = seccomp_filter(Nesting::allowed);
        probe_ = probe(*this, launch_.drop != 0);
        missing_counter_ = counter_problem(settings.counter);
        if (missing_counter_.empty() && !probe_.counted)
            missing_counter_ = "the kernel counts no instructions in the sandbox";
    }

    RunResult run(const ConfinedCommand& command, const StopSignal& stop) override {
        if (const std::string missing = missing_source(command); !missing.empty())
            return not_started(missing + " does not exist and cannot be shown in the sandbox");
        const CacheFolders caches(command, launch_.drop);
        const MountPoints mount_points(command);
        Outcome outcome = ratchet::run(bubblewrap_launch(command, launch_, *resources_, next_group_name()),
                                       outer_limits(command), stop);
        const InitReport report = parse_init_report(outcome.report);
        RunResult result = result_of(std::move(outcome), report, resources_->read(report.resources), command);
        if (result.diagnosis.empty() && !result.succeeded()) {
            const auto exists = [](const std::string& path) {
                std::error_code ignored;
                return std::filesystem::exists(path, ignored);
            };
            result.diagnosis = diagnose(result.errors.last(diagnosis_bytes),
                                        {exists, visible_paths(command, launch_), command.network});
        }
        return result;
    }

    void give(const std::filesystem::path& tree) override { give_to(tree, launch_.drop); }

    [[nodiscard]] Requirement tier() const override { return Requirement::strong; }
    [[nodiscard]] std::vector<Protection> protections() const override {
        return found_protections(probe_, *resources_);
    }
    [[nodiscard]] std::string missing_counter() const override { return missing_counter_; }

  private:
    LaunchSettings launch_;
    std::unique_ptr<Resources> resources_;
    ProbeResult probe_;
    std::string missing_counter_;
};

}  // namespace

std::unique_ptr<Confinement> confinement_bubblewrap(const ConfinementSettings& settings,
                                                    std::unique_ptr<Resources> resources) {
    if (settings.bubblewrap.empty()) {
        throw UserError(
            "bubblewrap (bwrap) is not installed, and commands must run in a sandbox",
            "install it (Debian, Ubuntu: apt-get install bubblewrap; Fedora: dnf install bubblewrap)");
    }
    return std::make_unique<BubblewrapConfinement>(settings, std::move(resources));
}

}  // namespace ratchet
