#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/doctor/findings.hpp"
#include "orchestrator/doctor/report.hpp"
#include "orchestrator/json_rendering.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;

int check_the_ledger(const CommandLine& line) {
    FoundCampaign found = find_campaign(line);
    if (!fs::exists(ledger_file(found.state_folder)))
        static_cast<void>(open_ledger(found, SystemClock(), Ledger::Mode::read_only));  // says so
    const Examination examination = check_ledger(found, runner_of(found.state_folder));
    const std::vector<Treated> treated = untreated(examination.findings);
    const int problems = problems_left(treated);
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        out << text_of({{"campaign", found.campaign.name},
                        {"problems", problems},
                        {"findings", findings_json(treated)}})
            << '\n';
    } else {
        out << findings_text(treated);
        if (problems == 0 && examination.ledger) {
            out << fmt::format("The ledger is whole: {} experiments, {} candidates, all in git and pinned.\n",
                               examination.ledger->experiment_count(),
                               examination.ledger->candidates().size());
        }
    }
    return problems == 0 ? exit_done : exit_could_not;
}

int rebuild_the_ledger(const CommandLine& line) {
    const FoundCampaign found = find_campaign(line);
    const SystemClock clock;
    if (!fs::exists(ledger_file(found.state_folder)))
        static_cast<void>(open_ledger(found, clock, Ledger::Mode::read_only));  // says so
    const RunnerLock lock(found.state_folder);
    Ledger ledger = open_ledger(found, clock, Ledger::Mode::read_write);
    ledger.rebuild();
    if (line.json) {
        *line.surroundings.out << text_of({{"experiments", ledger.experiment_count()}}, false) << '\n';
    } else {
        *line.surroundings.out << fmt::format("rebuilt from the facts of {} experiments\n",
                                              ledger.experiment_count());
    }
    return exit_done;
}

int back_up_the_ledger(const CommandLine& line, const std::string& name, bool force) {
    const FoundCampaign found = find_campaign(line);
    const SystemClock clock;
    const Ledger ledger = open_ledger(found, clock, Ledger::Mode::read_only);
    const fs::path file = line.surroundings.working_directory / name;
    ledger.backup(file, force);
    const auto bytes = static_cast<std::int64_t>(fs::file_size(file));
    if (line.json) {
        *line.surroundings.out << text_of({{"file", file.string()}, {"bytes", bytes}}, false) << '\n';
    } else {
        *line.surroundings.out << fmt::format("the ledger of {} is copied to {}\n", found.campaign.name,
                                              file.string());
    }
    return exit_done;
}

}  // namespace

void add_ledger(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("ledger", "Check, rebuild or back up the ledger itself");
    verb->require_subcommand(1);

    auto* checking =
        verb->add_subcommand("check", "Whether it is whole, and git has every commit that it names");
    checking->footer(
        "One line a finding; exit status 1 where there is a problem. Changes nothing, and works beside a "
        "run.");
    checking->callback([&line] { line.chosen = [&line] { return check_the_ledger(line); }; });

    auto* rebuilding = verb->add_subcommand("rebuild", "Make everything that is derived from the facts anew");
    rebuilding->footer("In one transaction: all of it or nothing. Not while the campaign runs.");
    rebuilding->callback([&line] { line.chosen = [&line] { return rebuild_the_ledger(line); }; });

    struct Options {
        std::string file;
        bool force = false;
    };
    auto options = std::make_shared<Options>();
    auto* copying = verb->add_subcommand("backup", "Copy it into one file, also while the campaign runs");
    copying->add_option("file", options->file, "The file to write")->required()->type_name("FILE");
    copying->add_flag("--force", options->force,
                      "Replace an older backup of the same campaign (nothing else)");
    copying->footer("The copy is as of one moment, whole and on the disk when the command ends.");
    copying->callback([&line, options] {
        line.chosen = [&line, options] { return back_up_the_ledger(line, options->file, options->force); };
    });
}

}  // namespace ratchet
