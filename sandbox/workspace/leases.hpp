#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ratchet {

/// What git keeps of a worktree that a campaign leases: for comparing it with the worktree's folder.
struct LeaseRecord {
    std::string name;                ///< of the worktree: proposal, candidate, champion
    std::filesystem::path metadata;  ///< <common directory>/worktrees/…
    std::filesystem::path worktree;  ///< the folder that it points at; empty where that cannot be read
};

/// All leases of this campaign that git knows of: those that are locked in its name, and those that point
/// into `worktrees` (the user may have unlocked them). Sorted by their metadata's name.
std::vector<LeaseRecord> leases_of(const std::filesystem::path& common,
                                   const std::filesystem::path& worktrees, const std::string& campaign);

/// Git forgets the worktree; its folder stays as it is.
void forget_lease(const std::filesystem::path& common, const LeaseRecord& lease);

}  // namespace ratchet
