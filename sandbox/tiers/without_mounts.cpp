#include "sandbox/tiers/without_mounts.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "experiment_store/crash_point.hpp"
#include "experiment_store/errors.hpp"
#include "sandbox/machine/resources.hpp"
#include "sandbox/machine/room.hpp"
#include "sandbox/process/process.hpp"
#include "sandbox/tiers/altered_files.hpp"
#include "sandbox/tiers/bubblewrap_launch.hpp"
#include "sandbox/tiers/confinement_kinds.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;

constexpr const char* private_prefix = "ratchet-home-";

/// One of the machine's own programs; empty where it succeeded, else what it complained of.
std::string complaint_of(std::vector<std::string> argv) {
    const Command command{std::move(argv), {"PATH=/usr/bin:/bin", "LANG=C.UTF-8"}, "/", {}, false, {}, false};
    const Outcome outcome = run(command, {std::chrono::hours(1), {}, {}}, NeverStop());
    if (outcome.ending == Ending::exited && outcome.exit_status == 0) return {};
    return outcome.errors.last(300) + " ";
}

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
}

}  // namespace

TreeCopy::TreeCopy(const fs::path& tree) : tree_(tree), original_(tree) {
    const DurableStep step("tree copy/make");
    original_ += ".original";
    // A process that was killed here has left the original aside: what stands in its place is a used copy.
    if (fs::exists(original_)) put_back();
    fs::rename(tree_, original_);
    crash_point("tree copy/make", "original aside");
    const std::vector<std::string> copy = {"/bin/cp", "--archive",        "--reflink=auto",
                                           "--",      original_.string(), tree_.string()};
    std::string complaint = complaint_of(copy);
    if (complaint.empty()) return;
    // A build may have left what not even its owner may read.
    try_to_remove_tree(tree_);
    (void)complaint_of({"/bin/chmod", "--recursive", "u+rX", "--", original_.string()});
    complaint = complaint_of(copy);
    if (complaint.empty()) return;
    put_back();
    require_room(tree_);
    throw MachineryError("cannot copy " + tree_.string() + ": " + complaint);
}

TreeCopy::~TreeCopy() {
    try {
        put_back();
    } catch (const std::exception&) {
        // The next copy of this tree tries again.
        return;
    }
}

void TreeCopy::forget(const fs::path& tree) {
    for (const char* kind : {".original", ".used"}) {
        fs::path aside = tree;
        aside += kind;
        if (is_there(aside)) try_to_remove_tree(aside);
    }
}

std::string TreeCopy::altered(const std::vector<std::string>& files) const {
    return first_difference(original_, tree_, files);
}

void TreeCopy::put_back() const {
    const DurableStep step("tree copy/put back");
    // Out of the way first: the original comes back also where not everything of the copy can be removed.
    fs::path used = tree_;
    used += ".used";
    try_to_remove_tree(used);
    if (is_there(tree_)) fs::rename(tree_, used);
    crash_point("tree copy/put back", "copy aside");
    fs::rename(original_, tree_);
    try_to_remove_tree(used);
}

PrivateFolder::PrivateFolder(uid_t owner) {
    std::string name = fmt::format("/tmp/{}{}-XXXXXX", private_prefix, ::getpid());
    if (::mkdtemp(name.data()) == nullptr) throw MachineryError("cannot make a folder in /tmp");
    path_ = name;
    fs::create_directory(home());
    fs::create_directory(temporary());
    give_to(path_, owner);
}

void PrivateFolder::link_into_home(const std::vector<Mount>& mounts, uid_t owner) const {
    for (const Mount& mount : mounts) {
        const fs::path below = mount.target.lexically_relative(inner_home);
        if (below.empty() || below == "." || *below.begin() == "..") continue;
        const fs::path place = home() / below;
        std::error_code ignored;
        // Already within a folder that is linked as a whole.
        fs::create_directories(place.parent_path(), ignored);
        if (is_there(place) || fs::canonical(place.parent_path(), ignored) != place.parent_path()) continue;
        fs::create_symlink(mount.source, place);
    }
    give_to(home(), owner);
}

void sweep_private_folders(uid_t owner) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/tmp", ignored)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(private_prefix)) continue;
        const auto maker = static_cast<pid_t>(number_after(name, private_prefix));
        if (maker <= 0 || ::kill(maker, 0) == 0 || errno != ESRCH) continue;
        // Anybody can give a folder in /tmp this name.
        struct stat status{};
        if (::lstat(entry.path().c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) continue;
        if (status.st_uid == (owner != 0 ? owner : ::geteuid())) try_to_remove_tree(entry.path());
    }
}

PrivateFolder::~PrivateFolder() {
    try_to_remove_tree(path_);
}

TreeAdditions::TreeAdditions(const ConfinedCommand& command, uid_t owner)
    : tree_(command.tree), root_(open_worktree(command.tree)), owner_(owner) {
    const DurableStep step("tree additions/make");
    for (const Mount& mount : command.mounts) {
        const fs::path below = below_tree(mount.target);
        if (!below.empty() && problem_.empty()) link(mount, below.string());
    }
    for (const CacheLayer& cache : command.caches) {
        if (problem_.empty()) copy(cache);
    }
}

