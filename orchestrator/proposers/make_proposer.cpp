#include <utility>

#include "experiment_store/errors.hpp"
#include "orchestrator/proposers/command.hpp"
#include "orchestrator/proposers/presets.hpp"
#include "orchestrator/proposers/replay.hpp"
#include "orchestrator/proposers/tune.hpp"

namespace ratchet {

std::unique_ptr<Proposer> make_proposer(const Campaign& campaign, const Ledger& ledger,
                                        Confinement& confinement,
                                        const std::filesystem::path& campaign_folder,
                                        const std::filesystem::path& git_common_directory,
                                        const std::filesystem::path& state_folder,
                                        std::unique_ptr<LookupProvision> lookup) {
    const std::string& use = campaign.proposer.use;
    if (const AgentPreset* preset = find_preset(campaign.presets, use)) {
        return std::make_unique<CommandProposer>(
            campaign, confinement, git_common_directory, state_folder, std::move(lookup),
            Agent(*preset, campaign.proposer.model, campaign.proposer.protocol, campaign.sandbox));
    }
    if (use == "tune") return std::make_unique<TuneProposer>(campaign, ledger);
    if (use == "replay") return std::make_unique<ReplayProposer>(campaign, ledger, campaign_folder);
    if (use == "command") {
        return std::make_unique<CommandProposer>(campaign, confinement, git_common_directory, state_folder,
                                                 std::move(lookup));
    }
    throw UserError("there is no proposer \"" + use + "\"",
                    "proposer.use is tune, replay, command or an agent such as claude");
}

}  // namespace ratchet
