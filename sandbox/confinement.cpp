#include "sandbox/confinement.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <system_error>
#include <utility>

#include "experiment_store/errors.hpp"
#include "sandbox/machine/room.hpp"
#include "sandbox/tiers/bubblewrap_launch.hpp"
#include "sandbox/tiers/confinement_kinds.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {
namespace {

// Time to set a sandbox up and to take it down, on a machine that is busy with something else.
constexpr Milliseconds set_up_allowance = std::chrono::seconds(15);

std::unique_ptr<Resources> resources_of(const ConfinementSettings& settings) {
    return settings.control_groups ? best_resources() : resource_limits_only();
}

}  // namespace

std::unique_ptr<Confinement> make_confinement(const ConfinementSettings& settings) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(settings.helper, ignored)) {
        throw UserError(fmt::format("the helper program {} is missing", settings.helper.string()),
                        "ratchet was not installed completely: run scripts/build, or cmake --install, again");
    }
    if (settings.require == Requirement::none) return confinement_plain(settings, resources_of(settings));
    try {
        return confinement_bubblewrap(settings, resources_of(settings));
    } catch (const NoRoom&) {
        throw;
    } catch (const UserError& strong) {
        if (settings.require == Requirement::weak)
            return confinement_weak(settings, resources_of(settings), strong);
        throw UserError(strong.what(), strong.hint() +
                                           "; or set sandbox.require = \"weak\" for a sandbox that protects "
                                           "less, or \"none\" to run without");
    }
}

std::string missing_source(const ConfinedCommand& command) {
    std::error_code ignored;
    if (!command.gateway.empty() && !std::filesystem::is_socket(command.gateway, ignored))
        return command.gateway.string();
    if (!std::filesystem::is_directory(command.tree, ignored)) return command.tree.string();
    for (const Mount& mount : command.mounts) {
        if (!std::filesystem::exists(mount.source, ignored)) return mount.source.string();
    }
    for (const auto& device : command.devices) {
        if (!std::filesystem::exists(device, ignored)) return device.string();
    }
    return {};
}

bool is_there(const HostFolder& folder) {
    const int root = ::open(folder.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0 || folder.below.empty()) {
        if (root >= 0) ::close(root);
        return root >= 0;
    }
    open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const auto below = static_cast<int>(::syscall(SYS_openat2, root, folder.below.c_str(), &how, sizeof how));
    ::close(root);
    if (below >= 0) ::close(below);
    return below >= 0;
}

RunResult not_started(std::string diagnosis) {
    RunResult result;
    result.exit_status = 125;
    result.diagnosis = std::move(diagnosis);
    return result;
}

void give_to(const std::filesystem::path& tree, uid_t owner) {
    if (owner == 0) return;
    if (!std::filesystem::is_directory(std::filesystem::symlink_status(tree))) {
        if (::lchown(tree.c_str(), owner, owner) != 0)
            throw MachineryError("cannot give away " + tree.string());
        return;
    }
    give_all(open_trusted_folder(tree).get(), owner, owner);
}

RunResult result_of(Outcome outcome, const InitReport& report, const ResourceReadings& readings,
                    const ConfinedCommand& command) {
    RunResult result;
    result.output = std::move(outcome.output);
    result.errors = std::move(outcome.errors);
    result.figures = outcome.figures;
    // The supervisor passes on that bubblewrap was killed; its own end is seen here.
    const bool killed = outcome.ending == Ending::signalled || outcome.exit_status == 128 + SIGKILL;
    const bool ended_by_us = outcome.ending == Ending::stopped || outcome.ending == Ending::timed_out;
    if (ended_by_us) {
        result.ending = outcome.ending;
        result.exit_status = 128 + 9;
    } else if (report.end) {
        result.ending = report.end->ending;
        result.exit_status = report.end->status;
    } else if (report.started && readings.memory_kills > 0) {
        result.ending = Ending::signalled;  // process 1 itself, for want of memory
        result.exit_status = 128 + 9;
    } else if (!report.error.empty()) {
        result.ending = Ending::not_started;
        result.diagnosis = report.error;
        result.exit_status = 125;
        return result;
    } else if (report.started || killed) {
        throw SandboxLost("the processes of a sandbox were killed from outside");
    } else {
        throw MachineryError(fmt::format("the sandbox could not be started (status {}): {}",
                                         outcome.exit_status, result.errors.last(500)));
    }
    // Its own excess is its own doing; a full disk is not.
    const bool excessive = result.ending == Ending::out_of_disk && report.end && report.end->excess == "tree";
    if (command.access == TreeAccess::writable && result.ending != Ending::stopped && !excessive)
        require_room(command.tree);
    if (report.end) {
        const RunFigures outer = result.figures;
        result.figures = report.end->figures;
        result.figures.steal_ticks = outer.steal_ticks;
        result.figures.pressure_seconds = outer.pressure_seconds;
        result.altered = report.end->altered;
    }
    if (result.ending == Ending::out_of_disk) {
        result.diagnosis =
            fmt::format("{} {} MiB (sandbox.disk)",
                        excessive ? "wrote more to its tree than" : "ran while its file system lost twice",
                        command.disk_bytes >> 20);
    }
    if (readings.memory_kills > 0 && !ended_by_us && !result.succeeded()) {
        result.ending = Ending::out_of_memory;
        result.diagnosis =
            fmt::format("used up its memory limit of {} MiB (sandbox.memory)", memory_limit(command) >> 20);
    }
    return result;
}

Limits outer_limits(const ConfinedCommand& command) {
    return {command.timeout + set_up_allowance, command.capture, command.log_file};
}

std::string next_group_name() {
    static std::atomic<std::uint64_t> number{0};
    return fmt::format("ratchet-{}-{}", ::getpid(), ++number);
}

}  // namespace ratchet
