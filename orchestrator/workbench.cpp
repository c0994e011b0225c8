#include "orchestrator/workbench.hpp"

#include <algorithm>

#include "experiment_store/errors.hpp"
#include "orchestrator/own_scope.hpp"
#include "orchestrator/status/logged_status.hpp"

namespace ratchet {
namespace {

/// Before anything runs: a metric that this machine cannot measure is no campaign of this machine's.
void require_counters(const Campaign& campaign, const Confinement& confinement) {
    const auto is_counted = [](const Benchmark& benchmark) {
        return benchmark.source == MetricSource::instructions;
    };
    const bool constrained = std::any_of(campaign.constraints.begin(), campaign.constraints.end(),
                                         [](const Constraint& constraint) {
                                             return constraint.metric == name_of(MetricSource::instructions);
                                         });
    const bool needed =
        constrained || is_counted(campaign.benchmark) || (campaign.holdout && is_counted(*campaign.holdout));
    if (!needed || confinement.missing_counter().empty()) return;
    throw UserError("the campaign measures instructions, but " + confinement.missing_counter(),
                    "\"user+sys\" and \"wall\" can be measured everywhere");
}

/// In a scope of its own before anything is opened, since that begins this program anew.
OpenCampaign open_in_scope(const CommandLine& line) {
    enter_own_scope(line.surroundings);
    return open_campaign(line, Ledger::Mode::read_write);
}

}  // namespace

std::unique_ptr<Status> make_status(const CommandLine& line, Scale scale) {
    const Surroundings& surroundings = line.surroundings;
    if (line.json) return make_json_status(*surroundings.out);
    if (surroundings.terminal)
        return make_terminal_status(*surroundings.out, surroundings.colour, surroundings.columns, scale);
    return make_plain_status(*surroundings.out, scale);
}

Workbench::Workbench(const CommandLine& line)
    : opened(open_in_scope(line)),
      lock(opened.state_folder),
      confinement(make_confinement(
          {opened.campaign.sandbox.require, line.surroundings.init_helper, line.surroundings.bubblewrap})),
      status(make_logged_status(make_status(line, opened.campaign.benchmark.scale),
                                opened.state_folder / "ratchet.log")),
      time(opened.campaign.budget, *opened.clock),
      events(opened.campaign.on_event, line.surroundings.environment),
      steps(opened, *confinement, *status, time, events, stop) {
    require_counters(opened.campaign, *confinement);
    for (const auto& news : settle(opened))
        status->message(news);
    steps.project_champion();
}

Workbench::~Workbench() = default;

}  // namespace ratchet
