#pragma once

// The one place that makes JSON of what the ledger holds. Every key is always there; what is not known is
// null. Numbers are log ratios where they are effects; times are milliseconds since 1970, UTC.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "experiment_store/experiment.hpp"
#include "experiment_store/ledger.hpp"
#include "orchestrator/total_gain.hpp"

namespace ratchet {

/// {"low", "estimate", "high"}, or null.
nlohmann::ordered_json json_of(const std::optional<Interval>& interval);

/// An experiment as lists show it.
nlohmann::ordered_json json_of(const Summary& experiment);

/// An experiment with all that is known of it: the keys of the list entry, then the rest.
nlohmann::ordered_json json_of(const Experiment& experiment);

/// A list of experiments.
nlohmann::ordered_json json_of(const std::vector<Summary>& experiments);

/// An imported experiment, with everything that its record held.
nlohmann::ordered_json json_of(const ImportedExperiment& imported);

/// {"champion", "candidate", "verdict", …}: how an experiment was judged once more.
nlohmann::ordered_json json_of(const Replay& replay);

/// A line of `ratchet export`: the keys of `ratchet show --json`, then the campaign, the pairs that count no
/// more, and how it was judged once more.
nlohmann::ordered_json exported_json(const Experiment& experiment, const CampaignIdentity& campaign,
                                     const std::vector<DiscardedPairs>& discarded,
                                     const std::vector<Replay>& replays);

nlohmann::ordered_json json_of(const Usage& usage);

nlohmann::ordered_json json_of(const Brief& brief);

nlohmann::ordered_json json_of(const Note& note);

/// {"effect", "verified", "pairs", "steps"}, or null.
nlohmann::ordered_json json_of(const std::optional<TotalGain>& total);

/// A list of steps that were taken out of the champion, each with {"experiment", "worth", "reason", "effect",
/// "pairs", "host", "at"}.
nlohmann::ordered_json json_of(const std::vector<LeaveOneOut>& steps);

/// The text of a JSON value in ASCII, indented or on one line. What is no UTF-8 is replaced.
std::string text_of(const nlohmann::ordered_json& json, bool indented = true);

}  // namespace ratchet
