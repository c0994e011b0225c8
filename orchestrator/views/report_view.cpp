#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "orchestrator/briefing/policy.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/leave_one_out.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/total_gain.hpp"
#include "orchestrator/views/spend_view.hpp"
#include "orchestrator/views/views.hpp"

namespace ratchet {
namespace {

using Json = nlohmann::ordered_json;

constexpr int near_misses_read = 200;
constexpr std::size_t near_misses_shown = 10;
constexpr std::size_t cell_bytes = 200;

bool is_www(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c == 'w' || c == 'W'; });
}

/// Text that Markdown shows as it is: no markup, no links to issues, people or addresses, no cell borders.
std::string markdown(std::string_view text) {
    std::string out;
    const std::string line = clipped_to_bytes(one_line(text), cell_bytes);
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char letter = line[i];
        if (line.compare(i, 3, "://") == 0) {
            out += "&#58;";
        } else if (letter == '.' && i >= 3 && is_www(std::string_view(line).substr(i - 3, 3))) {
            out += "&#46;";
        } else if (letter == '@') {
            out += "&#64;";
        } else if (letter == '<') {
            out += "&lt;";
        } else if (letter == '&') {
            out += "&amp;";
        } else {
            if (std::string_view("\\`*_{}[]>|#~").find(letter) != std::string_view::npos) out += '\\';
            out += letter;
        }
    }
    return out;
}

std::string code_span(std::string_view text) {
    std::string inside = one_line(text);
    std::replace(inside.begin(), inside.end(), '`', '\'');
    std::replace(inside.begin(), inside.end(), '|', '!');
    return inside.empty() ? inside : '`' + inside + '`';
}

std::string files_cell(const std::vector<std::string>& files) {
    constexpr std::size_t shown = 4;
    std::string text;
    for (std::size_t i = 0; i < std::min(files.size(), shown); ++i) {
        text += (i == 0 ? "" : ", ") + code_span(shown_path(files[i]));
    }
    if (files.size() > shown) text += fmt::format(" and {} more", files.size() - shown);
    return text;
}

/// The kept experiments of the lineage, from the base on.
std::vector<Experiment> steps_of(const Ledger& ledger) {
    std::vector<Experiment> steps;
    for (const Champion& champion : ledger.lineage()) {
        if (!champion.experiment) continue;
        if (auto experiment = ledger.experiment(*champion.experiment))
            steps.push_back(std::move(*experiment));
    }
    return steps;
}

std::string title(const Campaign& campaign, const std::optional<TotalGain>& total) {
    const std::string gain =
        total ? format_effect(total->effect.estimate, campaign.benchmark.scale) : std::string("no gain yet");
    return fmt::format("# {}: {} {}\n\n{}\n\n", markdown(campaign.name), markdown(campaign.benchmark.metric),
                       gain, markdown(campaign.goal));
}

/// What the proposals took; empty where it is not known.
std::string spent_line(const Ledger& ledger, const Benchmark& benchmark,
                       const std::optional<TotalGain>& total) {
    const Usage usage = ledger.total_usage();
    const std::string text = usage_text(usage);
    if (text.empty()) return {};
    const std::string rate =
        total && usage.cost ? cost_of_gain(*usage.cost, total->effect.estimate, benchmark) : std::string();
    return fmt::format("| proposals took | {}{} |\n", markdown(text),
                       rate.empty() ? "" : "; " + markdown(rate) + " of gain");
}

std::string overview(const Campaign& campaign, const Ledger& ledger, const std::optional<TotalGain>& total) {
    const Benchmark& benchmark = campaign.benchmark;
    const Champion champion = ledger.champion();
    std::string text = "| | |\n|---|---|\n";
    const std::string unit = benchmark.unit.empty() ? std::string() : " in " + markdown(benchmark.unit);
    text += fmt::format("| metric | {}{}, {} is better |\n", code_span(benchmark.metric), unit,
                        name_of(benchmark.direction));
    text += fmt::format("| base | {} |\n", ledger.identity()->base.hex);
    text +=
        fmt::format("| champion | {}{} |\n", champion.commit.hex, champion.experiment ? "" : " (the base)");
    if (total) {
        text += fmt::format("| total gain | {}, {} |\n", interval_text(total->effect, benchmark.scale),
                            total->verified
                                ? fmt::format("measured base against champion in {} pairs", total->pairs)
                                : "added up from the confirmed steps; not yet measured head to head");
    }
    text += fmt::format("| experiments | {} |\n", ledger.experiment_count());
    return text + spent_line(ledger, benchmark, total) + '\n';
}

