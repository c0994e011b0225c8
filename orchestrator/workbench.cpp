#include "orchestrator/workbench.hpp"

#include "orchestrator/status/logged_status.hpp"

namespace ratchet {
namespace {

std::unique_ptr<Status> make_status(const CommandLine& line, Scale scale) {
    const Surroundings& surroundings = line.surroundings;
    if (line.json) return make_json_status(*surroundings.out);
    if (surroundings.terminal)
        return make_terminal_status(*surroundings.out, surroundings.colour, surroundings.columns, scale);
    return make_plain_status(*surroundings.out, scale);
}

}  // namespace

Workbench::Workbench(const CommandLine& line)
    : opened(open_campaign(line, Ledger::Mode::read_write)),
      lock(opened.state_folder),
      confinement(make_confinement(
          {opened.campaign.sandbox.require, line.surroundings.init_helper, line.surroundings.bubblewrap})),
      status(make_logged_status(make_status(line, opened.campaign.benchmark.scale),
                                opened.state_folder / "ratchet.log")),
      time(opened.campaign.budget),
      events(opened.campaign.on_event, line.surroundings.environment),
      steps(opened, *confinement, *status, time, events, stop) {
    for (const auto& news : settle(opened))
        status->message(news);
    steps.project_champion();
}

Workbench::~Workbench() = default;

}  // namespace ratchet
