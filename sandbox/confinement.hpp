#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/errors.hpp"
#include "experiment_store/experiment.hpp"
#include "sandbox/machine/counters.hpp"
#include "sandbox/process/output_capture.hpp"
#include "sandbox/process/stop_signal.hpp"

namespace ratchet {

/// The sandbox's own processes (the helper, bubblewrap, process 1) were killed from outside: what the command
/// did tells nothing, and it can be run again from a clean tree.
class SandboxLost : public MachineryError {
  public:
    using MachineryError::MachineryError;
};

/// How a run ended.
enum class Ending { exited, signalled, timed_out, stopped, out_of_memory, out_of_disk, not_started };
template <>
struct Names<Ending> {
    static constexpr std::array<std::string_view, 7> names = {
        "exited", "signalled", "timed-out", "stopped", "out-of-memory", "out-of-disk", "not-started"};
};

/// What the command may do to its tree.
enum class TreeAccess {
    writable,   ///< writes stay (proposers, builds)
    discarded,  ///< writes go to a size-capped layer that vanishes with the run (gates, samples)
};

/// A path of the host, shown inside.
struct Mount {
    std::filesystem::path source;
    std::filesystem::path target;  ///< absolute, as seen inside
    bool writable = false;
};

/// A folder of the host. What lies below `root` may be hostile: from there on it is reached through no
/// symlink.
struct HostFolder {
    std::filesystem::path root;
    std::filesystem::path below;
    // A folder of ours stands for itself.
    HostFolder(std::filesystem::path folder) : root(std::move(folder)) {}
    HostFolder(std::filesystem::path folder, std::filesystem::path rest)
        : root(std::move(folder)), below(std::move(rest)) {}
};

/// Whether it is there, and a folder.
bool is_there(const HostFolder& folder);

/// A folder of the tree that starts as the `lowers` laid over each other and whose writes go to `upper`, or
/// vanish. Lowers that do not exist are left out.
struct CacheLayer {
    std::vector<HostFolder> lowers;  ///< the topmost first
    std::filesystem::path target;    ///< relative to the tree
    std::optional<std::filesystem::path>
        upper;  ///< a folder of the host where writes stay; none: they vanish
};

/// One command to be run in a sandbox. All a sandbox needs to know of it.
struct ConfinedCommand {
    std::string shell_command;     ///< for /bin/sh -c
    std::filesystem::path tree;    ///< folder of the host, shown as `inner_tree`
    std::filesystem::path folder;  ///< working directory, relative to the tree
    TreeAccess access = TreeAccess::writable;
    std::vector<CacheLayer> caches;
    std::vector<Mount> mounts;
    std::vector<std::filesystem::path> devices;
    std::vector<std::pair<std::string, std::string>>
        environment;                 ///< all there is, next to PATH, HOME, TMPDIR, LANG
    std::filesystem::path programs;  ///< a folder, as seen inside, that stands first in PATH; empty: none
    std::optional<std::filesystem::path>
        git_directory;  ///< shown read-only at its own path, less `hidden`; none: no git
    std::optional<std::filesystem::path> hidden;  ///< below git_directory: the campaigns' own state
    bool network = false;
    /// A Unix socket of the host on which ratchet itself listens (and which everybody may write to): the one
    /// way out where there is no network, by TCP at `inner_gateway_url`, which the command finds in
    /// `gateway_variable`. Needs the strong tier: the others do not start the command. Empty: none.
    std::filesystem::path gateway;
    /// Whether it may make namespaces and mounts of its own within the sandbox, as agents do that confine
    /// their tools. It opens much of the kernel to it: for proposers only.
    bool nested_sandboxes = false;
    std::vector<int> processors;  ///< by number; empty: all
    /// Files of the tree, relative to it, that a command whose writes are discarded must not touch.
    std::vector<std::string> watched;
    std::string standard_input;
    Milliseconds timeout = std::chrono::minutes(10);
    std::int64_t memory_bytes = 0;  ///< 0: half of the machine's
    std::int64_t processes = 512;
    std::int64_t disk_bytes = std::int64_t{4} << 30;
    CaptureLimits capture;
    std::filesystem::path log_file;  ///< full output, zstd-compressed; empty: none
};

/// What came of it. Whatever the command did, this is data.
struct RunResult {
    Ending ending = Ending::not_started;
    int exit_status = 0;  ///< 128 + signal where a signal ended it
    RunFigures figures;
    CapturedOutput output;  ///< standard output
    CapturedOutput errors;  ///< standard error
    std::string altered;    ///< one of the watched files that the command touched; empty: none
    std::string diagnosis;  ///< in words, where the sandbox itself has something to say ("needed /opt/x,
                            ///< which is hidden: add it to sandbox.read"), else empty
    [[nodiscard]] bool succeeded() const { return ending == Ending::exited && exit_status == 0; }
};

/// One protection, whether it is in force here, by which mechanism, and what to do where it is not.
struct Protection {
    std::string name;
    bool present = false;
    std::string mechanism;
    std::string remedy;
};

/// Where commands run so that they can do nothing but what they are run for. When run() returns, everything
/// that the command started is gone, and nothing stays mounted.
class Confinement {
  public:
    virtual ~Confinement() = default;
    /// Throws SandboxLost; NoRoom where the disk is so full at the end that what came of the run may be due
    /// to that.
    virtual RunResult run(const ConfinedCommand& command, const StopSignal& stop) = 0;
    /// Called when a tree was made ready: gives it to the uid that commands run as (started by root: a
    /// dedicated one), and forgets what a killed run left of an earlier state.
    virtual void give(const std::filesystem::path& tree) = 0;
    /// What the ledger records: the tier that is used, which can be a stronger one than is required.
    [[nodiscard]] virtual Requirement tier() const = 0;
    [[nodiscard]] virtual std::vector<Protection> protections() const = 0;
    /// Why no run has RunFigures::instructions here, and what to do about it; empty: they have.
    [[nodiscard]] virtual std::string missing_counter() const = 0;
};

/// Where the tree stands inside, always: a path that is measured is a path that is the same for both commits.
inline constexpr const char* inner_tree = "/tree";
/// The private HOME: empty but for what is declared.
inline constexpr const char* inner_home = "/home/sandbox";
/// Where ConfinedCommand::gateway is seen.
inline constexpr const char* inner_gateway = "/run/ratchet-gateway.sock";
/// The port of the sandbox's own loopback that leads there. The command finds nothing else on that loopback.
inline constexpr int inner_gateway_port = 8377;
inline constexpr const char* inner_gateway_url = "http://127.0.0.1:8377";
inline constexpr const char* gateway_variable = "RATCHET_GATEWAY";
/// What the other tiers say to a command with a gateway.
inline constexpr const char* gateway_needs_namespaces =
    "a gateway needs the strong sandbox: without namespaces a command has no loopback of its own, on which "
    "it could be reached";

/// What a sandbox is made with; values come from main, since libraries read no environment.
struct ConfinementSettings {
    Requirement require = Requirement::strong;
    std::filesystem::path helper;             ///< the ratchet-init executable
    std::filesystem::path bubblewrap;         ///< found in PATH by main; empty: not installed
    Counter counter = Counter::instructions;  ///< what stands in RunFigures::instructions; tests have another
    bool control_groups = true;               ///< false, in tests: as on a machine without any
};

/// The strongest sandbox of this machine, found out by running a probe in it (for `none`: none). Throws
/// UserError that names what is missing and what to install where less than `require` can be had.
std::unique_ptr<Confinement> make_confinement(const ConfinementSettings& settings);

}  // namespace ratchet
