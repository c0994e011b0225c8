#include "sandbox/tiers/without_mounts.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "experiment_store/errors.hpp"
#include "sandbox/machine/resources.hpp"
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

/// Neither the folder nor anything above it is a symlink that something hostile may have laid.
bool is_plain_folder(const fs::path& path) {
    std::error_code error;
    return fs::is_directory(fs::symlink_status(path, error)) && fs::canonical(path, error) == path;
}

}  // namespace

TreeCopy::TreeCopy(const fs::path& tree) : tree_(tree), original_(tree) {
    original_ += ".original";
    // A process that was killed here has left the original aside: what stands in its place is a used copy.
    if (fs::exists(original_)) put_back();
    fs::rename(tree_, original_);
    const std::string complaint =
        complaint_of({"/bin/cp", "--archive", "--reflink=auto", "--", original_.string(), tree_.string()});
    if (complaint.empty()) return;
    put_back();
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
    // Out of the way first: the original comes back also where not everything of the copy can be removed.
    fs::path used = tree_;
    used += ".used";
    try_to_remove_tree(used);
    if (is_there(tree_)) fs::rename(tree_, used);
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
    : tree_(command.tree), owner_(owner) {
    for (const Mount& mount : command.mounts) {
        if (const fs::path below = below_tree(mount.target); !below.empty()) link(mount, below);
    }
    for (const CacheLayer& cache : command.caches)
        copy(cache);
}

TreeAdditions::~TreeAdditions() {
    std::error_code ignored;
    for (const auto& link : links_) {
        if (fs::is_symlink(fs::symlink_status(link, ignored))) fs::remove(link, ignored);
    }
    for (const auto& folder : covered_) {
        if (!is_there(folder) && fs::create_directory(folder, ignored) && owner_ != 0) {
            if (::lchown(folder.c_str(), owner_, owner_) != 0) continue;
        }
    }
    // Where they are still empty: they would look like something that the command made.
    std::reverse(made_.begin(), made_.end());
    for (const auto& folder : made_) {
        if (fs::is_directory(fs::symlink_status(folder, ignored))) fs::remove(folder, ignored);
    }
}

void TreeAdditions::link(const Mount& mount, const fs::path& below) {
    make_parents(below);
    const fs::path place = tree_ / below;
    std::error_code ignored;
    if (fs::is_directory(fs::symlink_status(place, ignored)) && fs::is_empty(place, ignored)) {
        fs::remove(place);
        covered_.push_back(place);
    }
    if (is_there(place)) return;
    fs::create_symlink(mount.source, place);
    links_.push_back(place);
    give_away(place);
}

void TreeAdditions::copy(const CacheLayer& cache) {
    const fs::path target = tree_ / cache.target;
    make_parents(cache.target);
    if (is_there(target)) return;
    fs::create_directory(target);
    // The topmost comes last, over the others.
    const std::vector<fs::path> lowers(cache.lowers.rbegin(), cache.lowers.rend());
    for (const fs::path& lower : lowers) {
        if (!is_plain_folder(lower)) continue;
        // Removed first: a link that one layer has must not lead what another one has out of the tree.
        const std::string complaint =
            complaint_of({"/bin/cp", "--archive", "--reflink=auto", "--remove-destination",
                          "--no-target-directory", "--", lower.string(), target.string()});
        if (complaint.empty()) continue;
        // A part of a cache is worse than none.
        try_to_remove_tree(target);
        fs::create_directory(target);
        break;
    }
    give_to(target, owner_);
}

void TreeAdditions::make_parents(const fs::path& below) {
    fs::path part = tree_;
    for (const auto& component : below.parent_path()) {
        part /= component;
        const fs::file_status status = fs::symlink_status(part);
        if (fs::is_directory(status)) continue;
        if (fs::exists(status)) throw MachineryError("cannot use " + part.string() + ": it is no folder");
        fs::create_directory(part);
        made_.push_back(part);
        give_away(part);
    }
}

void TreeAdditions::give_away(const fs::path& path) const {
    if (owner_ != 0 && ::lchown(path.c_str(), owner_, owner_) != 0)
        throw MachineryError("cannot give away " + path.string());
}

}  // namespace ratchet
