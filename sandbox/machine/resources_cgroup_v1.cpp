#include <unistd.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "sandbox/machine/resources.hpp"

namespace ratchet {
namespace {

class ControlGroupsV1 final : public Resources {
  public:
    ControlGroupsV1(std::filesystem::path memory, std::filesystem::path pids)
        : memory_(std::move(memory)), pids_(std::move(pids)) {}
    ~ControlGroupsV1() override {
        sweep_groups(memory_);
        sweep_groups(pids_);
    }
    ControlGroupsV1(const ControlGroupsV1&) = delete;
    ControlGroupsV1& operator=(const ControlGroupsV1&) = delete;

    [[nodiscard]] std::vector<ControlGroupPlan> groups(const std::string& name,
                                                       const ResourceLimits& limits) const override {
        return {{memory_ / name,
                 {{"memory.limit_in_bytes", std::to_string(limits.memory_bytes)}},
                 {"memory.max_usage_in_bytes", "memory.oom_control"}},
                {pids_ / name, {{"pids.max", std::to_string(limits.processes)}}, {}}};
    }

    [[nodiscard]] ResourceReadings read(const std::map<std::string, std::string>& readings) const override {
        ResourceReadings result;
        if (const auto peak = readings.find("memory.max_usage_in_bytes"); peak != readings.end()) {
            result.peak_bytes = number_after(peak->second, "");
        }
        // "oom_kill_disable 0", "under_oom 0", "oom_kill N" (since Linux 4.13)
        if (const auto control = readings.find("memory.oom_control"); control != readings.end()) {
            result.memory_kills = number_after(control->second, "oom_kill ");
        }
        return result;
    }

    [[nodiscard]] std::string mechanism() const override { return "control groups version 1"; }
    [[nodiscard]] bool limits_the_whole() const override { return true; }

  private:
    std::filesystem::path memory_;
    std::filesystem::path pids_;
};

/// Our own group in this hierarchy, or its top where a container shows only that; none where it cannot be
/// written to.
std::optional<std::filesystem::path> parent_group(const ControlGroupFiles& files,
                                                  const std::string& controller) {
    const std::string own = own_group(files, controller);
    if (own.empty()) return std::nullopt;
    const std::filesystem::path top = files.root / controller;
    std::error_code ignored;
    std::filesystem::path group = (top / std::filesystem::path(own).relative_path()).lexically_normal();
    if (!std::filesystem::is_directory(group, ignored)) group = top;
    const bool writable =
        std::filesystem::exists(group / "cgroup.procs", ignored) && ::access(group.c_str(), W_OK) == 0;
    return writable ? std::optional(group) : std::nullopt;
}

}  // namespace

std::unique_ptr<Resources> control_groups_v1(const ControlGroupFiles& files) {
    const auto memory = parent_group(files, "memory");
    const auto pids = parent_group(files, "pids");
    if (!memory || !pids) return nullptr;
    sweep_groups(*memory);
    sweep_groups(*pids);
    return std::make_unique<ControlGroupsV1>(*memory, *pids);
}

}  // namespace ratchet
