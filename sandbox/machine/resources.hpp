#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ratchet {

struct ResourceLimits {
    std::int64_t memory_bytes = 0;  ///< of everything in a run together where there are control groups
    std::int64_t processes = 0;
};

/// A control group that the helper makes for one run, fills, reads at its end and removes.
struct ControlGroupPlan {
    std::filesystem::path folder;
    std::vector<std::pair<std::string, std::string>> settings;  ///< file, value
    std::vector<std::string> readings;                          ///< files
};

/// What was read back.
struct ResourceReadings {
    std::int64_t peak_bytes = 0;    ///< of all processes together, their file cache and tmpfs included
    std::int64_t memory_kills = 0;  ///< processes that the kernel ended for want of memory
};

/// What to do where there are none.
inline constexpr const char* control_group_remedy =
    "run as root, or in a delegated control group: systemd-run --user --scope -p Delegate=yes ratchet run";

/// How memory and the number of processes are limited on this machine.
class Resources {
  public:
    virtual ~Resources() = default;
    /// The groups of one run; `name` is unique. Empty: there are none, and rlimits have to do.
    [[nodiscard]] virtual std::vector<ControlGroupPlan> groups(const std::string& name,
                                                               const ResourceLimits& limits) const = 0;
    /// From file name to content, as the helper reported it.
    [[nodiscard]] virtual ResourceReadings read(const std::map<std::string, std::string>& readings) const = 0;
    [[nodiscard]] virtual std::string mechanism() const = 0;
    /// Whether the limits hold for all processes of a run together.
    [[nodiscard]] virtual bool limits_the_whole() const = 0;
};

/// The parts of /proc/self/cgroup and of the mounted hierarchies that decide; tests give a tree of their own.
struct ControlGroupFiles {
    std::filesystem::path root = "/sys/fs/cgroup";
    std::filesystem::path own = "/proc/self/cgroup";
};

/// Control groups version 2: the nearest group above our own that we may write to and that hands memory and
/// pids on to its children; else our own, where it was delegated to us alone: then this process moves to a
/// leaf of it. Null where there is neither.
std::unique_ptr<Resources> control_groups_v2(const ControlGroupFiles& files);
/// Control groups version 1: below our own group of the memory and the pids hierarchy. Null where they cannot
/// be written.
std::unique_ptr<Resources> control_groups_v1(const ControlGroupFiles& files);
/// Limits of each single process, as any user can set them.
std::unique_ptr<Resources> resource_limits_only();
/// The best of the three. Removes groups that a killed predecessor left.
std::unique_ptr<Resources> best_resources(const ControlGroupFiles& files = {});

/// Our own group in the hierarchy with this controller ("" for version 2), as /proc/self/cgroup has it;
/// empty: none.
std::string own_group(const ControlGroupFiles& files, const std::string& controller);
/// The first whole number in the text after `key` (which may be empty), else 0.
std::int64_t number_after(const std::string& text, const std::string& key);
/// Removes the empty groups `ratchet-<pid>-…` below this folder whose process is gone, or is this one: a
/// helper that was killed leaves its own.
void sweep_groups(const std::filesystem::path& folder);

}  // namespace ratchet
