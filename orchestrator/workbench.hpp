#pragma once

#include <memory>

#include "orchestrator/budget.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/events.hpp"
#include "orchestrator/experiment_steps.hpp"
#include "orchestrator/open_campaign.hpp"
#include "orchestrator/runner_lock.hpp"
#include "orchestrator/status/status.hpp"
#include "orchestrator/stop_on_signal.hpp"
#include "sandbox/confinement.hpp"

namespace ratchet {

/// What the verbs that take their time show: on a terminal, in a pipe, or as JSON.
std::unique_ptr<Status> make_status(const CommandLine& line, Scale scale);

/// All that a verb needs which measures: the campaign opened for writing, nobody else at it, a sandbox, the
/// steps.
class Workbench {
  public:
    /// Throws UserError where one of them cannot be had.
    explicit Workbench(const CommandLine& line);
    Workbench(const Workbench&) = delete;
    Workbench& operator=(const Workbench&) = delete;
    ~Workbench();

    StopOnSignal stop;  // first: a terminal that is lost meanwhile stops nothing either
    OpenCampaign opened;
    RunnerLock lock;
    std::unique_ptr<Confinement> confinement;
    std::unique_ptr<Status> status;
    TimeBudget time;
    Events events;
    ExperimentSteps steps;
};

}  // namespace ratchet
