#include <CLI/CLI.hpp>

#include <nlohmann/json.hpp>

#include "experiment_store/errors.hpp"
#include "orchestrator/briefing/policy.hpp"
#include "orchestrator/briefing/prompt.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/open_campaign.hpp"
#include "orchestrator/proposers/declared.hpp"

namespace ratchet {
namespace {

int print_prompt(const CommandLine& line) {
    const OpenCampaign opened = open_campaign(line, Ledger::Mode::read_only);
    if (!opened.ledger.identity()) throw UserError("the campaign has not begun", "`ratchet run` starts it");
    const CommitId champion = opened.ledger.champion().commit;
    Places places;
    if (opened.repository.exists(champion))
        places.files = files_in_scope(opened.campaign, opened.repository.paths(champion));
    const Brief brief = plan(opened.campaign, opened.ledger, places);
    const std::string prompt =
        write_prompt(as_seen_by(opened.campaign, brief.proposer), opened.ledger, brief);
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        out << text_of({{"brief", json_of(brief)}, {"prompt", prompt}, {"bytes", prompt.size()}}) << '\n';
    } else {
        out << prompt;
    }
    return exit_done;
}

}  // namespace

void add_prompt(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("prompt", "What the next proposer would be told");
    verb->footer("`ratchet show N --prompt` prints what the proposer of experiment N was told.");
    verb->callback([&line] { line.chosen = [&line] { return print_prompt(line); }; });
}

}  // namespace ratchet
