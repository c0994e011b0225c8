#include "experiment_store/exchange/experiment_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace ratchet {

namespace {

constexpr std::array<std::string_view, 24> experiment_columns = {
    "experiment",  "verdict",  "rejection", "basis",          "effect",          "effect_low",
    "effect_high", "e_value",  "pairs",     "champion_value", "candidate_value", "candidate",
    "parent",      "proposer", "move",      "focus",          "epoch",           "started_at",
    "finished_at", "cost",     "files",     "idea",           "reason",          "vetoed"};

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '\t':
                out += "\\t";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\\':
                out += "\\\\";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string real_cell(std::optional<double> value) {
    return value ? fmt::format("{}", *value) : std::string();
}

/// The middle value of one side over the pairs that count; nothing where there are none.
std::optional<double> middle_value(const Experiment& experiment, Sample Pair::* side) {
    std::vector<double> values;
    for (const Pair& pair : experiment.pairs) {
        if (pair.set_aside.empty() && pair.phase != Phase::holdout) values.push_back((pair.*side).value);
    }
    if (values.empty()) return std::nullopt;
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::string milliseconds_cell(Timestamp at) {
    return std::to_string(at.time_since_epoch().count());
}

/// As many cells as there are columns.
std::vector<std::string> experiment_cells(const Experiment& experiment, std::string_view idea) {
    const Decision decision = experiment.decision.value_or(Decision{});
    const bool decided = experiment.decision.has_value();
    const std::optional<Interval> effect = decision.effect;
    std::string files;
    std::optional<double> cost;
    if (experiment.proposal) {
        cost = experiment.proposal->usage.cost;
        for (const TouchedFile& file : experiment.proposal->files)
            files += (files.empty() ? "" : ", ") + file.path;
    }
    return {
        std::to_string(experiment.brief.id.value),
        decided ? std::string(name_of(decision.verdict)) : std::string(),
        decision.rejection ? std::string(name_of(*decision.rejection)) : std::string(),
        decided ? std::string(name_of(decision.basis)) : std::string(),
        effect ? real_cell(effect->estimate) : std::string(),
        effect ? real_cell(effect->low) : std::string(),
        effect ? real_cell(effect->high) : std::string(),
        decided ? real_cell(decision.e_value) : std::string(),
        decided ? std::to_string(decision.pairs) : std::string(),
        real_cell(middle_value(experiment, &Pair::champion)),
        real_cell(middle_value(experiment, &Pair::candidate)),
        experiment.candidate.hex,
        experiment.candidate_parent.empty() ? experiment.brief.parent.hex : experiment.candidate_parent.hex,
        experiment.brief.proposer,
        std::string(name_of(experiment.brief.move)),
        experiment.brief.focus,
        std::to_string(experiment.epoch),
        milliseconds_cell(experiment.started_at),
        experiment.finished_at ? milliseconds_cell(*experiment.finished_at) : std::string(),
        real_cell(cost),
        files,
        std::string(idea),
        decision.reason,
        experiment.vetoed ? "1" : "0"};
}

}  // namespace

std::string experiment_table_heading() {
    return fmt::format("{}\n", fmt::join(experiment_columns, "\t"));
}

std::string experiment_table_row(const Experiment& experiment, std::string_view idea) {
    std::string row;
    for (const std::string& cell : experiment_cells(experiment, idea))
        row += (row.empty() ? "" : "\t") + escaped(cell);
    return row + '\n';
}

}  // namespace ratchet
