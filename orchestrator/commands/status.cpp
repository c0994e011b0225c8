#include <CLI/CLI.hpp>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/open_campaign.hpp"
#include "orchestrator/views/views.hpp"

namespace ratchet {
namespace {

constexpr auto watch_interval = std::chrono::seconds(2);
constexpr const char* clear_screen = "\x1b[H\x1b[2J";

int show_status(const CommandLine& line, bool watch) {
    const OpenCampaign opened = open_campaign(line, Ledger::Mode::read_only);
    std::ostream& out = *line.surroundings.out;
    const Style style{line.surroundings.colour, line.surroundings.columns};
    for (;;) {
        if (watch && line.surroundings.terminal) out << clear_screen;
        if (line.json) {
            out << text_of(status_json(opened.campaign, opened.ledger), !watch) << '\n';
        } else {
            out << status_text(opened.campaign, opened.ledger, style);
        }
        if (!watch || !out.flush()) return exit_done;
        std::this_thread::sleep_for(watch_interval);
    }
}

}  // namespace

void add_status(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("status", "Where the campaign stands, on one screen");
    auto watch = std::make_shared<bool>(false);
    verb->add_flag("--watch", *watch, "Show it again every 2 seconds, until Ctrl-C");
    verb->callback([&line, watch] { line.chosen = [&line, watch] { return show_status(line, *watch); }; });
}

}  // namespace ratchet
