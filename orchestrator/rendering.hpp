#pragma once

// What the verbs and the live line share: how an experiment is shown to a person. Pure functions; all text
// that came from a run, an agent or a file name is made safe here.

#include <optional>
#include <string>
#include <string_view>

#include "experiment_store/campaign.hpp"
#include "experiment_store/experiment.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet {

/// The surroundings that a rendering depends on.
struct Style {
    bool colour = false;
    int columns = 80;
};

enum class Colour { green, red, yellow, faint, bold };

/// The text in this colour, where the style has colours; else the text.
std::string painted(std::string_view text, Colour colour, const Style& style);
/// The same in the colour of the verdict: green for kept, red for what broke or got worse, …
std::string painted(std::string_view text, Verdict verdict, const Style& style);

/// The list entry of an experiment.
Summary summary_of(const Experiment& experiment);

/// "kept", "kept as simpler", "rejected (duplicate of #3)", "measuring" …: how it ended, or where it stands.
std::string verdict_text(const Summary& experiment);

/// "+18.2% ± 1.1%" or "×2.31 ± 0.02", with half the interval (none where it is
/// exact); empty where nothing was measured.
std::string effect_text(const std::optional<Interval>& effect, Scale scale);

/// "+18.2% (+16.0% to +20.1%)", or "+18.2% (exact)" where the interval has no width.
std::string interval_text(const Interval& effect, Scale scale);

/// "2025-03-01 07:12 UTC".
std::string time_text(Timestamp at);

/// "#17".
std::string number_text(ExperimentId id);

/// "i17": imported experiments have numbers of their own.
std::string imported_number(ImportedId id);

/// "total_ms 71.5 ms", or empty where a run had no metric. One line, made safe.
std::string imported_value(const ImportedExperiment& imported);

/// Pads with spaces to this many columns of the terminal; longer text stays as it is.
std::string padded(std::string_view text, std::size_t columns);

/// What is printed when an experiment has ended: number, verdict, effect, reason, idea. One line, not
/// clipped.
std::string finished_line(const Experiment& experiment, Scale scale, const Style& style);

}  // namespace ratchet
