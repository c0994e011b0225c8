#include <fmt/format.h>

#include <utility>

#include "sandbox/machine/room.hpp"
#include "sandbox/tiers/bubblewrap_launch.hpp"
#include "sandbox/tiers/confinement_kinds.hpp"
#include "sandbox/tiers/without_mounts.hpp"

namespace ratchet {
namespace {

class PlainConfinement final : public Confinement {
  public:
    PlainConfinement(std::filesystem::path helper, Counter counter, std::unique_ptr<Resources> resources)
        : helper_(std::move(helper)), counter_(counter), resources_(std::move(resources)) {
        sweep_private_folders(0);
    }

    RunResult run(const ConfinedCommand& command, const StopSignal& stop) override {
        if (!command.gateway.empty()) return not_started(gateway_needs_namespaces);
        std::optional<TreeCopy> copy;
        if (command.access == TreeAccess::discarded) copy.emplace(command.tree);
        const TreeAdditions additions(command, 0);
        if (!additions.problem().empty()) return not_started(additions.problem());
        const PrivateFolder home(0);
        Outcome outcome = ratchet::run(launch(command, home.path()), outer_limits(command), stop);
        const InitReport report = parse_init_report(outcome.report);
        RunResult result = result_of(std::move(outcome), report, resources_->read(report.resources), command);
        if (copy) {
            require_room(command.tree);  // the copy was on the same disk
            result.altered = copy->altered(command.watched);
        }
        return result;
    }

    void give(const std::filesystem::path& tree) override { TreeCopy::forget(tree); }
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
        for (const auto& [name, value] : environment_of(command, home.string(), "/tmp")) {
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
