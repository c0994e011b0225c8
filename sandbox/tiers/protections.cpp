#include "sandbox/tiers/protections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <sstream>

#include "experiment_store/errors.hpp"

namespace ratchet {
namespace {

// One word a finding, by means of the shell and coreutils alone. /usr is there on every machine and serves as
// a tree.
constexpr const char* look_around = R"sh(
while read -r key value rest; do
  case "$key $value" in
    "CapEff: 0000000000000000") echo no-capabilities ;;
    "NoNewPrivs: 1") echo no-new-privileges ;;
    "Seccomp: 2") echo filtered ;;
  esac
done < /proc/self/status
read -r inner outer count < /proc/self/uid_map
[ "$inner" = 1000 ] && [ "$count" = 1 ] && [ "$(id -u)" = 1000 ] && echo not-root
devices=0
while read -r line; do
  case "$line" in lo:*) ;; *:*) devices=1 ;; esac
done < /proc/net/dev
[ "$devices" = 0 ] && echo own-network
read -r first < /proc/1/comm
[ "$first" = .ratchet-init ] && echo own-processes
[ ! -e /etc/shadow ] && [ ! -e /root ] && [ ! -e /var ] && echo hidden
{ echo written > /tree/ratchet-probe; } 2>/dev/null && [ -e /tree/ratchet-probe ] && echo overlay
unshare --user true 2>/dev/null || echo no-user-namespaces
)sh";

bool has(const std::string& words, const std::string& word) {
    std::istringstream lines(words);
    return std::any_of(std::istream_iterator<std::string>(lines), std::istream_iterator<std::string>(),
                       [&word](const std::string& line) { return line == word; });
}

[[noreturn]] void refuse(const std::string& why, bool as_root) {
    std::string hint;
    if (as_root) {
        hint =
            "root needs CAP_SYS_ADMIN here: in a container, start it with --privileged, or run ratchet as an "
            "ordinary user where user namespaces are allowed";
    } else {
        hint =
            "user namespaces must be allowed for ordinary users: sysctl kernel.unprivileged_userns_clone=1 "
            "(Debian), "
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu 24.04), user.max_user_namespaces "
            "> 0; "
            "Linux 5.12 or newer and bubblewrap 0.8 or newer are needed";
    }
    throw UserError("the sandbox does not work on this machine: " + why, hint);
}

}  // namespace

ProbeResult probe(Confinement& confinement, bool as_root) {
    ConfinedCommand command;
    command.shell_command = look_around;
    command.tree = "/usr";
    command.access = TreeAccess::discarded;
    command.timeout = std::chrono::seconds(30);
    command.disk_bytes = 1 << 20;
    RunResult result;
    for (int attempts_left = 2;; --attempts_left) {
        try {
            result = confinement.run(command, NeverStop());
            break;
        } catch (const SandboxLost& error) {
            if (attempts_left == 0) refuse(error.what(), as_root);
        } catch (const MachineryError& error) {
            refuse(error.what(), as_root);
        }
    }
    const std::string words = result.output.text();
    ProbeResult found;
    found.root_started_it = as_root;
    found.counted = result.figures.instructions.has_value();
    found.no_capabilities = has(words, "no-capabilities");
    found.no_new_privileges = has(words, "no-new-privileges");
    found.filtered = has(words, "filtered");
    found.own_network = has(words, "own-network");
    found.own_processes = has(words, "own-processes");
    found.host_files_hidden = has(words, "hidden");
    found.not_root_outside = has(words, "not-root");
    // As root the tree's root folder is not the command's own, so nothing can be written to it: that too
    // leaves /usr as it is, and the overlay itself was mounted, else nothing would have run.
    found.writes_vanish = !std::filesystem::exists("/usr/ratchet-probe");
    found.no_user_namespaces = has(words, "no-user-namespaces");
    const std::vector<std::pair<bool, const char*>> essential = {
        {found.no_capabilities, "a command keeps capabilities"},
        {found.no_new_privileges, "a command can gain privileges"},
        {found.filtered, "system calls are not filtered"},
        {found.own_network, "a command sees the machine's network"},
        {found.own_processes, "a command sees other processes"},
        {found.host_files_hidden, "a command sees the machine's files"},
        {found.not_root_outside, "a command runs as a wrong user"},
        {found.writes_vanish, "a command's writes stay"},
    };
    for (const auto& [present, lack] : essential) {
        if (!present) refuse(fmt::format("{} {}", lack, result.errors.last(300)), as_root);
    }
    return found;
}

std::vector<Protection> found_protections(const ProbeResult& probe, const Resources& resources) {
    const bool whole = resources.limits_the_whole();
    return {
        {"files", probe.host_files_hidden, "mount namespace; /usr and declared paths only, read-only", ""},
        {"writes", probe.writes_vanish,
         "overlay with a size-capped upper layer; what is written to trees whose writes stay is weighed", ""},
        {"network", probe.own_network, "network namespace, loopback only", ""},
        {"processes", probe.own_processes, "pid namespace, ended with its process 1", ""},
        {"user", probe.not_root_outside,
         probe.root_started_it ? "user namespace, below a dedicated uid" : "user namespace, below your uid",
         ""},
        {"capabilities", probe.no_capabilities && probe.no_new_privileges, "none, and no_new_privs", ""},
        {"system calls", probe.filtered, "seccomp filter", ""},
        {"nested namespaces", probe.no_user_namespaces, "refused by bubblewrap and the filter", ""},
        {"memory", whole, resources.mechanism(), whole ? "" : control_group_remedy},
        {"number of processes", true, whole ? resources.mechanism() : "rlimit within the user namespace", ""},
    };
}

}  // namespace ratchet
