#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/proposers/proposer.hpp"
#include "orchestrator/proposers/tune_search.hpp"

namespace ratchet {

/// Offline: turns the knobs that the campaign declares, one setting an experiment. Where it stands is read
/// from the ledger (each experiment's origin has the whole setting, and what each changed knob was before).
class TuneProposer final : public Proposer {
  public:
    TuneProposer(const Campaign& campaign, const Ledger& ledger);
    /// Throws UserError where a knob's file cannot be read or its pattern does not match once.
    ProposerAnswer propose(const Assignment& assignment, Worktree& worktree, const StopSignal& stop) override;
    [[nodiscard]] bool exhausted() const override;

  private:
    std::string name_;  ///< as it stands in the ledger
    std::vector<Knob> knobs_;
    std::filesystem::path folder_;  ///< of the campaign file, below the tree
    const Ledger& ledger_;
    /// Origins never change once they are stored: each is read once.
    mutable std::map<ExperimentId, std::map<std::string, std::string>> origins_;

    [[nodiscard]] std::vector<KnobTrial> trials() const;
};

/// The origin of a trial, and back: from each knob's name to its value, and for a knob that was changed from
/// "was <name>" to its value in the parent.
std::map<std::string, std::string> origin_of(const std::vector<Knob>& knobs, const Setting& setting,
                                             const Setting& parent);
/// Nothing where the origin is not of exactly these knobs (the campaign file had others then).
std::optional<KnobTrial> trial_of(const std::vector<Knob>& knobs,
                                  const std::map<std::string, std::string>& origin);

}  // namespace ratchet
