#include "orchestrator/doctor/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "experiment_store/errors.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {

namespace {

const char* name_of_weight(Finding::Weight weight) {
    return weight == Finding::Weight::problem ? "problem" : "note";
}

Treated treat(const Finding& finding) {
    Treated treated{finding, false, {}};
    if (!finding.repair) return treated;
    try {
        treated.outcome = finding.repair();
        treated.repaired = true;
    } catch (const std::exception& error) {
        treated.outcome = error.what();
    }
    return treated;
}

}  // namespace

std::vector<Treated> repair(const Findings& findings) {
    std::vector<Treated> treated;
    std::transform(findings.begin(), findings.end(), std::back_inserter(treated), treat);
    return treated;
}

std::vector<Treated> untreated(const Findings& findings) {
    std::vector<Treated> treated;
    for (const Finding& finding : findings)
        treated.push_back({finding, false, {}});
    return treated;
}

int problems_left(const std::vector<Treated>& treated) {
    return static_cast<int>(std::count_if(treated.begin(), treated.end(), [](const Treated& each) {
        return each.finding.weight == Finding::Weight::problem && !each.repaired;
    }));
}

std::string findings_text(const std::vector<Treated>& treated) {
    std::string text;
    for (const Treated& each : treated) {
        text += fmt::format("{:<8} {}: {}\n", name_of_weight(each.finding.weight),
                            one_line(each.finding.about), one_line(each.finding.text));
        if (each.outcome.empty()) continue;
        text += fmt::format("         {}: {}\n", each.repaired ? "repaired" : "not repaired",
                            one_line(each.outcome));
    }
    return text;
}

nlohmann::ordered_json findings_json(const std::vector<Treated>& treated) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Treated& each : treated) {
        nlohmann::ordered_json outcome;
        if (!each.outcome.empty()) outcome = each.outcome;
        list.push_back({{"weight", name_of_weight(each.finding.weight)},
                        {"kind", each.finding.kind},
                        {"about", each.finding.about},
                        {"text", each.finding.text},
                        {"repairable", static_cast<bool>(each.finding.repair)},
                        {"repaired", each.repaired},
                        {"outcome", outcome}});
    }
    return list;
}

}  // namespace ratchet
