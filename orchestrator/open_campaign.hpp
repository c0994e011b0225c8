#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "sandbox/workspace/repository.hpp"

namespace ratchet {

/// The clock of the machine.
class SystemClock final : public Clock {
  public:
    [[nodiscard]] Timestamp now() const override;
};

/// A campaign with all that belongs to it, found from where the user stands.
struct OpenCampaign {
    Repository repository;
    Campaign campaign;
    std::string campaign_text;              ///< ratchet.toml as it was read
    std::filesystem::path campaign_folder;  ///< host folder of ratchet.toml
    std::filesystem::path state_folder;     ///< <common>/ratchet/<campaign>: ledger.sqlite, logs/, worktrees/
    std::unique_ptr<Clock> clock;
    Ledger ledger;

    /// Every commit that the campaign's branch may have pointed at: the base and all that were ever kept.
    [[nodiscard]] std::vector<CommitId> champions_ever() const;
};

/// Finds the campaign file (--file, else ratchet.toml in the working directory or above, up to the
/// repository's root; with --campaign NAME, the state of that name) and opens its ledger. In read_only mode a
/// campaign that never ran is a UserError that says to start it.
OpenCampaign open_campaign(const CommandLine& line, Ledger::Mode mode);

/// The contents of a file. Throws UserError where it cannot be read.
std::string read_text(const std::filesystem::path& file);

/// 16 hexadecimal digits that say whether a text has changed; they guard against nobody.
std::string hash_of(const std::string& text);

/// The state folder of this repository's campaign.
std::filesystem::path state_folder(const Repository& repository, const std::string& campaign);

/// Where its worktrees stand: below the state folder, or where campaign.workspace says.
std::filesystem::path worktree_folder(const OpenCampaign& opened);
/// Where what [prepare] made is kept, on the worktrees' disk.
std::filesystem::path prepared_folder(const OpenCampaign& opened);

/// Makes the ledger fit the campaign file before anything runs: founds the campaign with HEAD as its base,
/// begins an epoch where the harness has changed. Returns lines worth telling. Throws UserError where metric
/// or direction differ from those of the campaign in the ledger.
std::vector<std::string> settle(OpenCampaign& opened);

}  // namespace ratchet
