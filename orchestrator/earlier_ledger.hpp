#pragma once

#include <cstddef>
#include <string>

#include "orchestrator/open_campaign.hpp"

namespace ratchet {

/// What stands of a campaign outside of its ledger: a ledger that is empty or not there must not pass for one
/// that is about to begin while there is something. What was set aside does not count.
struct LeftBehind {
    std::size_t candidates = 0;  ///< pinned
    bool champion = false;       ///< pinned, and nothing else that the user has stands on it
    bool logs = false;

    [[nodiscard]] bool anything() const { return candidates > 0 || champion || logs; }
    /// "9 of its candidates are in git, and logs beside it"
    [[nodiscard]] std::string text() const;
};

LeftBehind left_behind(const FoundCampaign& found);

/// Throws UserError, with what to do, where the ledger's file is not there, and DamagedLedger where it is
/// empty, while something of its campaign is left.
void expect_no_earlier_ledger(const FoundCampaign& found);

}  // namespace ratchet
