#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/doctor/findings.hpp"
#include "sandbox/workspace/directory.hpp"
#include "sandbox/workspace/leases.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

using Weight = Finding::Weight;

bool is_worktree_name(const std::string& name) {
    return std::find(worktree_names.begin(), worktree_names.end(), name) != worktree_names.end();
}

std::vector<std::string> entries(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code failed;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, failed))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

bool is_folder(const fs::path& path) {
    std::error_code failed;
    return fs::is_directory(fs::symlink_status(path, failed));
}

/// What was being thrown away, copied or put aside when a run was killed: nothing ever reads it again.
bool is_left_over(const std::string& name) {
    for (const char* end : {".removed", ".prepared", ".original", ".used", ".work", ".unfinished"}) {
        if (name.ends_with(end)) return true;
    }
    return false;
}

Finding left_over(const fs::path& path) {
    return {Weight::problem, "left-over", path.string(),
            "a run that was killed left it; nothing needs it. `ratchet doctor --repair` removes it.", [path] {
                remove_tree(path);
                return std::string("removed");
            }};
}

class Worktrees {
  public:
    explicit Worktrees(const FoundCampaign& found)
        : common_(found.repository.common_directory()),
          folder_(worktree_folder(found)),
          prepared_(prepared_folder(found)),
          leases_(leases_of(common_, folder_, found.campaign.name)) {}

    Findings examine() {
        for (const std::string& name : entries(folder_)) {
            if (is_worktree_name(name)) {
                worktree(name);
            } else if (is_left_over(name) || is_cache_of_none(name)) {
                findings_.push_back(left_over(folder_ / name));
            } else if (!is_cache(name) && folder_ / name != prepared_) {
                findings_.push_back({Weight::note, "worktree-unknown", (folder_ / name).string(),
                                     "this is not one of the campaign's worktrees and was left alone."});
            }
        }
        for (const LeaseRecord& lease : leases_)
            examine_lease(lease);
        return std::move(findings_);
    }

  private:
    static bool is_cache(const std::string& name) {
        return std::any_of(worktree_names.begin(), worktree_names.end(),
                           [&](const char* worktree) { return name == std::string(worktree) + ".cache"; });
    }
    [[nodiscard]] bool is_cache_of_none(const std::string& name) const {
        return is_cache(name) && !is_folder(folder_ / name.substr(0, name.rfind('.')));
    }

    void worktree(const std::string& name) {
        const fs::path path = folder_ / name;
        const bool leased = std::any_of(leases_.begin(), leases_.end(),
                                        [&](const LeaseRecord& lease) { return lease.name == name; });
        if (leased && is_folder(path)) return;
        findings_.push_back(
            {Weight::problem, "worktree-without-lease", path.string(),
             "git does not know this worktree (any more). A run makes its worktrees anew from commits; "
             "`ratchet doctor --repair` removes it.",
             [path] {
                 remove_tree(path);
                 return std::string("removed");
             }});
    }

    void examine_lease(const LeaseRecord& lease) {
        std::error_code failed;
        const fs::path expected = fs::weakly_canonical(folder_, failed) / lease.name;
        // Only what we name ourselves is ours to remove: the note is a file that anybody may have written.
        const bool ours = is_worktree_name(lease.name) && is_folder(expected);
        if (lease.worktree == expected && is_folder(expected)) return;
        const bool elsewhere = ours || is_folder(lease.worktree);
        const std::string what = elsewhere
                                     ? fmt::format("points at {} and not at {}, where the campaign keeps it",
                                                   lease.worktree.string(), expected.string())
                                     : "has no folder";
        findings_.push_back(
            {Weight::problem, elsewhere ? "lease-elsewhere" : "lease-without-folder", lease.metadata.string(),
             fmt::format("git's note of the worktree {} {}. A run makes its worktrees anew from commits; "
                         "`ratchet doctor --repair` makes git forget this one{}.",
                         lease.name, what,
                         elsewhere ? " and leaves the folder that it points at as it is" : ""),
             [common = common_, lease, expected, ours] {
                 forget_lease(common, lease);
                 if (ours) remove_tree(expected);
                 return std::string("forgotten");
             }});
    }

    fs::path common_;
    fs::path folder_;
    fs::path prepared_;  // may stand beside the worktrees
    std::vector<LeaseRecord> leases_;
    Findings findings_;
};

}  // namespace

Findings worktree_findings(const FoundCampaign& found) {
    Findings findings = Worktrees(found).examine();
    for (const fs::path& folder : {found.state_folder, prepared_folder(found), found.state_folder / "logs"}) {
        for (const std::string& name : entries(folder)) {
            const bool killed_backup = name.ends_with("sqlite.unfinished");
            if (is_left_over(name) && !killed_backup) findings.push_back(left_over(folder / name));
        }
    }
    return findings;
}

}  // namespace ratchet
