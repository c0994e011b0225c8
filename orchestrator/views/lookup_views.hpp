#pragma once

// What the verbs print that answer "what was tried, and how does it hang together". Pure functions,
// golden-tested; all text that came from a run or an agent is made safe here.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "experiment_store/ledger.hpp"
#include "orchestrator/lookup/family.hpp"
#include "orchestrator/lookup/map.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {

/// `ratchet map`: a line a file, its functions below it, then the files that nobody touched.
std::string map_text(const TriedWhere& map, Scale scale, const Style& style);
/// {"files": [{"path", "attempts", "failures", "kept", "best_effect"}], "functions": [the same with
/// "function"], "files_in_all", "untouched": paths, "untouched_in_all"}.
nlohmann::ordered_json map_json(const TriedWhere& map);

/// `ratchet ideas`: a line an idea, with the number of the experiment that left it, and what became of it.
std::string ideas_text(const std::vector<IdeaFate>& ideas, const Style& style);
/// A list of {"from", "idea", "times", "tried_as", "verdict"}.
nlohmann::ordered_json ideas_json(const std::vector<IdeaFate>& ideas);

/// `ratchet log --near N`: as `ratchet log`, with how far away each is.
std::string neighbours_text(const std::vector<Neighbour>& neighbours, Scale scale, const Style& style);
/// A list of what `ratchet log --json` has, each with "distance".
nlohmann::ordered_json neighbours_json(const std::vector<Neighbour>& neighbours);

/// `ratchet show N --family`: a small tree, then duplicates, near ones and replays.
std::string family_text(const Family& family, Scale scale, const Style& style);
/// {"experiment", "base", "reaches_base", "ancestors", "descendants", "descendants_in_all", "duplicates",
/// "near", "replays"}.
nlohmann::ordered_json family_json(const Family& family);

}  // namespace ratchet
