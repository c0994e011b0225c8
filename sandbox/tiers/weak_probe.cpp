#include "sandbox/tiers/weak_probe.hpp"

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "experiment_store/errors.hpp"
#include "sandbox/init/landlock.hpp"
#include "sandbox/tiers/confinement_kinds.hpp"
#include "sandbox/tiers/without_mounts.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;

/// A tree with the helper in it, and beside it what the command must not get at; all of it the command's own
/// by owner and modes, so that nothing but the sandbox refuses.
class ProbeFolder {
  public:
    ProbeFolder(const fs::path& helper, uid_t owner) {
        std::string name = "/tmp/ratchet-probe-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw MachineryError("cannot make a folder in /tmp");
        path = name;
        fs::create_directory(tree());
        fs::create_directory(outside());
        fs::copy_file(helper, tree() / "escape");
        std::ofstream(outside() / "secret") << "secret";
        for (const fs::path& open : {path, outside(), outside() / "secret", tree() / "escape"})
            fs::permissions(open, fs::perms(0777));
        give_to(path, owner);
    }
    ~ProbeFolder() { try_to_remove_tree(path); }
    ProbeFolder(const ProbeFolder&) = delete;
    ProbeFolder& operator=(const ProbeFolder&) = delete;
    [[nodiscard]] fs::path tree() const { return path / "tree"; }
    [[nodiscard]] fs::path outside() const { return path / "outside"; }
    fs::path path;
};

[[noreturn]] void refuse(const std::string& why) {
    throw UserError("the weak sandbox does not work on this machine: " + why,
                    "it needs Landlock version 2 or newer (Linux 5.19, with \"landlock\" among "
                    "/sys/kernel/security/lsm) and seccomp filters");
}

}  // namespace

WeakProbe probe_weak(Confinement& confinement, const fs::path& helper, uid_t commands_run_as) {
    WeakProbe found;
    found.landlock = init::landlock_version();
    found.root_started_it = commands_run_as != 0;
    if (found.landlock < 2) refuse(fmt::format("Landlock is at version {}", found.landlock));
    const ProbeFolder folder(helper, commands_run_as);
    ConfinedCommand command;
    command.shell_command =
        fmt::format("exec ./escape escape '{}' {}", folder.outside().string(), ::getpid());
    command.tree = folder.tree();
    command.access = TreeAccess::discarded;
    command.timeout = std::chrono::seconds(30);
    RunResult result;
    try {
        result = confinement.run(command, NeverStop());
    } catch (const MachineryError& error) {
        refuse(error.what());
    }
    const std::string words = "\n" + result.output.text();
    const auto said = [&words](const std::string& word) {
        return words.find("\n" + word + "\n") != std::string::npos;
    };
    found.others_unsignalled = said("others-unsignalled");
    found.writes_vanish = !fs::exists(folder.tree() / "own");
    const std::vector<std::pair<bool, const char*>> essential = {
        {said("works"), "a command cannot even use its own tree"},
        {said("files-unread"), "a command can read files that were not declared"},
        {said("files-unchanged"), "a command can change files outside of its tree"},
        {said("no-sockets"), "a command can use the network"},
        {said("others-unseen"), "a command can look into other processes"},
        {said("no-privileges"), "a command has privileges or can gain some"},
        {said("filtered"), "system calls are not filtered"},
        {said("no-namespaces"), "a command can make a user namespace"},
        {found.writes_vanish, "a command's writes stay"},
    };
    for (const auto& [present, lack] : essential) {
        if (!present) refuse(fmt::format("{} {}{}", lack, result.diagnosis, result.errors.last(300)));
    }
    return found;
}

std::vector<Protection> weak_protections(const WeakProbe& probe, const Resources& resources,
                                         const std::string& strong, const std::string& hint) {
    const bool whole = resources.limits_the_whole();
    const std::string landlock = fmt::format("Landlock version {}", probe.landlock);
    const char* own_user = probe.root_started_it ? "a dedicated uid" : "your own uid";
    const std::string to_strong = "only the strong tier prevents it";
    std::string reason = strong.substr(0, strong.find_last_not_of(" \n") + 1);
    std::replace(reason.begin(), reason.end(), '\n', ' ');
    const std::string newer = "Linux 6.12 or newer";
    return {
        {"strong tier", false, "not to be had here: " + reason, hint},
        {"files", true, landlock + ": below /usr and declared paths only, read-only", ""},
        {"names, sizes and modes of files", false,
         fmt::format("can be seen everywhere; modes and times can be changed where {} is the owner",
                     own_user),
         to_strong},
        {"writes", true,
         "a copy of the tree; what is written to any tree is weighed, HOME and TMPDIR have no size of their "
         "own",
         ""},
        {"same path", false,
         "each tree stands at a path of its own, so two commits are measured at two paths", to_strong},
        {"network", true, "system call filter: no sockets at all, so no loopback of its own either", ""},
        {"services of the machine", true,
         "system call filter: no UNIX sockets; with the network, whatever listens on loopback", ""},
        {"processes", true,
         probe.root_started_it ? "found by their parents and killed; who outruns that, by the uid"
                               : "found by their parents and killed; who forks all the time can delay it",
         ""},
        {"other processes", false,
         "their command lines can be seen; " + landlock +
             " keeps their memory, environment "
             "and files",
         to_strong},
        {"signals", probe.others_unsignalled,
         probe.others_unsignalled ? "none to other processes" : "to every process of yours, ratchet included",
         probe.others_unsignalled ? "" : newer},
        {"user", probe.root_started_it, own_user,
         probe.root_started_it ? "" : "started by root, it is a dedicated one"},
        {"capabilities", true, "none, and no_new_privs", ""},
        {"system calls", true, "seccomp filter", ""},
        {"nested namespaces", true, "refused by the filter", ""},
        {"memory", whole, resources.mechanism(), whole ? "" : control_group_remedy},
        {"number of processes", true,
         whole ? resources.mechanism() : fmt::format("rlimit, of all processes of {}", own_user), ""},
    };
}

}  // namespace ratchet
