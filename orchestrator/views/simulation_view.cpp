#include "orchestrator/views/simulation_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/notation.hpp"

namespace ratchet {
namespace {

using Json = nlohmann::ordered_json;

double share(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

Json json_of(const KindFigures& kind) {
    return {{"proposals", kind.proposals},
            {"kept", kind.kept},
            {"confirmed", kind.confirmed},
            {"search_pairs", share(kind.search_pairs, kind.proposals)},
            {"confirmation_pairs", share(kind.confirmation_pairs, kind.proposals)}};
}

}  // namespace

std::string simulation_head(const NightsRequest& request, const std::string& noise) {
    return fmt::format("{} nights of {}; noise {}\n{:<13} {:>6} {:>6} {:>10} {:>10} {:>6} {:>8}\n",
                       request.nights, one_line(request.prior.description), one_line(noise), "rule", "keeps",
                       "false", "true gain", "reported", "holds", "runs/exp");
}

std::string simulation_row(const NightsFigures& figures) {
    const auto nights = static_cast<double>(figures.nights);
    // A rule without an interval never holds the truth; a dash says so better than 0 %.
    const std::string holds = figures.totals_held == 0
                                  ? std::string("-")
                                  : fmt::format("{:.1f}%", 100 * share(figures.totals_held, figures.nights));
    return fmt::format(
        "{:<13} {:>6.2f} {:>5.1f}% {:>10} {:>10} {:>6} {:>8.1f}\n", figures.rule,
        static_cast<double>(figures.keeps()) / nights, 100 * share(figures.false_keeps(), figures.keeps()),
        format_effect(figures.true_gain / nights), format_effect(figures.reported_gain / nights), holds,
        share(figures.runs, figures.proposals()));
}

nlohmann::ordered_json simulation_json(const NightsRequest& request, const std::string& noise,
                                       const NightsFigures& figures) {
    const auto nights = static_cast<double>(figures.nights);
    return {{"rule", figures.rule},
            {"noise", noise},
            {"proposals", request.prior.name},
            {"max_pairs", request.rules.max_pairs},
            {"nights", figures.nights},
            {"experiments", request.prior.experiments},
            {"keeps", static_cast<double>(figures.keeps()) / nights},
            {"false_keeps", share(figures.false_keeps(), figures.keeps())},
            {"true_gain", figures.true_gain / nights},
            {"reported_gain", figures.reported_gain / nights},
            {"possible_gain", figures.possible_gain / nights},
            {"totals_held", share(figures.totals_held, figures.nights)},
            {"keeps_held", share(figures.keeps_held, figures.keeps())},
            {"bias_of_keeps", figures.true_of_keeps == 0
                                  ? Json(nullptr)
                                  : Json(figures.claimed_of_keeps / figures.true_of_keeps - 1)},
            {"runs_per_experiment", share(figures.runs, figures.proposals())},
            {"true_gain_per_hour", figures.true_gain / std::max(figures.seconds / 3600, 1e-9)},
            {"gains", json_of(figures.gains)},
            {"losses", json_of(figures.losses)},
            {"nothing", json_of(figures.nothing)}};
}

}  // namespace ratchet
