#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "experiment_store/errors.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/rendering.hpp"
#include "orchestrator/views/views.hpp"
#include "orchestrator/workbench.hpp"

namespace ratchet {
namespace {

int verify_total(const CommandLine& line, Workbench& bench) {
    const auto total = bench.steps.verify();
    bench.steps.release();
    if (!total) return exit_stopped;
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        const nlohmann::ordered_json json = {
            {"base", total->base.hex},          {"champion", total->champion.hex},
            {"effect", total->total.estimate},  {"effect_low", total->total.low},
            {"effect_high", total->total.high}, {"pairs", total->pairs}};
        out << text_of(json, false) << '\n';
    } else {
        out << fmt::format("champion {} against base {}: {}, {} fresh pairs\n", total->champion.abbreviated(),
                           total->base.abbreviated(),
                           interval_text(total->total, bench.opened.campaign.benchmark.scale), total->pairs);
    }
    return exit_done;
}

int verify_each(const CommandLine& line, Workbench& bench) {
    const bool complete = bench.steps.verify_each();
    bench.steps.release();
    std::ostream& out = *line.surroundings.out;
    const Style style{line.surroundings.colour, line.surroundings.columns};
    if (line.json) {
        out << text_of(each_json(bench.opened.ledger), false) << '\n';
    } else {
        out << '\n' << each_text(bench.opened.campaign, bench.opened.ledger, style);
    }
    return complete ? exit_done : exit_stopped;
}

int verify(const CommandLine& line, bool each) {
    Workbench bench(line);
    const CommitId base = bench.opened.ledger.identity()->base;
    if (bench.opened.ledger.champion().commit == base) {
        throw UserError("there is nothing to verify: no experiment was kept yet",
                        "`ratchet run` looks for one");
    }
    return each ? verify_each(line, bench) : verify_total(line, bench);
}

}  // namespace

void add_verify(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("verify", "Measure base against champion afresh");
    auto each = std::make_shared<bool>(false);
    verb->add_flag("--each", *each,
                   "Instead, take each kept step out of the champion and measure what it still gains");
    verb->footer(
        "Builds both, measures fresh pairs side by side, and writes the total gain with its interval to the "
        "ledger.\n"
        "With --each, every kept step is taken back by itself, built, tested and measured against the "
        "champion; stopped\n"
        "before the last one, the same command goes on with the steps that are left.");
    verb->callback([&line, each] { line.chosen = [&line, each] { return verify(line, *each); }; });
}

}  // namespace ratchet
