#pragma once

#include <optional>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/experiment.hpp"
#include "experiment_store/ledger.hpp"
#include "sandbox/workspace/repository.hpp"

namespace ratchet {

/// Whether the files that a change touches may be touched: the decision that rejects it, or nothing.
std::optional<Decision> admit_files(const std::vector<TouchedFile>& files, const Campaign& campaign);

/// Whether a captured proposal may be evaluated at all. Nothing: it may. Else the decision that ends it:
/// empty, out of scope, protected, a duplicate of an earlier one, refused by the capture, or no proposal at
/// all.
std::optional<Decision> admit(const Experiment& experiment, const Campaign& campaign, const Ledger& ledger,
                              const Repository& repository);

}  // namespace ratchet
