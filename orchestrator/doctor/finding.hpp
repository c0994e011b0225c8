#pragma once

#include <functional>
#include <string>
#include <vector>

namespace ratchet {

/// Something that does not agree between the ledger and what stands around it.
struct Finding {
    enum class Weight {
        problem,  ///< it must be repaired, or somebody must decide
        note,     ///< worth knowing; a run goes on all the same
    };
    Weight weight = Weight::problem;
    std::string kind;   ///< a stable word for programs: "pin-missing"
    std::string about;  ///< the ref, file or folder
    std::string text;   ///< what it is, what is safe, what to do
    /// Makes it agree with the ledger, and says what was done; throws where it cannot. Empty: there is
    /// nothing that the ledger tells about it.
    std::function<std::string()> repair;
};

using Findings = std::vector<Finding>;

}  // namespace ratchet
