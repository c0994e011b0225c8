#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/experiment.hpp"
#include "experiment_store/ledger.hpp"
#include "sandbox/confinement.hpp"
#include "sandbox/process/stop_signal.hpp"
#include "sandbox/workspace/worktree.hpp"

namespace ratchet {

class LookupProvision;

/// All that a proposer gets: a leased worktree at the brief's parent, the prompt, the brief.
struct Assignment {
    Brief brief;
    std::string prompt;
    std::filesystem::path
        log_file;         ///< where the full output goes (zstd); relative names are the caller's business
    Allowance allowance;  ///< for this proposal; the proposers that count requests themselves keep to it
    /// What a request costs, in US dollars; nothing where its price is not known. May be called by another
    /// thread while the proposer works. None: no price is known.
    std::function<std::optional<double>(const ModelRequest&)> cost_of;
};

/// What came of asking. The diff is not in here: ratchet reads it from the worktree.
struct ProposerAnswer {
    Notes notes;
    Usage usage;
    std::string model;  ///< as the proposer says; empty: it does not, or ratchet saw its requests
    /// Of the usage's input tokens, those that came from the provider's cache; nothing: it does not say, and
    /// then no cost is made of its tokens.
    std::optional<std::int64_t> cached_tokens;
    std::vector<ModelRequest> model_requests;  ///< in order; of the proposers that see them
    std::string failure;                       ///< one sentence; empty where the proposer ended well
    std::optional<Rejection> refused;          ///< conflict: a patch that does not apply
    std::optional<Seconds> retry_after;        ///< it said when to come back
    bool exhausted = false;                    ///< it has nothing left to propose; the campaign is at its end
    bool stopped = false;                      ///< the user asked to stop; nothing is recorded
};

/// What makes proposals.
class Proposer {
  public:
    virtual ~Proposer() = default;
    virtual ProposerAnswer propose(const Assignment& assignment, Worktree& worktree,
                                   const StopSignal& stop) = 0;
    /// True where it has nothing left to propose, seen from the ledger; asked before an experiment is begun.
    [[nodiscard]] virtual bool exhausted() const { return false; }
    /// True where it may answer otherwise when it is asked about the same experiment once more and told why.
    [[nodiscard]] virtual bool can_be_asked_again() const { return false; }
};

/// The proposer that the campaign names. It reads the ledger and keeps no state of its own.
/// `campaign_folder` is the host folder of the campaign file (for `replay`'s patches). `lookup` is for the
/// one that asks somebody; none: nobody looks into the ledger.
std::unique_ptr<Proposer> make_proposer(const Campaign& campaign, const Ledger& ledger,
                                        Confinement& confinement,
                                        const std::filesystem::path& campaign_folder,
                                        const std::filesystem::path& git_common_directory,
                                        const std::filesystem::path& state_folder,
                                        std::unique_ptr<LookupProvision> lookup);

}  // namespace ratchet
