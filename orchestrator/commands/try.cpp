#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "experiment_store/errors.hpp"
#include "orchestrator/campaign_loop.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/proposers/given.hpp"
#include "orchestrator/workbench.hpp"

namespace ratchet {
namespace {

int try_commit(const CommandLine& line, const std::string& revision) {
    Workbench bench(line);
    Repository& repository = bench.opened.repository;
    const CommitId commit = repository.resolve(revision);
    const CommitId parent = repository.parent_of(commit);
    if (parent.empty()) {
        throw UserError(fmt::format("{} has no parent: there is no change to judge", revision),
                        "name a commit that changes something");
    }
    if (!bench.opened.ledger.unfinished().empty()) {
        throw UserError("an experiment is unfinished", "`ratchet run` finishes it first");
    }
    GivenProposer proposer(repository.diff(parent, commit), repository.describe(commit).summary, commit);
    CampaignLoop loop(bench.steps, bench.opened.campaign, bench.opened.ledger, bench.time, bench.stop);
    const bool judged = loop.live(bench.steps.plan_given(std::string(try_proposer)), proposer);
    bench.steps.release();
    return judged ? exit_done : exit_stopped;
}

}  // namespace

void add_try(CLI::App& app, CommandLine& line) {
    auto revision = std::make_shared<std::string>();
    auto* verb = app.add_subcommand("try", "Judge a change of my own by the same rules");
    verb->add_option("commit", *revision, "The commit whose change is put onto the champion")
        ->required()
        ->type_name("COMMIT");
    verb->footer("The change of this commit against its first parent becomes an experiment like any other.");
    verb->callback(
        [&line, revision] { line.chosen = [&line, revision] { return try_commit(line, *revision); }; });
}

}  // namespace ratchet
