#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <optional>
#include <system_error>
#include <utility>

#include "experiment_store/crash_point.hpp"
#include "experiment_store/errors.hpp"
#include "sandbox/init/landlock.hpp"
#include "sandbox/machine/room.hpp"
#include "sandbox/tiers/bubblewrap_launch.hpp"
#include "sandbox/tiers/confinement_kinds.hpp"
#include "sandbox/tiers/diagnosis.hpp"
#include "sandbox/tiers/seccomp_filter.hpp"
#include "sandbox/tiers/weak_launch.hpp"
#include "sandbox/tiers/weak_probe.hpp"
#include "sandbox/tiers/without_mounts.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {
namespace {

/// The file `.git` of a tree, which names its repository: what a run puts in its place could make git
/// execute anything, for whoever looks at the tree later. Nothing that the run left is followed, waited for
/// or written to.
class GitFile {
  public:
    GitFile(const std::filesystem::path& tree, uid_t owner)
        : tree_(tree), root_(open_worktree(tree)), owner_(owner), content_(content()) {}

    /// Throws MachineryError where it cannot.
    void put_back() const {
        open_up(root_.get());
        if (!content_ || content() == content_) return;
        const DurableStep step("tree/put .git back");
        std::filesystem::path aside = tree_;
        aside += ".git-file";
        Trash trash(aside);
        trash.take(root_.get(), name);
        trash.empty();
        const Descriptor file(
            ::openat(root_.get(), name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
        if (!file || (owner_ != 0 && ::fchown(file.get(), owner_, owner_) != 0))
            throw_errno("putting .git of a tree back");
        write_all(file.get(), *content_);
    }

  private:
    static constexpr const char* name = ".git";
    [[nodiscard]] std::optional<std::string> content() const {
        const auto status = status_of(root_.get(), name);
        if (!status || !S_ISREG(status->st_mode)) return std::nullopt;
        // One line, of a path's length at most; what is longer was not made by git.
        const Descriptor file = open_file(root_.get(), name);
        return file ? std::optional(read_all(file.get(), 8192)) : std::nullopt;
    }
    std::filesystem::path tree_;
    Descriptor root_;
    uid_t owner_;
    std::optional<std::string> content_;
};

class WeakConfinement final : public Confinement {
  public:
    WeakConfinement(const ConfinementSettings& settings, std::unique_ptr<Resources> resources,
                    const UserError& strong)
        : resources_(std::move(resources)), missing_counter_(counter_problem(settings.counter)) {
        settings_.helper = settings.helper;
        settings_.drop = ::geteuid() == 0 ? dedicated_uid : 0;
        settings_.counter = settings.counter;
        sweep_private_folders(settings_.drop);
        // Version 3 looks at truncate(2).
        const bool truncate = init::landlock_version() >= 3;
        settings_.filter = seccomp_filter({false, truncate});
        settings_.filter_with_network = seccomp_filter({true, truncate});
        protections_ = weak_protections(probe_weak(*this, settings.helper, settings_.drop), *resources_,
                                        strong.what(), strong.hint());
    }

    RunResult run(const ConfinedCommand& command, const StopSignal& stop) override {
        if (const std::string missing = missing_source(command); !missing.empty())
            return not_started(missing + " does not exist and cannot be shown in the sandbox");
        if (!command.gateway.empty()) return not_started(gateway_needs_namespaces);
        require_a_way_to(command.tree);
        std::optional<TreeCopy> copy;
        std::optional<GitFile> git;
        if (command.access == TreeAccess::discarded) {
            copy.emplace(command.tree);
        } else {
            git.emplace(command.tree, settings_.drop);
        }
        const TreeAdditions additions(command, settings_.drop);
        if (!additions.problem().empty()) return not_started(additions.problem());
        const PrivateFolder folder(settings_.drop);
        folder.link_into_home(command.mounts, settings_.drop);
        Outcome outcome =
            ratchet::run(weak_launch(command, settings_, *resources_, next_group_name(), folder),
                         outer_limits(command), stop);
        if (git) git->put_back();
        const InitReport report = parse_init_report(outcome.report);
        RunResult result = result_of(std::move(outcome), report, resources_->read(report.resources), command);
        if (copy) {
            require_room(command.tree);  // the copy was on the same disk
            result.altered = copy->altered(command.watched);
        }
        if (result.diagnosis.empty() && !result.succeeded()) explain(result, command, folder);
        return result;
    }

    void give(const std::filesystem::path& tree) override {
        require_a_way_to(tree);
        TreeCopy::forget(tree);
        give_to(tree, settings_.drop);
    }
    [[nodiscard]] Requirement tier() const override { return Requirement::weak; }
    [[nodiscard]] std::vector<Protection> protections() const override { return protections_; }
    [[nodiscard]] std::string missing_counter() const override { return missing_counter_; }

  private:
    /// Without mounts a tree cannot be shown elsewhere.
    void require_a_way_to(const std::filesystem::path& tree) const {
        if (settings_.drop == 0) return;
        // The tree itself will be given away.
        const std::filesystem::path closed = closed_folder(tree.parent_path(), settings_.drop);
        if (closed.empty()) return;
        throw UserError(
            fmt::format("commands run as uid {} in the weak sandbox, which may not enter {}", settings_.drop,
                        closed.string()),
            fmt::format("move the repository to a folder that everybody may enter, allow it here "
                        "(chmod o+x {}), or see `ratchet check` for what the strong sandbox needs",
                        closed.string()));
    }

    static void explain(RunResult& result, const ConfinedCommand& command, const PrivateFolder& folder) {
        const AllowedPaths paths = allowed_paths(command, folder);
        HiddenThings things;
        things.exists_outside = [](const std::string& path) {
            std::error_code ignored;
            return std::filesystem::exists(path, ignored);
        };
        for (const auto* allowed : {&paths.readable, &paths.writable, &paths.devices})
            things.visible.insert(things.visible.end(), allowed->begin(), allowed->end());
        things.network = command.network;
        result.diagnosis = diagnose(result.errors.last(diagnosis_bytes), things);
    }

    WeakSettings settings_;
    std::unique_ptr<Resources> resources_;
    std::string missing_counter_;
    std::vector<Protection> protections_;
};

}  // namespace

std::unique_ptr<Confinement> confinement_weak(const ConfinementSettings& settings,
                                              std::unique_ptr<Resources> resources, const UserError& strong) {
    try {
        return std::make_unique<WeakConfinement>(settings, std::move(resources), strong);
    } catch (const NoRoom&) {
        throw;
    } catch (const UserError& weak) {
        throw UserError(fmt::format("{}; {}", strong.what(), weak.what()),
                        fmt::format("{}; {}; or set sandbox.require = \"none\" to run without", strong.hint(),
                                    weak.hint()));
    }
}

}  // namespace ratchet
