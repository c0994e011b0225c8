#include "sandbox/workspace/worktree_changes.hpp"

#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include <fmt/core.h>

#include "sandbox/workspace/entry_names.hpp"

namespace ratchet {
namespace {

// Bounds of what is looked at, all far above what a change to a program needs.
constexpr std::uint64_t most_read_bytes = std::uint64_t{256} << 20;  // of changed files, old and new
constexpr std::uint64_t most_ignore_file_bytes = std::uint64_t{1} << 20;
constexpr std::uint64_t most_ignore_bytes = std::uint64_t{64} << 20;  // of all .gitignore files together

bool is_below_or_same(std::string_view folder, std::string_view path) {
    while (folder.ends_with('/'))
        folder.remove_suffix(1);
    return !folder.empty() && path.starts_with(folder) &&
           (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

bool is_safe_link(std::string_view path, std::string_view goal) {
    if (goal.empty() || goal.starts_with('/')) return false;
    auto depth = std::count(path.begin(), path.end(), '/');
    bool descended = false;
    while (!goal.empty()) {
        const std::size_t slash = goal.find('/');
        const std::string_view component = goal.substr(0, slash);
        goal = slash == std::string_view::npos ? std::string_view{} : goal.substr(slash + 1);
        if (component.empty() || component == ".") continue;
        if (component == "..") {
            // Behind a name that may itself be a symlink, ".." leads nobody knows where.
            if (descended || --depth < 0) return false;
        } else {
            if (is_git_name(component)) return false;
            descended = true;
        }
    }
    return true;
}

std::vector<Change> ChangeFinder::find(int root) {
    seen_.assign(target_.listing.files().size(), false);
    visit(root, "", false, 0);
    for (std::size_t i = 0; i < seen_.size() && !refusal_; ++i) {
        const TrackedFile& file = target_.listing.files()[i];
        if (seen_[i] || is_excluded(file.path)) continue;
        if (file.in_submodule) {
            refuse(Rejection::unsafe, fmt::format("{} in a submodule was removed", printable(file.path)));
        } else if (is_steering_file(name_of_path(file.path))) {
            refuse_steering(file.path);
        } else {
            add({file.path, 0, {}});
        }
    }
    if (!refusal_) refuse_collisions();
    std::sort(changes_.begin(), changes_.end(),
              [](const Change& a, const Change& b) { return a.path < b.path; });
    return std::move(changes_);
}

void ChangeFinder::visit(int folder, const std::string& prefix, bool ignored, int depth) {
    std::string rules;
    if (!ignored) {
        if (const Descriptor file = open_file(folder, ".gitignore"))
            rules = read_all(file.get(), most_ignore_file_bytes);
        ignore_bytes_ += rules.size();
        if (ignore_bytes_ > most_ignore_bytes) return refuse_ignore_files();
    }
    const std::size_t most = target_.listing.files().size() + policy_.most_entries;
    const std::vector<std::string> names = names_in(folder, most - std::min(most, entries_) + 1);
    entries_ += names.size();
    if (entries_ > most) {
        return refuse(Rejection::too_large,
                      fmt::format("the worktree has more than {} files and folders besides those of the "
                                  "commit",
                                  policy_.most_entries));
    }
    const std::size_t changes_before = changes_.size();
    ignore_.enter(prefix, rules);
    for (const std::string& name : names) {
        if (refusal_) break;
        if (prefix.empty() && name == ".git") continue;
        visit_entry(folder, name, prefix + name, ignored, depth);
    }
    ignore_.leave();
    // At the root, git finds the .git first.
    if (changes_.size() > changes_before && !prefix.empty() && is_git_directory(names)) {
        refuse(Rejection::unsafe, fmt::format("{} is a git repository of its own", printable(prefix)));
    }
}

void ChangeFinder::visit_entry(int folder, const std::string& name, const std::string& path, bool ignored,
                               int depth) {
    if (is_excluded(path)) return;
    const auto status = status_of(folder, name);
    if (!status) return;
    const TrackedFile* before = target_.listing.find(path);
    if (S_ISDIR(status->st_mode)) {
        const bool skipped = ignored || ignore_.ignores(path, true);
        if (skipped && !target_.listing.has_folder(path)) return;
        if (is_git_name(name))
            return refuse(Rejection::unsafe,
                          fmt::format("{} is a git repository of its own", printable(path)));
        return visit_folder(folder, name, path, skipped, depth + 1);
    }
    if (!S_ISREG(status->st_mode) && !S_ISLNK(status->st_mode))
        return;  // FIFOs, sockets, devices: never part of a proposal
    if (before != nullptr) {
        seen_[static_cast<std::size_t>(before - target_.listing.files().data())] = true;
        if (state_.is_as_committed(target_, *before, folder, name, *status)) return;
    } else if (ignored || ignore_.ignores(path, false)) {
        return;
    }
    if (ignore_.is_exhausted()) return refuse_ignore_files();
    take(folder, name, path, before, *status);
}

void ChangeFinder::visit_folder(int folder, const std::string& name, const std::string& path, bool ignored,
                                int depth) {
    if (depth > most_depth) {
        return refuse(Rejection::too_large,
                      fmt::format("there are more than {} folders within each other", most_depth));
    }
    if (const Descriptor inner = open_folder(folder, name)) visit(inner.get(), path + "/", ignored, depth);
}

void ChangeFinder::take(int folder, const std::string& name, const std::string& path,
                        const TrackedFile* before, const struct stat& status) {
    if (is_in_submodule(path)) {
        // What a build leaves in a submodule is no change of it; git sees it so, too.
        if (before != nullptr)
            refuse(Rejection::unsafe, fmt::format("{} in a submodule was changed", printable(path)));
        return;
    }
    if (is_git_name(name))
        return refuse(Rejection::unsafe, fmt::format("{} is git metadata", printable(path)));
    if (is_steering_file(name)) return refuse_steering(path);
    if (before == nullptr && !has_good_name(path)) return;
    if (path.size() > most_path_bytes) {
        return refuse(Rejection::too_large, fmt::format("a path is longer than {} bytes", most_path_bytes));
    }
    if (S_ISLNK(status.st_mode)) return take_link(folder, name, path);
    take_file(folder, name, path, before, status);
}

void ChangeFinder::take_link(int folder, const std::string& name, const std::string& path) {
    auto goal = link_target(folder, name);
    if (!goal || leads_out(path, *goal)) {
        return refuse(Rejection::unsafe, fmt::format("the symlink {} leads out of the tree, to {}",
                                                     printable(path), printable(goal.value_or(""))));
    }
    add({path, GIT_FILEMODE_LINK, std::move(*goal)});
}

/// A symlink that stays in the tree by itself may go on through one that the commit has, and that one may
/// lead anywhere: it is the repository's own.
bool ChangeFinder::leads_out(std::string path, std::string goal) const {
    constexpr int most_links = 40;  // as the kernel follows
    for (int links = 0; links < most_links; ++links) {
        if (!is_safe_link(path, goal)) return true;
        const std::string whole =
            (std::filesystem::path(folder_of(path)) / goal).lexically_normal().generic_string();
        const TrackedFile* link = nullptr;
        std::size_t end = 0;
        while (link == nullptr && end < whole.size()) {
            end = std::min(whole.find('/', end + 1), whole.size());
            const TrackedFile* file = target_.listing.find(std::string_view(whole).substr(0, end));
            if (file != nullptr && file->mode == GIT_FILEMODE_LINK) link = file;
        }
        if (link == nullptr) return false;
        GitBlob blob;
        check_git(git_blob_lookup(out(blob), link->repository, &link->blob), "reading " + printable(whole));
        goal.assign(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                    static_cast<std::size_t>(git_blob_rawsize(blob.get())));
        // What follows the link's name goes on from where the link leads.
        if (!is_safe_link(link->path, goal)) return true;
        path = link->path;
        goal += whole.substr(end);
    }
    return true;
}

void ChangeFinder::take_file(int folder, const std::string& name, const std::string& path,
                             const TrackedFile* before, const struct stat& status) {
    const auto size = static_cast<std::uint64_t>(status.st_size);
    std::string earlier;
    // A new file is in the diff as a whole. Of a changed one only the difference is, but both sides are read.
    if (before == nullptr && size > policy_.most_bytes) {
        return refuse(Rejection::too_large,
                      fmt::format("the new file {} has {} bytes", printable(path), size));
    }
    const std::uint64_t size_before =
        before != nullptr && before->mode != GIT_FILEMODE_LINK ? target_.content.expected(*before).size : 0;
    if (size > size_before + policy_.most_bytes) {
        return refuse(Rejection::too_large,
                      fmt::format("the file {} has {} bytes and had {}", printable(path), size, size_before));
    }
    read_bytes_ += size + size_before;
    if (read_bytes_ > most_read_bytes) {
        return refuse(Rejection::too_large,
                      fmt::format("the changed files have more than {} bytes, {} among them", most_read_bytes,
                                  printable(path)));
    }
    const Descriptor file = open_file(folder, name);
    if (!file) return;
    if (before != nullptr && before->mode != GIT_FILEMODE_LINK) {
        GitBlob blob;
        check_git(git_blob_lookup(out(blob), before->repository, &before->blob),
                  "reading " + printable(path));
        earlier.assign(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                       static_cast<std::size_t>(git_blob_rawsize(blob.get())));
    }
    const std::uint32_t mode =
        (status.st_mode & S_IXUSR) != 0 ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB;
    add({path, mode, target_.content.to_repository(path, read_all(file.get(), size), earlier)});
}

bool ChangeFinder::has_good_name(std::string_view path) {
    // Folders that the commit has are the repository's own, whatever they are called.
    std::string_view above = folder_of(path);
    while (!above.empty() && !target_.listing.has_folder(above))
        above = folder_of(above);
    for (std::size_t from = above.empty() ? 0 : above.size() + 1; from < path.size();) {
        const std::size_t end = std::min(path.find('/', from), path.size());
        const std::string problem = problem_with_name(path.substr(from, end - from));
        if (!problem.empty()) {
            refuse(Rejection::unsafe, fmt::format("{} {}", printable(path.substr(0, end)), problem));
            return false;
        }
        from = end + 1;
    }
    return true;
}

/// New paths that some file system takes for another one of the candidate's: there, a checkout would write
/// one over the other.
void ChangeFinder::refuse_collisions() {
    std::unordered_map<std::string, std::string> fresh;  // what is new, and the folders above it
    const auto differs = [&](const std::string& path, bool is_new) {
        const std::string folded = folded_path(path);
        std::size_t end = 0;
        for (std::size_t folded_end = 0; folded_end != std::string::npos;) {
            end = path.find('/', end + (end > 0 ? 1 : 0));
            folded_end = folded.find('/', folded_end + (folded_end > 0 ? 1 : 0));
            const std::string own = path.substr(0, end);
            const std::string key = folded.substr(0, folded_end);
            const auto found = is_new ? fresh.try_emplace(key, own).first : fresh.find(key);
            if (found == fresh.end() || found->second == own) continue;
            refuse(Rejection::unsafe, fmt::format("{} and {} are one name to some file systems",
                                                  printable(found->second), printable(own)));
            return true;
        }
        return false;
    };
    for (const Change& change : changes_) {
        if (change.mode != 0 && target_.listing.find(change.path) == nullptr && differs(change.path, true))
            return;
    }
    for (std::size_t i = 0; i < seen_.size() && !fresh.empty(); ++i) {
        if (seen_[i] && differs(target_.listing.files()[i].path, false)) return;
    }
}

void ChangeFinder::refuse_steering(const std::string& path) {
    refuse(Rejection::unsafe, fmt::format("{} steers what git does with other files", printable(path)));
}

void ChangeFinder::refuse_ignore_files() {
    refuse(Rejection::too_large, "the .gitignore files are too large to be matched");
}

void ChangeFinder::add(Change change) {
    changes_.push_back(std::move(change));
    if (changes_.size() > policy_.most_files) {
        refuse(Rejection::too_large, fmt::format("more than {} files differ", policy_.most_files));
    }
}

void ChangeFinder::refuse(Rejection rejection, const std::string& reason) {
    if (!refusal_) refusal_ = Refusal{rejection, reason};
}

bool ChangeFinder::is_excluded(std::string_view path) const {
    return std::any_of(policy_.ignored.begin(), policy_.ignored.end(),
                       [&](const std::string& folder) { return is_below_or_same(folder, path); });
}

bool ChangeFinder::is_in_submodule(std::string_view path) const {
    return std::any_of(target_.listing.submodules().begin(), target_.listing.submodules().end(),
                       [&](const Submodule& submodule) { return is_below_or_same(submodule.path, path); });
}

}  // namespace ratchet