std::string lineage_table(const Campaign& campaign, const Ledger& ledger) {
    const std::vector<Experiment> steps = steps_of(ledger);
    if (steps.empty()) return "## What changed\n\nNothing was kept.\n\n";
    std::string text =
        "## What changed\n\nFrom the base on, each measured against the one before.\n\n"
        "| experiment | commit | gain | change | files |\n|---:|---|---|---|---|\n";
    for (const Experiment& step : steps) {
        const Summary summary = summary_of(step);
        const auto effect = step.decision ? step.decision->effect : std::nullopt;
        const bool simpler = step.decision && step.decision->basis == Basis::not_worse;
        text += fmt::format("| {} | {} | {}{} | {} | {} |\n", summary.id.value,
                            summary.candidate.abbreviated(), simpler ? "simpler, no worse: " : "",
                            effect ? interval_text(*effect, campaign.benchmark.scale) : std::string(),
                            markdown(summary.idea), files_cell(summary.files));
    }
    return text + '\n';
}

/// What the steps are worth in the champion of now, where that was measured.
std::string each_step(const Campaign& campaign, const Ledger& ledger) {
    const std::vector<LeaveOneOut> known = steps_left_out(ledger);
    if (known.empty()) return {};
    std::string text =
        "## What each change is worth now\n\nThe champion against itself without the change, in fresh "
        "pairs.\n\n| experiment | in the champion | pairs |\n|---:|---|---:|\n";
    for (const LeaveOneOut& step : known) {
        text += fmt::format("| {} | {} | {} |\n", step.experiment.value,
                            markdown(worth_text(step, campaign.benchmark.scale)), step.pairs);
    }
    const std::size_t left = steps_of_champion(ledger).size() - known.size();
    if (left > 0) text += fmt::format("\n{} more were not measured yet.\n", left);
    return text + '\n';
}

std::string method(const Campaign& campaign, const Ledger& ledger) {
    const Benchmark& benchmark = campaign.benchmark;
    std::string text = "## How it was measured\n\n";
    const auto calibration = ledger.latest_calibration();
    text += "- Each change is a commit of its own, checked out afresh and run in a sandbox without a network";
    if (!campaign.build.command.empty()) text += "; built with " + code_span(campaign.build.command);
    text += ".\n";
    for (const Gate& gate : campaign.gates) {
        text += fmt::format("- Had to pass: {} ({}).\n", code_span(gate.command), markdown(gate.name));
    }
    if (calibration && calibration->deterministic) {
        text += fmt::format("- Benchmark: {}. Its metric is the same in every run, so one run decides.\n",
                            code_span(benchmark.command));
    } else {
        text += fmt::format(
            "- Benchmark: {}, the change and the best code so far side by side in random order, up to {} "
            "pairs. A "
            "change is kept on evidence that holds over the whole campaign (at most 5 % of the kept ones "
            "expected to "
            "be false), and its gain is estimated on fresh pairs.\n",
            code_span(benchmark.command), benchmark.max_pairs);
    }
    for (const Constraint& constraint : campaign.constraints) {
        text += fmt::format("- {} may {} by {:.3g} % at most.\n", code_span(constraint.metric),
                            constraint.limit < 0 ? "fall" : "rise", std::abs(100 * constraint.limit));
    }
    if (campaign.holdout) text += "- A held-out benchmark must not be worse.\n";
    return text + "- Intervals are 95 % intervals.\n\n";
}

std::string not_taken(const Campaign& campaign, const Ledger& ledger) {
    std::string text = "## What was tried and not taken\n\n";
    std::string counts;
    for (const auto& [verdict, count] : ledger.tally()) {
        if (verdict != Verdict::kept) counts += fmt::format("| {} | {} |\n", name_of(verdict), count);
    }
    if (counts.empty()) return text + "Nothing.\n";
    text += "| verdict | experiments |\n|---|---:|\n" + counts;
    SummaryQuery query;
    query.failures_only = true;
    query.limit = near_misses_read;
    std::string lines;
    std::size_t shown = 0;
    for (const Summary& experiment : ledger.summaries(query)) {
        if (!is_near_miss(experiment) || shown++ >= near_misses_shown) continue;
        lines += fmt::format("- {} (experiment {}): {}\n", markdown(experiment.idea), experiment.id.value,
                             interval_text(*experiment.decision->effect, campaign.benchmark.scale));
    }
    if (!lines.empty()) text += "\nNear misses, newest first:\n\n" + lines;
    return text;
}

}  // namespace

std::string report_text(const Campaign& campaign, const Ledger& ledger) {
    const auto total = total_gain(ledger);
    return title(campaign, total) + overview(campaign, ledger, total) + lineage_table(campaign, ledger) +
           each_step(campaign, ledger) + method(campaign, ledger) + not_taken(campaign, ledger);
}

Json report_json(const Campaign& campaign, const Ledger& ledger) {
    Json json = status_json(campaign, ledger);
    json["lineage"] = Json::array();
    for (const Experiment& step : steps_of(ledger))
        json["lineage"].push_back(json_of(summary_of(step)));
    json["markdown"] = report_text(campaign, ledger);
    return json;
}

}  // namespace ratchet
