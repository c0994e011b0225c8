#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <unistd.h>

#include <system_error>

#include "benchmarks_adapter/machine.hpp"
#include "experiment_store/errors.hpp"
#include "orchestrator/campaign_loop.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/log_retention.hpp"
#include "orchestrator/rendering.hpp"
#include "orchestrator/workbench.hpp"

namespace ratchet {
namespace {

/// Pairs of before a loss are no part of the figure: it is taken as a whole.
std::optional<Verification> verified(ExperimentSteps& steps) {
    constexpr int most_attempts = 3;
    for (int attempt = 1;; ++attempt) {
        try {
            return steps.verify();
        } catch (const SandboxLost& loss) {
            if (attempt == most_attempts) throw;
            steps.tell_of_a_loss(loss);
        }
    }
}

/// The total gain is measured afresh once the champion is a new one, so that the morning's figure is no sum
/// of hopes.
void verify_total(Workbench& bench) {
    const auto last = bench.opened.ledger.latest_verification();
    const CommitId champion = bench.opened.ledger.champion().commit;
    const bool known = last && last->champion == champion;
    if (known || champion == bench.opened.ledger.identity()->base) return;
    if (const auto total = verified(bench.steps)) {
        bench.status->message(
            fmt::format("total gain, base against champion, {} fresh pairs: {}", total->pairs,
                        interval_text(total->total, bench.opened.campaign.benchmark.scale)));
    }
}

int run_on(Workbench& bench, bool no_verify) {
    Ledger& ledger = bench.opened.ledger;
    remove_old_logs(bench.opened.state_folder / "logs", bench.opened.campaign.logs);
    const std::int64_t session = ledger.begin_session(
        host_fingerprint(bench.opened.campaign.benchmark.cores, bench.confinement->tier()),
        static_cast<int>(::getpid()));
    const auto proposer =
        make_proposer(bench.opened.campaign, ledger, *bench.confinement, bench.opened.campaign_folder,
                      bench.opened.repository.common_directory(), bench.opened.state_folder);
    CampaignLoop loop(bench.steps, bench.opened.campaign, ledger, bench.time, bench.stop);
    const LoopEnd end = loop.run(*proposer);
    if (end.kind == LoopEnd::Kind::done && !no_verify) verify_total(bench);
    ledger.end_session(session, end.reason);
    bench.status->message(end.reason);
    bench.steps.release();
    if (end.kind == LoopEnd::Kind::done) {
        bench.events.finished(end.reason);
        return exit_done;
    }
    bench.events.paused(end.reason);
    return end.kind == LoopEnd::Kind::stopped ? exit_stopped : exit_could_not;
}

/// What the worktrees take is the user's while the campaign waits for room.
void pause(Workbench& bench, const NoRoom& full) {
    try {
        bench.steps.release();
    } catch (const std::exception& left) {
        bench.status->message(left.what());  // the next run uses it again
    }
    bench.events.paused(full.what());
}

int run_campaign(const CommandLine& line, bool no_verify) {
    Workbench bench(line);
    try {
        return run_on(bench, no_verify);
    } catch (const NoRoom& full) {
        pause(bench, full);
        throw;
    } catch (const UserError& error) {
        bench.events.paused(error.what());  // whoever sleeps should hear of it
        throw;
    } catch (const std::system_error& error) {
        if (!means_no_room(error.code().value())) throw;
        pause(bench, NoRoom(error.what()));
        throw NoRoom(error.what());
    }
}

}  // namespace

void add_run(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("run", "Start the campaign, or go on where its ledger stands");
    verb->footer(
        "Asks the proposer for one change at a time, measures each in a sandbox against the best so far, "
        "keeps what is\n"
        "truly better. Ctrl-C finishes the pair at work (10 s at most) and stops; a second one stops at "
        "once. Killed at\n"
        "any moment, `ratchet run` goes on from the last durable step.");
    auto no_verify = std::make_shared<bool>(false);
    verb->add_flag("--no-verify", *no_verify, "Do not measure base against champion at the end");
    verb->callback(
        [&line, no_verify] { line.chosen = [&line, no_verify] { return run_campaign(line, *no_verify); }; });
}

}  // namespace ratchet
