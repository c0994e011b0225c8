#pragma once

#include <string>
#include <vector>

#include "orchestrator/set_up/drafting_agent.hpp"

namespace CLI {
class App;
}

namespace ratchet {

/// --with and the flags that belong to it.
void add_drafting_flags(CLI::App& verb, DraftingAgent& agent);

/// Throws UsageError where the flags do not go together, and UserError where this environment lacks what they
/// name.
void require_possible(const DraftingAgent& agent, const std::vector<std::string>& environment);

}  // namespace ratchet
