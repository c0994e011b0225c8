#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <nlohmann/json.hpp>

#include "orchestrator/campaign_file.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/commands/drafting_flags.hpp"
#include "orchestrator/commands/init_with.hpp"
#include "orchestrator/commands/new_file.hpp"
#include "orchestrator/detection.hpp"
#include "orchestrator/json_rendering.hpp"
#include "sandbox/safe_text.hpp"
#include "sandbox/workspace/repository.hpp"

namespace ratchet {
namespace {

void print_list(std::ostream& out, const std::string& title, const std::vector<std::string>& lines) {
    out << title << '\n';
    for (const std::string& line : lines)
        out << "  - " << one_line(line) << '\n';
}

int init(const CommandLine& line, const DraftingAgent& agent) {
    const std::filesystem::path start = line.surroundings.working_directory;
    // What can be no campaign's repository (none, a bare one, one without a commit) is said here, not later.
    const Repository repository = Repository::open(start);
    const std::filesystem::path file = start / (line.file.empty() ? "ratchet.toml" : line.file);
    Detection detection = detect(file.parent_path());
    if (!line.campaign.empty()) detection.name = line.campaign;
    if (!agent.name.empty()) return init_with(line, repository, detection, file, agent);
    const std::string text = campaign_text(detection);
    // Whatever names and commands were found, what is written can be read.
    (void)read_campaign(text, file.filename());
    write_new_file(file, text);

    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        const nlohmann::ordered_json json = {{"file", file.string()},
                                             {"campaign", detection.name},
                                             {"found", detection.found},
                                             {"edit", detection.to_edit}};
        out << text_of(json, false) << '\n';
        return exit_done;
    }
    print_list(out, "found", detection.found);
    out << "wrote " << shown_path(file.string()) << '\n';
    print_list(out, "to be edited in it (look for EDIT)", detection.to_edit);
    out << "then `ratchet check` says whether all is in place\n";
    return exit_done;
}

}  // namespace

void add_init(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("init", "Look at the repository, write a commented ratchet.toml");
    verb->footer(
        "Finds CMake, Make, Cargo, Go, npm and pytest, and scripts that print METRIC lines "
        "(autoresearch.sh,\n"
        ".auto/measure.sh). Runs nothing and never overwrites a file; --file and --campaign choose the "
        "names.\n\n"
        "--with AGENT has an agent draft goal, scope, build, gates, benchmark and canary, in the sandbox "
        "and\n"
        "in a clone. Each draft is tried as a campaign would begin; what is wrong goes back to the agent, "
        "twice.\n"
        "The first draft that is sound is shown and written; otherwise nothing is.");
    auto agent = std::make_shared<DraftingAgent>();
    add_drafting_flags(*verb, *agent);
    verb->callback([&line, agent] { line.chosen = [&line, agent] { return init(line, *agent); }; });
}

}  // namespace ratchet
