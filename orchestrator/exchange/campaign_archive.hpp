#pragma once

// A whole campaign in one file: the facts of its ledger, its commits with their history, its logs.
// docs/exchange.md describes the file.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "experiment_store/experiment.hpp"
#include "sandbox/workspace/repository.hpp"

namespace ratchet {

/// What an archive holds.
struct ArchiveContents {
    std::string campaign;
    std::int64_t experiments = 0;
    std::int64_t logs = 0;  ///< files
    /// Commits of which the ledger tells, but which were not in the repository that was exported.
    std::vector<std::string> missing_commits;
    /// What could not be done for the user's sake: a branch that was left alone.
    std::vector<std::string> warnings;
};

/// Writes the campaign whose state stands in this folder. May be called while the campaign runs: the archive
/// holds one moment of it. Throws UserError where the campaign was never begun, the history of its base is
/// not here, or the file cannot be written; then nothing is left of it.
ArchiveContents write_campaign_archive(const Repository& repository, const std::filesystem::path& state,
                                       const std::filesystem::path& file);

/// Brings a campaign into a repository in which there is none of its name. The archive is outside input: it
/// is checked before anything is taken over, and the ledger, which comes last, is what makes it a campaign.
/// Throws UserError that says what is wrong, and then nothing has changed but objects that nobody refers to.
ArchiveContents restore_campaign_archive(Repository& repository, const std::filesystem::path& file);

}  // namespace ratchet
