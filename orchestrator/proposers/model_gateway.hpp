#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "experiment_store/campaign.hpp"
#include "orchestrator/gateway/gateway.hpp"
#include "orchestrator/proposers/proposer.hpp"
#include "sandbox/confinement.hpp"

namespace ratchet {

/// Throws UserError where the proposer is to have a gateway and cannot: the sandbox is not the strong one, or
/// the variable with the key was not set where the campaign was opened.
void require_gateway(const ProposerSettings& proposer, Requirement tier);

/// The gateway of one question to a proposer: from before its command runs until it has answered.
class ModelGateway {
  public:
    /// Listens in `folder`, which only its owner may enter from then on.
    ModelGateway(const GatewayAccess& access, const Assignment& assignment,
                 const std::filesystem::path& folder);

    /// Leads the command there, and nowhere else: it has no network.
    void provide(ConfinedCommand& command) const;
    /// Ends the gateway. What went through comes into the answer: the requests, their sums, and why the
    /// proposer failed where it does not say so itself.
    void tell(ProposerAnswer& answer);

  private:
    std::filesystem::path socket_;
    Gateway gateway_;
};

/// The gateway of this proposer; none where it has none.
std::unique_ptr<ModelGateway> model_gateway(const ProposerSettings& proposer, const Assignment& assignment,
                                            const std::filesystem::path& state_folder);

}  // namespace ratchet
