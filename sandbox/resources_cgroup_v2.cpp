#include <unistd.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "sandbox/resources.hpp"

namespace ratchet {
namespace {

class ControlGroupsV2 final : public Resources {
  public:
    explicit ControlGroupsV2(std::filesystem::path parent) : parent_(std::move(parent)) {}

    [[nodiscard]] std::vector<ControlGroupPlan> groups(const std::string& name,
                                                       const ResourceLimits& limits) const override {
        return {{parent_ / name,
                 {{"memory.max", std::to_string(limits.memory_bytes)},
                  {"pids.max", std::to_string(limits.processes)}},
                 {"memory.peak", "memory.events"}}};
    }

    [[nodiscard]] ResourceReadings read(const std::map<std::string, std::string>& readings) const override {
        ResourceReadings result;
        // memory.peak came with Linux 5.19; older kernels report nothing.
        if (const auto peak = readings.find("memory.peak"); peak != readings.end()) {
            result.peak_bytes = number_after(peak->second, "");
        }
        if (const auto events = readings.find("memory.events"); events != readings.end()) {
            result.memory_kills = number_after(events->second, "oom_kill ");
        }
        return result;
    }

    [[nodiscard]] std::string mechanism() const override { return "control groups version 2"; }
    [[nodiscard]] bool limits_the_whole() const override { return true; }

  private:
    std::filesystem::path parent_;
};

bool hands_on(const std::filesystem::path& group, const std::string& controller) {
    std::ifstream file(group / "cgroup.subtree_control");
    for (std::string word; file >> word;) {
        if (word == controller) return true;
    }
    return false;
}

}  // namespace

std::unique_ptr<Resources> control_groups_v2(const ControlGroupFiles& files) {
    const std::string own = own_group(files, "");
    if (own.empty()) return nullptr;
    const std::filesystem::path top = files.root;
    for (std::filesystem::path group = top / std::filesystem::path(own).relative_path();;
         group = group.parent_path()) {
        // Moving a process needs the right to write to the group that both places share, which this one then
        // is.
        const bool writable =
            ::access(group.c_str(), W_OK) == 0 && ::access((group / "cgroup.procs").c_str(), W_OK) == 0;
        if (writable && hands_on(group, "memory") && hands_on(group, "pids")) {
            sweep_groups(group);
            return std::make_unique<ControlGroupsV2>(group);
        }
        if (group == top || !group.has_relative_path()) return nullptr;
    }
}

}  // namespace ratchet
