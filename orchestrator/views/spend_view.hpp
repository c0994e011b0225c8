#pragma once

// What a campaign's proposals cost and brought, for people and programs. Pure functions.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet {

/// "210 requests, 1.24M + 80.1k tokens, $4.10"; empty where nothing is known.
std::string usage_text(const Usage& usage);

/// Label and text of each row that `ratchet status` has about it; none where nothing is known of any cost and
/// there is one proposer only.
std::vector<std::pair<std::string, std::string>> spend_rows(const Campaign& campaign, const Ledger& ledger);

/// What is used of each budget that proposals draw on, and of the target: "$4.10 of $5.00; 9.1 ms, target 8
/// ms". Empty where there is none.
std::string drawn_budgets(const Campaign& campaign, const Ledger& ledger);

/// "$0.51 for 1 %": what everything that was proposed cost, for what was kept of it (1 % of
/// gain, or 1 of the metric's unit). Empty where
/// nothing was kept or no cost is known.
std::string cost_of_gain(double cost, double gain, const Benchmark& benchmark);

/// {"limit", "used", "left"} of each budget by its key; null where it is not set.
nlohmann::ordered_json budget_json(const Campaign& campaign, const Ledger& ledger);
/// A list with an entry for each proposer, model and verdict.
nlohmann::ordered_json spend_json(const Ledger& ledger);
/// A list with an entry for each model that ratchet saw requests to.
nlohmann::ordered_json model_spend_json(const Ledger& ledger);
/// A list of the campaign's proposers, with what the choice between them goes by.
nlohmann::ordered_json proposers_json(const Campaign& campaign, const Ledger& ledger);
/// {"name", "reason"} of who would be asked next, were nobody passed over.
nlohmann::ordered_json next_proposer_json(const Campaign& campaign, const Ledger& ledger);

}  // namespace ratchet
