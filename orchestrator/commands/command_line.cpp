#include "orchestrator/commands/command_line.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <exception>

#include "experiment_store/errors.hpp"
#include "orchestrator/version.hpp"

namespace ratchet {
namespace {

void declare(CLI::App& app, CommandLine& line) {
    app.set_version_flag("--version", std::string(version_line()));
    app.add_option("--campaign", line.campaign, "The campaign's name, where several are declared")
        ->type_name("NAME");
    app.add_option("--file", line.file, "The campaign file (default: ratchet.toml here or above)")
        ->type_name("PATH");
    app.add_flag("--json", line.json, "Print JSON with stable keys");
    app.require_subcommand(1);
    app.fallthrough();
    for (auto* add : {add_init, add_check, add_run, add_try, add_status, add_log, add_show, add_search,
                      add_prompt, add_note, add_veto, add_verify, add_report, add_gc}) {
        add(app, line);
    }
}

int explain_usage(const CLI::App& app, const CLI::ParseError& error, CommandLine& line) {
    const int status = app.exit(error, *line.surroundings.out, *line.surroundings.err);
    return status == 0 ? exit_done : exit_usage;
}

}  // namespace

int run_command_line(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
    CommandLine line;
    line.surroundings = surroundings;
    std::ostream& err = *surroundings.err;
    try {
        CLI::App app("Autonomous optimisation of a repository: measured, contained, remembered.", "ratchet");
        declare(app, line);
        try {
            app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend() - 1));
        } catch (const CLI::ParseError& error) {
            return explain_usage(app, error, line);
        }
        return line.chosen();
    } catch (const UserError& error) {
        err << "ratchet: " << error.what() << '\n';
        if (!error.hint().empty()) err << "  what to do: " << error.hint() << '\n';
    } catch (const std::exception& error) {
        err << "ratchet: something broke that should not: " << error.what() << '\n'
            << "  The ledger holds everything up to the last step; `ratchet run` goes on from there.\n";
    }
    return exit_could_not;
}

}  // namespace ratchet
