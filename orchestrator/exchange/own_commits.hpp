#pragma once

#include <vector>

#include "experiment_store/imported.hpp"
#include "orchestrator/open_campaign.hpp"

namespace ratchet {

/// Finds the commits that imported experiments name in this repository, and the files that they change. A
/// tool that does not commit what it discards names the last commit that it kept instead: a commit belongs to
/// one experiment only, the one that kept it, or else the first that names it; the others get none.
void find_own_commits(std::vector<ImportedExperiment>& experiments, const OpenCampaign& opened);

}  // namespace ratchet
