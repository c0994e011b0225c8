#include <fmt/format.h>
#include <stdlib.h>

#include <system_error>
#include <utility>

#include "experiment_store/errors.hpp"
#include "sandbox/altered_files.hpp"
#include "sandbox/bubblewrap_launch.hpp"
#include "sandbox/confinement_kinds.hpp"

namespace ratchet {
namespace {

/// A tree whose writes do not stay: it is put aside, a copy takes its place (so that the path is the same as
/// when it was built), and afterwards the original comes back. Without mounts there is no cheaper way.
class TreeCopy {
  public:
    explicit TreeCopy(const std::filesystem::path& tree) : tree_(tree), original_(tree) {
        original_ += ".original";
        // A process that was killed here has left the original aside: what stands in its place is a used
        // copy.
        if (std::filesystem::exists(original_)) put_back();
        std::filesystem::rename(tree_, original_);
        try {
            const Command copy{
                {"/bin/cp", "--archive", "--reflink=auto", "--", original_.string(), tree_.string()},
                {"PATH=/usr/bin:/bin", "LANG=C.UTF-8"},
                "/",
                {},
                false,
                {},
                false};
            const Outcome outcome = ratchet::run(copy, {std::chrono::hours(1), {}, {}}, NeverStop());
            if (outcome.ending != Ending::exited || outcome.exit_status != 0) {
                throw MachineryError("cannot copy " + tree_.string() + ": " + outcome.errors.last(300));
            }
        } catch (...) {
            put_back();
            throw;
        }
    }
    ~TreeCopy() {
        std::error_code ignored;
        std::filesystem::remove_all(tree_, ignored);
        std::filesystem::rename(original_, tree_, ignored);
    }
    /// The first of these files that is not any more as it was.
    [[nodiscard]] std::string altered(const std::vector<std::string>& files) const {
        return first_difference(original_, tree_, files);
    }
    TreeCopy(const TreeCopy&) = delete;
    TreeCopy& operator=(const TreeCopy&) = delete;

  private:
    void put_back() {
        std::filesystem::remove_all(tree_);
        std::filesystem::rename(original_, tree_);
    }
    std::filesystem::path tree_;
    std::filesystem::path original_;
};

/// A private HOME and TMPDIR, gone afterwards.
class PrivateFolder {
  public:
    PrivateFolder() {
        std::string name = "/tmp/ratchet-home-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw MachineryError("cannot make a folder in /tmp");
        path_ = name;
    }
    ~PrivateFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// What bubblewrap would mount into the tree, as links and copies. Links go again; copied caches stay with
/// the tree.
class TreeAdditions {
  public:
    explicit TreeAdditions(const ConfinedCommand& command) {
        for (const Mount& mount : command.mounts) {
            const std::filesystem::path below = below_tree(mount.target);
            if (below.empty() ||
                std::filesystem::exists(std::filesystem::symlink_status(command.tree / below)))
                continue;
            std::filesystem::create_directories((command.tree / below).parent_path());
            std::filesystem::create_symlink(mount.source, command.tree / below);
            links_.push_back(command.tree / below);
        }
        for (const CacheLayer& cache : command.caches)
            copy(cache, command.tree / cache.target);
    }
    ~TreeAdditions() {
        std::error_code ignored;
        for (const auto& link : links_) {
            if (std::filesystem::is_symlink(link, ignored)) std::filesystem::remove(link, ignored);
        }
    }
    TreeAdditions(const TreeAdditions&) = delete;
    TreeAdditions& operator=(const TreeAdditions&) = delete;

  private:
    static void copy(const CacheLayer& cache, const std::filesystem::path& target) {
        if (std::filesystem::exists(target)) return;
        std::filesystem::create_directories(target);
        // The topmost comes last, over the others.
        std::vector<std::filesystem::path> lowers(cache.lowers.rbegin(), cache.lowers.rend());
        for (const auto& lower : lowers) {
            if (!std::filesystem::is_directory(lower)) continue;
            std::filesystem::copy(lower, target,
                                  std::filesystem::copy_options::recursive |
                                      std::filesystem::copy_options::copy_symlinks |
                                      std::filesystem::copy_options::overwrite_existing);
        }
    }
    std::vector<std::filesystem::path> links_;
};

class PlainConfinement final : public Confinement {
  public:
    PlainConfinement(std::filesystem::path helper, Counter counter, std::unique_ptr<Resources> resources)
        : helper_(std::move(helper)), counter_(counter), resources_(std::move(resources)) {}

    RunResult run(const ConfinedCommand& command, const StopSignal& stop) override {
        std::optional<TreeCopy> copy;
        if (command.access == TreeAccess::discarded) copy.emplace(command.tree);
        const TreeAdditions additions(command);
        const PrivateFolder home;
        Outcome outcome = ratchet::run(launch(command, home.path()), outer_limits(command), stop);
        const InitReport report = parse_init_report(outcome.report);
        RunResult result = result_of(std::move(outcome), report, resources_->read(report.resources), command);
        if (copy) result.altered = copy->altered(command.watched);
        return result;
    }

    void give(const std::filesystem::path&) override {}
    [[nodiscard]] Requirement tier() const override { return Requirement::none; }

    [[nodiscard]] std::string missing_counter() const override { return counter_problem(counter_); }

    [[nodiscard]] std::vector<Protection> protections() const override {
        const std::string remedy = "set sandbox.require = \"strong\"";
        std::vector<Protection> list;
        for (const char* name :
             {"files", "network", "user", "capabilities", "system calls", "nested namespaces"}) {
            list.push_back({name, false, "none", remedy});
        }
        list.push_back({"writes", true, "a copy of the tree; files outside of it are not protected", remedy});
        list.push_back({"processes", true, "what a run started is found by its parents and killed", ""});
        list.push_back({"memory", resources_->limits_the_whole(), resources_->mechanism(), ""});
        list.push_back({"number of processes", resources_->limits_the_whole(), resources_->mechanism(), ""});
        return list;
    }

  private:
    [[nodiscard]] Command launch(const ConfinedCommand& command, const std::filesystem::path& home) const {
        Command result;
        result.argv = supervisor_arguments(
            helper_, resources_->groups(next_group_name(), {memory_limit(command), command.processes}),
            counter_);
        result.argv.emplace_back("--");
        ConfinedCommand inner = command;
        // A limit on all processes of a user would count the user's own too, where no namespace keeps them
        // apart.
        inner.processes = 0;
        // A copy whose writes vanish is on the same disk until then.
        inner.access = TreeAccess::writable;
        // Watched files are compared with the original afterwards.
        for (std::string& argument :
             inner_arguments(helper_.string(), inner, command.tree.string(), *resources_, -1)) {
            result.argv.push_back(std::move(argument));
        }
        for (const auto& [name, value] : environment_of(command, home.string())) {
            result.environment.push_back(fmt::format("{}={}", name, value));
        }
        result.working_directory = "/";
        result.standard_input = command.standard_input;
        result.wants_report = true;
        result.supervises = true;
        return result;
    }

    std::filesystem::path helper_;
    Counter counter_;
    std::unique_ptr<Resources> resources_;
};

}  // namespace

std::unique_ptr<Confinement> confinement_plain(const ConfinementSettings& settings,
                                               std::unique_ptr<Resources> resources) {
    return std::make_unique<PlainConfinement>(settings.helper, settings.counter, std::move(resources));
}

}  // namespace ratchet
