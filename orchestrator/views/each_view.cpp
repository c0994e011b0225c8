#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/leave_one_out.hpp"
#include "orchestrator/views/views.hpp"

namespace ratchet {
namespace {

Colour colour_of(StepWorth worth) {
    switch (worth) {
        case StepWorth::carries:
            return Colour::green;
        case StepWorth::not_any_more:
            return Colour::red;
        case StepWorth::undecided:
            return Colour::yellow;
        case StepWorth::built_on:
        case StepWorth::needed:
            return Colour::faint;
    }
    return Colour::faint;
}

std::string idea_of(const Ledger& ledger, ExperimentId step) {
    const auto experiment = ledger.experiment(step);
    return experiment ? one_line(summary_of(*experiment).idea) : std::string();
}

}  // namespace

std::string each_text(const Campaign& campaign, const Ledger& ledger, const Style& style) {
    const std::vector<LeaveOneOut> known = steps_left_out(ledger);
    const std::size_t steps = steps_of_champion(ledger).size();
    std::string text;
    for (const LeaveOneOut& left_out : known) {
        const std::string number = padded(number_text(left_out.experiment), 5) + ' ';
        const std::string worth = worth_text(left_out, campaign.benchmark.scale);
        const auto columns = static_cast<std::size_t>(std::max(style.columns, 40));
        const std::string indent(columns_of(number), ' ');
        const std::size_t room = columns - indent.size();
        text += number;
        text += painted(clipped_to_columns(worth, room), colour_of(left_out.worth), style) + '\n';
        text += indent;
        text += clipped_to_columns(idea_of(ledger, left_out.experiment), room) + '\n';
    }
    if (known.size() < steps)
        text +=
            fmt::format("{} of {} steps are not measured yet: `ratchet verify --each` goes on with them\n",
                        steps - known.size(), steps);
    return text;
}

nlohmann::ordered_json each_json(const Ledger& ledger) {
    const std::vector<LeaveOneOut> known = steps_left_out(ledger);
    auto not_measured = nlohmann::ordered_json::array();
    for (const ExperimentId step : steps_of_champion(ledger)) {
        const bool measured = std::any_of(known.begin(), known.end(),
                                          [&](const LeaveOneOut& each) { return each.experiment == step; });
        if (!measured) not_measured.push_back(step.value);
    }
    return {{"champion", ledger.champion().commit.hex},
            {"leave_one_out", json_of(known)},
            {"not_measured", not_measured}};
}

std::string each_summary(const Ledger& ledger) {
    const std::vector<LeaveOneOut> known = steps_left_out(ledger);
    if (known.empty()) return {};
    const auto count = [&](auto wanted) { return std::count_if(known.begin(), known.end(), wanted); };
    std::string text;
    const auto tell = [&](std::ptrdiff_t number, std::string_view words) {
        if (number > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number, words);
    };
    const auto carry = count([](const LeaveOneOut& each) { return each.worth == StepWorth::carries; });
    tell(carry, carry == 1 ? "carries its weight" : "carry their weight");
    std::string idle;
    for (const LeaveOneOut& each : known) {
        if (each.worth == StepWorth::not_any_more)
            idle += (idle.empty() ? "" : " ") + number_text(each.experiment);
    }
    tell(std::count(idle.begin(), idle.end(), '#'), fmt::format("no longer ({})", idle));
    tell(count([](const LeaveOneOut& each) { return each.worth == StepWorth::undecided; }), "not decided");
    tell(count([](const LeaveOneOut& each) { return !each.effect; }), "cannot be taken out");
    tell(static_cast<std::ptrdiff_t>(steps_of_champion(ledger).size() - known.size()), "not measured yet");
    return text;
}

}  // namespace ratchet
