#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/doctor/findings.hpp"
#include "orchestrator/doctor/report.hpp"
#include "orchestrator/json_rendering.hpp"

namespace ratchet {
namespace {

constexpr const char* all_agrees = "Ledger, refs, worktrees, lock and logs agree.\n";

std::string closing(const std::vector<Treated>& treated, bool repaired) {
    const int left = problems_left(treated);
    const auto repairable = std::count_if(treated.begin(), treated.end(), [](const Treated& each) {
        return static_cast<bool>(each.finding.repair) && !each.repaired;
    });
    if (left == 0) return all_agrees;
    const std::string problems = fmt::format("{} problem{}", left, left == 1 ? "" : "s");
    if (repaired) return problems + " left.\n";
    if (repairable == 0) return problems + ", which only a person can mend.\n";
    return fmt::format("{}; `ratchet doctor --repair` repairs {}.\n", problems, repairable);
}

void print(const CommandLine& line, const FoundCampaign& found, const std::vector<Treated>& treated,
           bool repaired) {
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        out << text_of({{"campaign", found.campaign.name},
                        {"problems", problems_left(treated)},
                        {"findings", findings_json(treated)}})
            << '\n';
    } else {
        out << findings_text(treated) << closing(treated, repaired);
    }
}

/// Repairs until nothing more is found that could be: the refs are looked at once the ledger is whole.
std::vector<Treated> repair_all(FoundCampaign& found) {
    std::vector<Treated> all;
    constexpr int most_rounds = 3;
    for (int round = 0; round < most_rounds; ++round) {
        const Examination examination = examine(found, {});
        const std::vector<Treated> treated = repair(examination.findings);
        const bool any =
            std::any_of(treated.begin(), treated.end(), [](const Treated& each) { return each.repaired; });
        // What was not repaired is told by the last round.
        std::erase_if(all, [](const Treated& each) { return !each.repaired; });
        all.insert(all.end(), treated.begin(), treated.end());
        if (!any) break;
    }
    return all;
}

int examine_campaign(const CommandLine& line, bool repairing) {
    FoundCampaign found = find_campaign(line);
    if (!std::filesystem::exists(found.state_folder) && found.repository.pins(found.campaign.name).empty()) {
        throw UserError(fmt::format("campaign \"{}\" has no ledger yet", found.campaign.name),
                        "`ratchet run` starts it");
    }
    std::vector<Treated> treated;
    if (repairing) {
        std::filesystem::create_directories(found.state_folder);
        const RunnerLock lock(found.state_folder);
        treated = repair_all(found);
    } else {
        treated = untreated(examine(found, runner_of(found.state_folder)).findings);
    }
    print(line, found, treated, repairing);
    return problems_left(treated) == 0 ? exit_done : exit_could_not;
}

}  // namespace

void add_doctor(CLI::App& app, CommandLine& line) {
    auto repairing = std::make_shared<bool>(false);
    auto* verb =
        app.add_subcommand("doctor", "Find what does not agree between ledger, refs, worktrees and logs");
    verb->add_flag("--repair", *repairing, "Make it agree with the ledger, as far as the ledger tells");
    verb->footer(
        "Changes nothing without --repair. The ledger is the truth: commits and refs are made again from it, "
        "and what\n"
        "it does not know is set aside, never thrown away. Exit status 1 while problems are left.");
    verb->callback([&line, repairing] {
        line.chosen = [&line, repairing] { return examine_campaign(line, *repairing); };
    });
}

}  // namespace ratchet
