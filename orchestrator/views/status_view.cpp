#include <fmt/core.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "benchmarks_adapter/judge.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/json_value.hpp"
#include "orchestrator/leave_one_out.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/total_gain.hpp"
#include "orchestrator/views/spend_view.hpp"
#include "orchestrator/views/views.hpp"

namespace ratchet {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kept_shown = 5;
constexpr std::size_t status_label_columns = 13;

std::size_t room_beside_label(const Style& style) {
    return static_cast<std::size_t>(std::max(style.columns, 40)) - status_label_columns;
}

std::string label_text(std::string_view label, const Style& style) {
    return painted(padded(label, status_label_columns), Colour::faint, style);
}

/// "label        text", clipped to the screen.
std::string status_row(std::string_view label, const std::string& text, const Style& style) {
    return label_text(label, style) + clipped_to_columns(text, room_beside_label(style)) + '\n';
}

std::vector<Summary> last_kept(const Ledger& ledger) {
    SummaryQuery query;
    query.verdict = Verdict::kept;
    query.limit = kept_shown;
    return ledger.summaries(query);
}

std::string champion_text(const Ledger& ledger, const Campaign& campaign) {
    const Champion champion = ledger.champion();
    if (!champion.experiment) {
        const auto verdicts = ledger.tally();
        const bool vetoed = std::any_of(verdicts.begin(), verdicts.end(),
                                        [](const auto& each) { return each.first == Verdict::vetoed; });
        return vetoed ? "the base: what was kept was vetoed" : "the base: nothing is kept yet";
    }
    return fmt::format("{} ({}), branch ratchet/{}", champion.commit.abbreviated(),
                       number_text(*champion.experiment), one_line(campaign.name));
}

std::string gain_text(const TotalGain& total, Scale scale) {
    const std::string gain = interval_text(total.effect, scale);
    if (total.verified)
        return fmt::format("{}, measured base against champion in {} pairs", gain, total.pairs);
    return fmt::format("{}, the {} of {} confirmed {}", gain, scale == Scale::ratio ? "product" : "sum",
                       total.steps, total.steps == 1 ? "step" : "steps");
}

/// "2 kept, 1 no-gain, …" in as many rows as it needs.
std::string verdict_rows(const Ledger& ledger, const Style& style) {
    std::string text;
    std::size_t used = 0;
    for (const auto& [verdict, count] : ledger.tally()) {
        const std::string item = fmt::format("{} {}", count, name_of(verdict));
        const bool fits = used > 0 && used + 2 + item.size() < room_beside_label(style);
        if (fits) {
            text += ", ";
        } else {
            text += (used == 0 ? "" : ",\n") + label_text(used == 0 ? "verdicts" : "", style);
        }
        used = (fits ? used + 2 : 0) + item.size();
        text += painted(item, verdict, style);
    }
    return text.empty() ? text : text + '\n';
}

std::string budget_text(const Campaign& campaign, const Ledger& ledger) {
    const Budget& budget = campaign.budget;
    std::string text = fmt::format("{} experiments", ledger.experiment_count());
    if (budget.experiments)
        text = fmt::format("{} of {} experiments", ledger.experiment_count(), *budget.experiments);
    const std::int64_t since = ledger.since_last_kept();
    if (budget.plateau) text += fmt::format("; {} of {} in a row not kept", since, *budget.plateau);
    if (budget.duration) text += fmt::format("; {} a run", format_duration(*budget.duration));
    return text;
}

/// What was kept for being simpler, and what of the gain that may have cost.
std::string simpler_text(const Campaign& campaign, const ErrorBudget& errors) {
    if (errors.kept_not_worse == 0) return {};
    const Scale scale = campaign.benchmark.scale;
    return fmt::format("{} kept as no worse; at most {} given away since the last verification, of {}",
                       errors.kept_not_worse, format_effect(-errors.given_away, scale),
                       format_effect(-least_effect(rules_of(campaign)), scale));
}

std::string last_run_text(const Ledger& ledger) {
    const std::string reason = ledger.last_session_end();
    if (!reason.empty()) return one_line(reason);
    return "has not said that it ended: it goes on, or was killed";
}

/// What a person would most likely type next.
std::string next_text(const Campaign& campaign, const Ledger& ledger, const std::optional<TotalGain>& total) {
    if (ledger.experiment_count() == 0) return "`ratchet run` starts the campaign";
    const auto& budget = campaign.budget.experiments;
    const bool spent = budget && ledger.experiment_count() >= *budget;
    if (!ledger.unfinished().empty()) return "`ratchet run` goes on where it stopped";
    if (total && total->verified) return "`ratchet report` writes it up; `ratchet run` goes on";
    if (!spent) return "`ratchet run` goes on; `ratchet log` lists what was tried";
    if (total) return "`ratchet verify` measures base against champion";
    return "`ratchet log` lists what was tried; a larger budget.experiments lets it go on";
}

Json champion_json(const Champion& champion) {
    return {{"commit", champion.commit.hex},
            {"experiment", champion.experiment ? Json(champion.experiment->value) : Json(nullptr)}};
}

Json calibration_json(const std::optional<CalibrationRecord>& record) {
    if (!record) return nullptr;
    return {{"deterministic", record->deterministic}, {"pairs", record->differences.size()},
            {"champion", record->champion.hex},       {"champion_value", record->champion_value},
            {"run_seconds", record->run_seconds},     {"host", record->host}};
}

}  // namespace

