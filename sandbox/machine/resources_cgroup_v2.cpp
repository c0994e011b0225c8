#include <unistd.h>

#include <fstream>
#include <system_error>
#include <utility>

#include "sandbox/machine/resources.hpp"

namespace ratchet {
namespace {

class ControlGroupsV2 final : public Resources {
  public:
    explicit ControlGroupsV2(std::filesystem::path parent) : parent_(std::move(parent)) {}
    ~ControlGroupsV2() override { sweep_groups(parent_); }
    ControlGroupsV2(const ControlGroupsV2&) = delete;
    ControlGroupsV2& operator=(const ControlGroupsV2&) = delete;

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

bool lists(const std::filesystem::path& file, const std::string& controller) {
    std::ifstream words(file);
    for (std::string word; words >> word;) {
        if (word == controller) return true;
    }
    return false;
}

bool hands_on(const std::filesystem::path& group) {
    return lists(group / "cgroup.subtree_control", "memory") &&
           lists(group / "cgroup.subtree_control", "pids");
}

/// Moving a process needs the right to write to the group that both places share.
bool is_ours(const std::filesystem::path& group) {
    return ::access(group.c_str(), W_OK) == 0 && ::access((group / "cgroup.procs").c_str(), W_OK) == 0;
}

bool write_to(const std::filesystem::path& file, const char* text) {
    std::ofstream stream(file);
    stream << text;
    return static_cast<bool>(stream.flush());
}

/// A group that was delegated to us alone (a scope, a container): hands its controllers on, which it can only
/// while no process is in it. So we move to a leaf below it first, and back where it does not work.
bool make_hand_on(const std::filesystem::path& group) {
    if (!is_ours(group) || !lists(group / "cgroup.controllers", "memory") ||
        !lists(group / "cgroup.controllers", "pids")) {
        return false;
    }
    const std::filesystem::path leaf = group / "ratchet";
    std::error_code ignored;
    std::filesystem::create_directory(leaf, ignored);
    if (write_to(leaf / "cgroup.procs", "0") && write_to(group / "cgroup.subtree_control", "+memory +pids"))
        return true;
    write_to(group / "cgroup.procs", "0");
    ::rmdir(leaf.c_str());
    return false;
}

}  // namespace

std::unique_ptr<Resources> control_groups_v2(const ControlGroupFiles& files) {
    const std::string own = own_group(files, "");
    if (own.empty()) return nullptr;
    const std::filesystem::path top = files.root;
    const std::filesystem::path here = top / std::filesystem::path(own).relative_path();
    for (std::filesystem::path group = here;; group = group.parent_path()) {
        if (is_ours(group) && hands_on(group)) {
            sweep_groups(group);
            return std::make_unique<ControlGroupsV2>(group);
        }
        if (group == top || !group.has_relative_path()) break;
    }
    if (here == top || !make_hand_on(here)) return nullptr;
    return std::make_unique<ControlGroupsV2>(here);
}

}  // namespace ratchet
