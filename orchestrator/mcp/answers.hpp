#pragma once

// What the tools answer, as text and as JSON. Only for the .cpp files of this folder.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"
#include "orchestrator/lookup/map.hpp"
#include "orchestrator/mcp/server.hpp"

namespace ratchet {

/// `found`: the sentence above the list.
ToolAnswer experiments_answer(const std::string& found, const std::vector<Summary>& experiments, Scale scale);
ToolAnswer experiment_answer(const Experiment& experiment, const Campaign& campaign, bool with_diff);
ToolAnswer best_answer(const Campaign& campaign, const Ledger& ledger);
ToolAnswer map_answer(const TriedWhere& map, Scale scale);

/// The schemas of what these give, as JSON texts.
std::string experiments_schema();
std::string experiment_schema();
std::string best_schema();
std::string map_schema();

}  // namespace ratchet