std::string status_text(const Campaign& campaign, const Ledger& ledger, const Style& style) {
    const Benchmark& benchmark = campaign.benchmark;
    const auto total = total_gain(ledger);
    const auto identity = ledger.identity();
    std::string text =
        status_row("campaign", one_line(campaign.name) + ": " + one_line(campaign.goal), style);
    const std::string unit = benchmark.unit.empty() ? std::string() : " in " + one_line(benchmark.unit);
    text += status_row(
        "metric",
        fmt::format("{}{}, {} is better", one_line(benchmark.metric), unit, name_of(benchmark.direction)),
        style);
    if (!identity) return text + status_row("next", "`ratchet run` starts the campaign", style);
    text += status_row("base", identity->base.abbreviated(), style);
    text += status_row("champion", champion_text(ledger, campaign), style);
    if (total) text += status_row("total gain", gain_text(*total, benchmark.scale), style);
    if (const std::string each = each_summary(ledger); !each.empty())
        text += status_row("steps", each, style);
    text += verdict_rows(ledger, style);
    if (const std::string simpler = simpler_text(campaign, ledger.error_budget()); !simpler.empty())
        text += status_row("simpler", simpler, style);
    text += status_row("budget", budget_text(campaign, ledger), style);
    if (const std::string drawn = drawn_budgets(campaign, ledger); !drawn.empty())
        text += status_row("", drawn, style);
    if (const std::int64_t imported = ledger.imported_count(); imported > 0) {
        text += status_row(
            "imported", fmt::format("{}, unverified; `ratchet log --imported` lists them", imported), style);
    }
    for (const auto& [label, words] : spend_rows(campaign, ledger))
        text += status_row(label, words, style);
    for (const Experiment& experiment : ledger.unfinished()) {
        text += status_row("unfinished",
                           fmt::format("{}, {}; {} pairs", number_text(experiment.brief.id),
                                       name_of(experiment.stage), experiment.pairs.size()),
                           style);
    }
    if (ledger.experiment_count() > 0) text += status_row("last run", last_run_text(ledger), style);
    text += status_row("next", next_text(campaign, ledger, total), style);
    const std::vector<Summary> kept = last_kept(ledger);
    if (!kept.empty()) text += "\nlast kept\n" + list_text(kept, benchmark.scale, style);
    return text;
}

Json status_json(const Campaign& campaign, const Ledger& ledger) {
    const auto identity = ledger.identity();
    Json verdicts;
    for (const std::string_view name : Names<Verdict>::names)
        verdicts[std::string(name)] = 0;
    for (const auto& [verdict, count] : ledger.tally())
        verdicts[std::string(name_of(verdict))] = count;
    Json unfinished = Json::array();
    for (const Experiment& experiment : ledger.unfinished())
        unfinished.push_back(json_of(summary_of(experiment)));
    const Usage usage = ledger.total_usage();
    const std::string end = ledger.last_session_end();
    return {{"campaign", campaign.name},
            {"goal", campaign.goal},
            {"metric", campaign.benchmark.metric},
            {"unit", campaign.benchmark.unit.empty() ? Json(nullptr) : Json(campaign.benchmark.unit)},
            {"direction", name_of(campaign.benchmark.direction)},
            {"scale", name_of(campaign.benchmark.scale)},
            {"base", identity ? Json(identity->base.hex) : Json(nullptr)},
            {"champion", identity ? champion_json(ledger.champion()) : Json(nullptr)},
            {"total_gain", identity ? json_of(total_gain(ledger)) : Json(nullptr)},
            {"leave_one_out", identity ? json_of(steps_left_out(ledger)) : Json::array()},
            {"experiments", ledger.experiment_count()},
            {"imported", ledger.imported_count()},
            {"verdicts", verdicts},
            {"kept", json_of(last_kept(ledger))},
            {"unfinished", unfinished},
            {"budget_experiments", value_or_null(campaign.budget.experiments)},
            {"budget_plateau", value_or_null(campaign.budget.plateau)},
            {"since_last_kept", ledger.since_last_kept()},
            {"kept_as_simpler", ledger.error_budget().kept_not_worse},
            {"given_away", ledger.error_budget().given_away},
            {"usage", json_of(usage)},
            {"budget", budget_json(campaign, ledger)},
            {"spend", spend_json(ledger)},
            {"model_spend", model_spend_json(ledger)},
            {"proposers", proposers_json(campaign, ledger)},
            {"next_proposer", identity ? next_proposer_json(campaign, ledger) : Json(nullptr)},
            {"calibration", calibration_json(ledger.latest_calibration())},
            {"last_run_end", end.empty() ? Json(nullptr) : Json(end)}};
}

}  // namespace ratchet
