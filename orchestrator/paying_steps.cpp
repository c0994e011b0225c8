// The steps of an experiment that look at what its proposal may cost, and did.

#include <fmt/format.h>

#include "orchestrator/experiment_steps.hpp"
#include "orchestrator/proposers/declared.hpp"
#include "orchestrator/spending.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {

Allowance ExperimentSteps::allowance_for(const Experiment& experiment) const {
    const ProposerSettings* proposer = proposer_named(campaign_, experiment.brief.proposer);
    return allowance_of(campaign_.budget, proposer == nullptr ? campaign_.proposer : *proposer,
                        ledger_.total_usage(), experiment.returned ? experiment.returned->usage : Usage{});
}

void ExperimentSteps::settle(ProposerAnswer& answer) {
    for (const std::string& model : unpriced_models(answer, prices_)) {
        if (!unpriced_.insert(model).second) continue;
        status_.message(
            fmt::format("no price is known of the model {}: its tokens count, and no money; a [[price]] "
                        "in the campaign file would tell",
                        in_quotes(model)));
    }
    ratchet::settle(answer, prices_);
}

}  // namespace ratchet
