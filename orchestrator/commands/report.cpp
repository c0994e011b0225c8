#include <CLI/CLI.hpp>

#include <nlohmann/json.hpp>

#include "experiment_store/errors.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/open_campaign.hpp"
#include "orchestrator/views/views.hpp"

namespace ratchet {
namespace {

int report(const CommandLine& line) {
    const OpenCampaign opened = open_campaign(line, Ledger::Mode::read_only);
    if (!opened.ledger.identity()) throw UserError("the campaign has not begun", "`ratchet run` starts it");
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        out << text_of(report_json(opened.campaign, opened.ledger)) << '\n';
    } else {
        out << report_text(opened.campaign, opened.ledger);
    }
    return exit_done;
}

}  // namespace

void add_report(CLI::App& app, CommandLine& line) {
    auto* verb =
        app.add_subcommand("report", "Markdown for a pull request: what changed, how it was measured");
    verb->callback([&line] { line.chosen = [&line] { return report(line); }; });
}

}  // namespace ratchet