TreeAdditions::~TreeAdditions() {
    try {
        take_away();
    } catch (const std::exception&) {
        // What stays is taken away when the tree is reset.
        return;
    }
}

void TreeAdditions::take_away() {
    const DurableStep step("tree additions/take away");
    open_up(root_.get());
    FolderCursor cursor(root_.get());
    // What stands there now may be the command's: only links and empty folders go, and nothing is followed.
    for (const std::string& link : links_) {
        const int folder = cursor.open(folder_of(link));
        const std::string name(name_of_path(link));
        const auto status = folder < 0 ? std::nullopt : status_of(folder, name);
        if (status && S_ISLNK(status->st_mode)) ::unlinkat(folder, name.c_str(), 0);
    }
    for (const std::string& path : covered_) {
        const int folder = cursor.open(folder_of(path));
        const std::string name(name_of_path(path));
        if (folder < 0 || ::mkdirat(folder, name.c_str(), 0755) != 0 || owner_ == 0) continue;
        if (::fchownat(folder, name.c_str(), owner_, owner_, AT_SYMLINK_NOFOLLOW) != 0) continue;
    }
    // Where they are still empty: they would look like something that the command made.
    std::reverse(made_.begin(), made_.end());
    for (const std::string& path : made_) {
        FolderCursor fresh(root_.get());
        const int folder = fresh.open(folder_of(path));
        if (folder >= 0) ::unlinkat(folder, std::string(name_of_path(path)).c_str(), AT_REMOVEDIR);
    }
}

void TreeAdditions::link(const Mount& mount, const std::string& below) {
    const Descriptor folder = make_parents(below);
    if (!folder) return;
    const std::string name(name_of_path(below));
    // Only an empty folder gives way.
    if (::unlinkat(folder.get(), name.c_str(), AT_REMOVEDIR) == 0) covered_.push_back(below);
    if (status_of(folder.get(), name)) {
        // A mount would cover it. Without one, the tree's own would be taken for what is declared.
        problem_ = fmt::format("cannot show {} in the tree: something else stands there", printable(below));
        return;
    }
    if (::symlinkat(mount.source.c_str(), folder.get(), name.c_str()) != 0) throw_errno("linking " + below);
    links_.push_back(below);
    give_away(folder.get(), name);
}

void TreeAdditions::copy(const CacheLayer& cache) {
    const std::string below = cache.target.string();
    const Descriptor folder = make_parents(below);
    if (!folder) return;
    const std::string name(name_of_path(below));
    const fs::path target = tree_ / cache.target;
    if (status_of(folder.get(), name)) {
        // A build begins with the caches of the tree that it takes them over from, and with no other.
        if (!cache.upper) return;
        fs::path aside = tree_;
        aside += ".cache-before";
        Trash trash(aside);
        trash.take(folder.get(), name);
        trash.empty();
    }
    fs::create_directory(target);
    // The topmost comes last, over the others.
    const std::vector<HostFolder> lowers(cache.lowers.rbegin(), cache.lowers.rend());
    for (const HostFolder& lower : lowers) {
        if (!ratchet::is_there(lower)) continue;
        // Removed first: a link that one layer has must not lead what another one has out of the tree.
        const std::string complaint = complaint_of({"/bin/cp", "--archive", "--reflink=auto",
                                                    "--remove-destination", "--no-target-directory", "--",
                                                    (lower.root / lower.below).string(), target.string()});
        if (complaint.empty()) continue;
        // A part of a cache is worse than none.
        try_to_remove_tree(target);
        fs::create_directory(target);
        break;
    }
    give_to(target, owner_);
}

/// The folder that holds the place; none where something of the tree stands in the way, which is its problem.
Descriptor TreeAdditions::make_parents(const std::string& below) {
    Descriptor folder(::openat(root_.get(), ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    fs::path part;
    for (const auto& component : fs::path(below).parent_path()) {
        part /= component;
        const std::string name = component.string();
        if (!status_of(folder.get(), name)) {
            if (::mkdirat(folder.get(), name.c_str(), 0755) != 0) throw_errno("making " + part.string());
            made_.push_back(part.string());
            give_away(folder.get(), name);
        }
        Descriptor inner = open_folder(folder.get(), name);
        if (!inner) {
            problem_ = fmt::format("cannot show {} in the tree: {} is no folder", printable(below),
                                   printable(part.string()));
            return {};
        }
        folder = std::move(inner);
    }
    return folder;
}

void TreeAdditions::give_away(int folder, const std::string& name) const {
    if (owner_ != 0 && ::fchownat(folder, name.c_str(), owner_, owner_, AT_SYMLINK_NOFOLLOW) != 0)
        throw_errno("giving " + name + " away");
}

}  // namespace ratchet
