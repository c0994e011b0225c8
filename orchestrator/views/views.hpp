#pragma once

// What the reading verbs print. Pure functions of the campaign and its ledger, golden-tested.

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {

/// `ratchet status`: one screen.
std::string status_text(const Campaign& campaign, const Ledger& ledger, const Style& style);
nlohmann::ordered_json status_json(const Campaign& campaign, const Ledger& ledger);

/// `ratchet verify --each`: what each step of the champion is worth in it, and how many are still to be
/// measured.
std::string each_text(const Campaign& campaign, const Ledger& ledger, const Style& style);
/// The same in a line: "4 carry their weight, 1 no longer: #12, …"; empty where no step was measured.
std::string each_summary(const Ledger& ledger);
/// {"champion", "leave_one_out": as in `status --json`, "not_measured": numbers}.
nlohmann::ordered_json each_json(const Ledger& ledger);

/// `ratchet log` and `ratchet search`: one line an experiment, in the given order.
std::string list_text(const std::vector<Summary>& experiments, Scale scale, const Style& style);

/// `ratchet log --imported`: one line an imported experiment, in the given order.
std::string imported_text(const std::vector<ImportedExperiment>& imported, const Style& style);

/// `ratchet show N`. `logs` is the folder that log files are relative to; empty in a copy of the ledger,
/// which has neither them nor the prompts.
std::string show_text(const Experiment& experiment, const Campaign& campaign,
                      const std::filesystem::path& logs, const Style& style);

/// `ratchet note` without a text.
std::string notes_text(const std::vector<Note>& notes, const Style& style);

/// `ratchet report`: Markdown for a pull request.
std::string report_text(const Campaign& campaign, const Ledger& ledger);
nlohmann::ordered_json report_json(const Campaign& campaign, const Ledger& ledger);

}  // namespace ratchet
