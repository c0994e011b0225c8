#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <unistd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <system_error>

#include "benchmarks_adapter/machine.hpp"
#include "experiment_store/errors.hpp"
#include "orchestrator/campaign_loop.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/log_retention.hpp"
#include "orchestrator/lookup/provision.hpp"
#include "orchestrator/proposers/declared.hpp"
#include "orchestrator/proposers/proposers.hpp"
#include "orchestrator/rendering.hpp"
#include "orchestrator/room_wait.hpp"
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

/// Whoever noticed it, a full disk is a NoRoom.
template <typename Step>
auto noticing_no_room(const Step& step) {
    try {
        return step();
    } catch (const std::system_error& error) {
        if (!means_no_room(error.code().value())) throw;
        throw NoRoom(error.what());
    }
}

/// What a run needs to wait for room before it can even open its campaign.
struct Opening {
    explicit Opening(const CommandLine& line)
        : found(find_campaign(line)),
          time(found.campaign.budget, clock),
          status(make_status(line, found.campaign.benchmark.scale)),
          events(found.campaign.on_event, line.surroundings.environment),
          disks({found.state_folder, worktree_folder(found)}),
          room(disks, *status, events, time) {}

    FoundCampaign found;
    SystemClock clock;
    TimeBudget time;
    std::unique_ptr<Status> status;
    Events events;
    DisksOf disks;
    RoomWait room;
};

/// Nothing: the user asked to stop.
std::unique_ptr<Workbench> set_up(const CommandLine& line) {
    std::optional<Opening> opening;
    while (true) {
        try {
            return noticing_no_room([&] { return std::make_unique<Workbench>(line); });
        } catch (const NoRoom& full) {
            if (!opening) opening.emplace(line);
            const StopOnSignal stop;
            if (!opening->room.wait(full, 0, stop)) return nullptr;
        }
    }
}

std::unique_ptr<LookupProvision> lookup_for(const ProposerSettings& proposer, const Workbench& bench,
                                            const std::filesystem::path& executable) {
    const OpenCampaign& opened = bench.opened;
    if (!proposer.lookup || !asks_somebody(proposer)) return nullptr;
    return std::make_unique<LookupProvision>(opened.campaign, opened.ledger, opened.repository, *opened.clock,
                                             opened.state_folder, executable);
}

/// One `ratchet run`, however often the disk is full meanwhile: then it waits for room and goes on as a run
/// would that was killed there.
class PatientRun {
  public:
    PatientRun(Workbench& bench, bool no_verify, std::filesystem::path executable)
        : bench_(bench),
          no_verify_(no_verify),
          executable_(std::move(executable)),
          loop_(bench.steps, bench.opened.campaign, bench.opened.ledger, bench.time, bench.stop),
          disks_({bench.steps.folders().state, bench.steps.folders().worktrees}),
          room_(disks_, *bench.status, bench.events, bench.time) {}

    LoopEnd to_the_end() {
        while (true) {
            try {
                return noticing_no_room([this] { return go_on(); });
            } catch (const NoRoom& full) {
                bench_.steps.give_room_back();
                // Its end cannot be written down; as after a kill, the session has none.
                if (!room_.wait(full, finished(), bench_.stop))
                    return {LoopEnd::Kind::stopped, "stopped by the user while the disk was full"};
            }
        }
    }

  private:
    LoopEnd go_on() {
        OpenCampaign& opened = bench_.opened;
        remove_old_logs(opened.state_folder / "logs", opened.campaign.logs);
        if (!session_) {
            session_ = opened.ledger.begin_session(
                host_fingerprint(opened.campaign.benchmark.cores, bench_.confinement->tier()),
                static_cast<int>(::getpid()));
        }
        const Proposers proposers(opened.campaign, [&](const Campaign& as_it_sees_it) {
            return make_proposer(as_it_sees_it, opened.ledger, *bench_.confinement, opened.campaign_folder,
                                 opened.repository.common_directory(), opened.state_folder,
                                 lookup_for(as_it_sees_it.proposer, bench_, executable_));
        });
        LoopEnd end = loop_.run(proposers);
        if (end.kind == LoopEnd::Kind::done && !no_verify_) {
            verify_total(bench_);
            if (bench_.stop.requested()) end = {LoopEnd::Kind::stopped, "stopped by the user"};
        }
        bench_.steps.release();
        opened.ledger.end_session(*session_, end.reason);
        return end;
    }

    [[nodiscard]] std::int64_t finished() const {
        const Ledger& ledger = bench_.opened.ledger;
        return ledger.experiment_count() - static_cast<std::int64_t>(ledger.unfinished().size());
    }

    Workbench& bench_;
    bool no_verify_;
    std::filesystem::path executable_;
    CampaignLoop loop_;
    DisksOf disks_;
    RoomWait room_;
    std::optional<std::int64_t> session_;
};

int run_on(Workbench& bench, bool no_verify, const std::filesystem::path& executable) {
    const LoopEnd end = PatientRun(bench, no_verify, executable).to_the_end();
    bench.status->message(end.reason);
    if (end.kind == LoopEnd::Kind::done) {
        bench.events.finished(end.reason);
        return exit_done;
    }
    bench.events.paused(end.reason);
    return end.kind == LoopEnd::Kind::stopped ? exit_stopped : exit_could_not;
}

int run_campaign(const CommandLine& line, bool no_verify) {
    const std::unique_ptr<Workbench> bench = set_up(line);
    if (!bench) return exit_stopped;
    try {
        return run_on(*bench, no_verify, line.surroundings.executable);
    } catch (const UserError& error) {
        bench->events.paused(error.what());  // whoever sleeps should hear of it
        throw;
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
        "any moment, `ratchet run` goes on from the last durable step. On a full disk it waits until there "
        "is "
        "room.");
    auto no_verify = std::make_shared<bool>(false);
    verb->add_flag("--no-verify", *no_verify, "Do not measure base against champion at the end");
    verb->callback(
        [&line, no_verify] { line.chosen = [&line, no_verify] { return run_campaign(line, *no_verify); }; });
}

}  // namespace ratchet
