#include "orchestrator/commands/command_line.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <exception>
#include <system_error>

#include "orchestrator/lookup/lookup.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/version.hpp"
#include "sandbox/safe_text.hpp"

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
    for (auto* add :
         {add_init,   add_check,    add_run,    add_try,    add_status, add_log,    add_show,   add_search,
          add_prompt, add_note,     add_veto,   add_verify, add_report, add_replay, add_export, add_import,
          add_gc,     add_simulate, add_doctor, add_ledger, add_map,    add_ideas,  add_mcp,    add_agent}) {
        add(app, line);
    }
}

/// A message may hold what a build or a benchmark printed: its further lines stand behind a bar, so that
/// none of them passes for ratchet's own.
std::string message_lines(std::string_view message) {
    std::string text = many_lines(message);
    text.erase(text.find_last_not_of('\n') + 1);
    constexpr std::string_view bar = "\n  | ";
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + bar.size()))
        text.replace(at, 1, bar);
    return text;
}

void explain(const UserError& error, std::ostream& err) {
    err << "ratchet: " << message_lines(error.what()) << '\n';
    if (!error.hint().empty()) err << "  what to do: " << message_lines(error.hint()) << '\n';
}

void explain_fault(const std::exception& error, std::ostream& err) {
    err << "ratchet: something broke that should not: " << message_lines(error.what()) << '\n'
        << "  The ledger holds everything up to the last step; `ratchet run` goes on from there.\n";
}

/// The verb that was likely meant, where the first word is none.
std::optional<std::string> likely_verb(const CLI::App& app, const std::vector<std::string>& arguments) {
    if (!app.get_subcommands().empty() || arguments.size() < 2) return std::nullopt;
    std::vector<std::string> names;
    for (const CLI::App* verb : app.get_subcommands(nullptr))
        names.push_back(verb->get_name());
    const std::vector<std::string_view> views(names.begin(), names.end());
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        if (arguments[i].starts_with('-')) continue;
        return nearest_name(arguments[i], views);
    }
    return std::nullopt;
}

/// --help and --version, or one sentence about what is wrong.
int explain_usage(const CLI::App& app, const CLI::ParseError& error,
                  const std::vector<std::string>& arguments, CommandLine& line) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
        app.exit(error, *line.surroundings.out, *line.surroundings.err);
        return exit_done;
    }
    std::string hint;
    if (const auto verb = likely_verb(app, arguments)) {
        hint = fmt::format("did you mean `ratchet {}`?", *verb);
    } else {
        const auto chosen = app.get_subcommands();
        hint = fmt::format("`ratchet{} --help` shows what there is",
                           chosen.empty() ? "" : " " + chosen.front()->get_name());
    }
    explain(UsageError(error.what(), hint), *line.surroundings.err);
    return exit_usage;
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
            return explain_usage(app, error, arguments, line);
        }
        if (!surroundings.lookup.empty()) require_usable_in_lookup(app.get_subcommands().front()->get_name());
        return line.chosen();
    } catch (const UsageError& error) {
        explain(error, err);
        return exit_usage;
    } catch (const UserError& error) {
        explain(error, err);
    } catch (const std::system_error& error) {
        means_no_room(error.code().value()) ? explain(NoRoom(error.what()), err) : explain_fault(error, err);
    } catch (const std::exception& error) {
        explain_fault(error, err);
    }
    return exit_could_not;
}

}  // namespace ratchet
