#pragma once

#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet {

/// What the effect of having a step says of it, by its 95 % interval: it carries where all of the interval
/// lies above zero, not any more where all of it lies below `least` (the campaign's min_effect as an effect).
/// Both ends equal: an exact figure, and the same rule.
StepWorth worth_of(const Interval& effect, double least);

/// The kept steps that the champion is made of, from the base on.
std::vector<ExperimentId> steps_of_champion(const Ledger& ledger);

/// Those of them that the round in progress has yet to measure on this host; all of them where the last round
/// is complete (a new one begins), none where the base is champion. A round measures each step once: what is
/// missing are the steps that were measured less often than others.
std::vector<ExperimentId> steps_to_leave_out(const Ledger& ledger, const std::string& host);

/// The newest measurement of each step of the champion that has one, from the base on.
std::vector<LeaveOneOut> steps_left_out(const Ledger& ledger);

/// "carries +3.1% (+2.0% to +4.2%)", "cannot be taken out: later steps build on it", … One line, made safe.
std::string worth_text(const LeaveOneOut& left_out, Scale scale);

}  // namespace ratchet
