#include "orchestrator/events.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "orchestrator/json_rendering.hpp"
#include "sandbox/process/process.hpp"

namespace ratchet {

namespace {

using Json = nlohmann::ordered_json;

// A notification that hangs must not hold up the night.
constexpr std::chrono::seconds most_time{20};

std::string event_line(const Json& object) {
    return text_of(object, false) + "\n";
}

}  // namespace

Events::Events(std::string command, std::vector<std::string> environment)
    : command_(std::move(command)), environment_(std::move(environment)) {}

void Events::kept(const Experiment& experiment) const {
    Json object = {{"event", "kept"},
                   {"experiment", experiment.brief.id.value},
                   {"commit", experiment.candidate.hex},
                   {"idea", experiment.proposal ? experiment.proposal->notes.hypothesis : ""},
                   {"effect", nullptr}};
    if (experiment.decision && experiment.decision->effect)
        object["effect"] = experiment.decision->effect->estimate;
    tell(event_line(object));
}

void Events::finished(const std::string& reason) const {
    tell(event_line({{"event", "finished"}, {"reason", reason}}));
}

void Events::paused(const std::string& reason) const {
    tell(event_line({{"event", "paused"}, {"reason", reason}}));
}

void Events::resumed(const std::string& reason) const {
    tell(event_line({{"event", "resumed"}, {"reason", reason}}));
}

void Events::tell(const std::string& json_line) const {
    if (command_.empty()) return;
    Command command;
    command.argv = {"/bin/sh", "-c", command_};
    command.environment = environment_;
    command.working_directory = "/";
    command.standard_input = json_line;
    Limits limits;
    limits.wall = most_time;
    run(command, limits, NeverStop());
}

}  // namespace ratchet
