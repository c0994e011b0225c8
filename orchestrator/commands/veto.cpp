#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/workbench.hpp"

namespace ratchet {
namespace {

int veto(const CommandLine& line, std::int64_t number, const std::string& reason) {
    // The ledger's transaction is safe beside a running campaign: its next verdict sees that the champion
    // moved.
    OpenCampaign opened = open_campaign(line, Ledger::Mode::read_write);
    const Champion champion = opened.ledger.veto(ExperimentId{number}, reason);
    opened.repository.pin(opened.campaign.name, "champion", champion.commit);
    opened.repository.move_branch(opened.campaign.name, champion.commit, opened.champions_ever());
    const std::string from =
        champion.experiment ? fmt::format("#{}", champion.experiment->value) : "the base";
    if (line.json) {
        *line.surroundings.out << text_of({{"vetoed", number}, {"champion", champion.commit.hex}}, false)
                               << '\n';
    } else {
        *line.surroundings.out << fmt::format("#{} is taken back; the champion is {} ({})\n", number,
                                              champion.commit.abbreviated(), from);
    }
    return exit_done;
}

}  // namespace

void add_veto(CLI::App& app, CommandLine& line) {
    struct Options {
        std::int64_t number = 0;
        std::string reason;
    };
    auto options = std::make_shared<Options>();
    auto* verb = app.add_subcommand("veto", "Take a kept experiment back");
    verb->add_option("number", options->number, "The experiment")->required()->type_name("N");
    verb->add_option("--reason", options->reason, "Why; the next proposers are told")->type_name("TEXT");
    verb->footer("The champion becomes the newest kept experiment that does not stand on a vetoed one.");
    verb->callback([&line, options] {
        line.chosen = [&line, options] { return veto(line, options->number, options->reason); };
    });
}

}  // namespace ratchet
