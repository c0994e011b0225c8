#pragma once

#include <array>
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

/// A campaign as its file declares it, found from where the user stands; its ledger may not be there.
struct FoundCampaign {
    Repository repository;
    Campaign campaign;
    std::string campaign_text;              ///< ratchet.toml as it was read
    std::filesystem::path campaign_folder;  ///< host folder of ratchet.toml
    std::filesystem::path state_folder;     ///< <common>/ratchet/<campaign>: ledger.sqlite, logs/, worktrees/
    std::filesystem::path benchmark_lock;   ///< who measures on this machine holds it
};

/// The same with its ledger.
struct OpenCampaign : FoundCampaign {
    std::unique_ptr<Clock> clock;
    Ledger ledger;

    /// Every commit that the campaign's branch may have pointed at: the base and all that were ever kept.
    [[nodiscard]] std::vector<CommitId> champions_ever() const;
};

/// Finds the campaign file (--file, else ratchet.toml in the working directory or above, up to the
/// repository's root) and reads it.
FoundCampaign find_campaign(const CommandLine& line);

/// Opens the ledger of a campaign. In read_only mode one that never ran is a UserError that says to start it.
/// The clock must outlive the ledger.
Ledger open_ledger(const FoundCampaign& found, const Clock& clock, Ledger::Mode mode);

/// OpenCampaign::champions_ever.
std::vector<CommitId> champions_ever(const Ledger& ledger);

/// The ledger's file in a state folder.
std::filesystem::path ledger_file(const std::filesystem::path& state_folder);

/// The worktrees that a campaign leases, by name.
inline constexpr std::array<const char*, 3> worktree_names = {"proposal", "candidate", "champion"};

/// `find_campaign` and `open_ledger` in one.
OpenCampaign open_campaign(const CommandLine& line, Ledger::Mode mode);

/// The contents of a file. Throws UserError where it cannot be read.
std::string read_text(const std::filesystem::path& file);

/// 16 hexadecimal digits that say whether a text has changed; they guard against nobody.
std::string hash_of(const std::string& text);

/// The state folder of this repository's campaign.
std::filesystem::path state_folder(const Repository& repository, const std::string& campaign);

/// Where its worktrees stand: below the state folder, or where campaign.workspace says.
std::filesystem::path worktree_folder(const FoundCampaign& found);
/// Where what [prepare] made is kept, on the worktrees' disk.
std::filesystem::path prepared_folder(const FoundCampaign& found);

/// Makes the ledger fit the campaign file before anything runs: founds the campaign with HEAD as its base,
/// begins an epoch where the harness has changed. Returns lines worth telling. Throws UserError where metric
/// or direction differ from those of the campaign in the ledger.
std::vector<std::string> settle(OpenCampaign& opened);

}  // namespace ratchet
