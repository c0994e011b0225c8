#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "benchmarks_adapter/simulation/nights.hpp"

namespace ratchet {

/// What `ratchet simulate` prints before the rows of one noise: the night, and the columns' names.
std::string simulation_head(const NightsRequest& request, const std::string& noise);
/// One rule's figures: keeps a night, the share of false ones, the true and the reported gain of a night's
/// champion, how many intervals of the total hold the truth, runs of the benchmark an experiment.
std::string simulation_row(const NightsFigures& figures);
nlohmann::ordered_json simulation_json(const NightsRequest& request, const std::string& noise,
                                       const NightsFigures& figures);

}  // namespace ratchet
