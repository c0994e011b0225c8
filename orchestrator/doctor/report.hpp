#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "orchestrator/doctor/finding.hpp"

namespace ratchet {

/// A finding with what became of it.
struct Treated {
    Finding finding;
    bool repaired = false;
    std::string outcome;  ///< what the repair did, or why it could not; empty where none was tried
};

/// Repairs what can be repaired, in order; a repair that fails says why, and the next ones go on.
std::vector<Treated> repair(const Findings& findings);

/// The same list where nothing is to be repaired.
std::vector<Treated> untreated(const Findings& findings);

/// Those that still have to be repaired or decided.
int problems_left(const std::vector<Treated>& treated);

/// One line a finding, and what was done about it below it.
std::string findings_text(const std::vector<Treated>& treated);

/// A list of {"weight", "kind", "about", "text", "repairable", "repaired", "outcome"}.
nlohmann::ordered_json findings_json(const std::vector<Treated>& treated);

}  // namespace ratchet
