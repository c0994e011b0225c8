#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/errors.hpp"
#include "experiment_store/ledger.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "sandbox/workspace/repository.hpp"

namespace ratchet {

/// All that the verbs need which only look into the ledger: the campaign as it is found from where the user
/// stands or, in a proposer's sandbox, what the copy of the ledger says of it.
struct Lookup {
    Campaign campaign;           ///< of a copy: name, goal and metric only
    std::filesystem::path logs;  ///< the folder that log files are relative to; empty: there are none here
    std::unique_ptr<Clock> clock;
    Ledger ledger;
    /// What a proposal may change, of the files that the champion has; in git's order.
    std::function<std::vector<std::string>()> files_in_scope;
};

/// Throws UserError where there is no ledger yet.
Lookup open_lookup(const CommandLine& line);

/// The paths of this commit that a proposal may change.
std::vector<std::string> files_in_scope(const Repository& repository, const Campaign& campaign,
                                        const CommitId& commit);

/// The error that says so, and which is the newest.
UserError no_such_experiment(const Ledger& ledger, ExperimentId id);

/// Throws UserError where this verb is not to be had in a proposer's sandbox, which has a copy to read.
void require_usable_in_lookup(const std::string& verb);

}  // namespace ratchet
