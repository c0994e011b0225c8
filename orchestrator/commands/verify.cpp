#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "experiment_store/errors.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/rendering.hpp"
#include "orchestrator/workbench.hpp"

namespace ratchet {
namespace {

int verify(const CommandLine& line) {
    Workbench bench(line);
    const CommitId base = bench.opened.ledger.identity()->base;
    if (bench.opened.ledger.champion().commit == base) {
        throw UserError("there is nothing to verify: no experiment was kept yet",
                        "`ratchet run` looks for one");
    }
    const auto total = bench.steps.verify();
    bench.steps.release();
    if (!total) return exit_stopped;
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        out << nlohmann::json{{"base", total->base.hex},          {"champion", total->champion.hex},
                              {"effect", total->total.estimate},  {"effect_low", total->total.low},
                              {"effect_high", total->total.high}, {"pairs", total->pairs}}
                   .dump()
            << '\n';
    } else {
        out << fmt::format("champion {} against base {}: {}, {} fresh pairs\n", total->champion.abbreviated(),
                           total->base.abbreviated(),
                           interval_text(total->total, bench.opened.campaign.benchmark.scale), total->pairs);
    }
    return exit_done;
}

}  // namespace

void add_verify(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("verify", "Measure base against champion afresh");
    verb->footer(
        "Builds both, measures fresh pairs side by side, and writes the total gain with its interval to the "
        "ledger.");
    verb->callback([&line] { line.chosen = [&line] { return verify(line); }; });
}

}  // namespace ratchet
