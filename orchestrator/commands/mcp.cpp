#include <CLI/CLI.hpp>

#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/lookup/lookup.hpp"
#include "orchestrator/mcp/ledger_tools.hpp"
#include "orchestrator/version.hpp"

namespace ratchet {
namespace {

int serve_tools(const CommandLine& line) {
    const Lookup lookup = open_lookup(line);
    const LedgerTools tools(lookup);
    McpServer server(tools, std::string(version_line()));
    serve(server, *line.surroundings.in, *line.surroundings.out);
    return exit_done;
}

}  // namespace

void add_mcp(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("mcp", "Offer the ledger to an agent, by the Model Context Protocol");
    verb->footer(
        "A server on standard input and output, with the tools search_experiments, show_experiment, "
        "best_so_far "
        "and map.\n"
        "It only reads, and ends when its input ends. For an agent of your own, in the campaign's folder:\n"
        "  claude mcp add ratchet -- ratchet mcp\n"
        "  codex mcp add ratchet -- ratchet mcp");
    verb->callback([&line] { line.chosen = [&line] { return serve_tools(line); }; });
}

}  // namespace ratchet
