#pragma once

// What `ratchet doctor` looks at, one function a subject. They change nothing; what a finding's `repair`
// refers to must outlive it.

#include <memory>

#include "orchestrator/doctor/finding.hpp"
#include "orchestrator/open_campaign.hpp"
#include "orchestrator/runner_lock.hpp"

namespace ratchet {

/// The ledger's own file. `repair` opens it for writing.
Findings ledger_findings(const FoundCampaign& found, const Ledger& ledger, const Clock& clock);

/// Whether the commits that the ledger names are in git and pinned, what else is pinned, and where the
/// campaign's branch is. While a campaign runs, only what it does not change any more.
Findings reference_findings(FoundCampaign& found, const Ledger& ledger, bool running);

/// Whether git has all that each candidate changes, and whether it is what the diff in the ledger makes.
Findings content_findings(FoundCampaign& found, const Ledger& ledger);

/// Leased worktrees, what git keeps of them, and what a killed run left beside them. Not while one runs.
Findings worktree_findings(const FoundCampaign& found);

/// Logs without an experiment, experiments without logs.
Findings log_findings(const FoundCampaign& found, const Ledger& ledger);

/// A lock that nobody of this machine holds, or that cannot be taken.
Findings lock_findings(const RunnerState& runner);

/// Where the ledger is not there at all: what tells that it was.
Findings missing_ledger_findings(FoundCampaign& found);

/// What was found, with what the findings' repairs refer to.
struct Examination {
    Findings findings;
    std::unique_ptr<SystemClock> clock = std::make_unique<SystemClock>();
    std::unique_ptr<Ledger> ledger;
};
/// All of these looks, at a campaign whose ledger may be damaged or missing. `runner` is who runs it now;
/// whoever holds the lock himself says nobody.
Examination examine(FoundCampaign& found, const RunnerState& runner);

/// Only what concerns the ledger (`ratchet ledger check`): its file, and the commits that it names.
Examination check_ledger(FoundCampaign& found, const RunnerState& runner);

}  // namespace ratchet
