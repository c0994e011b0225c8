#include <nlohmann/json.hpp>

#include "orchestrator/json_rendering.hpp"
#include "orchestrator/json_value.hpp"
#include "orchestrator/rendering.hpp"
#include "orchestrator/status/output.hpp"
#include "orchestrator/status/status.hpp"

namespace ratchet {
namespace {

using Json = nlohmann::ordered_json;

/// One object a line; `event` says which: progress, finished, message, warning.
class JsonStatus final : public Status {
  public:
    explicit JsonStatus(std::ostream& out) : out_(out) {}

    void progress(const Progress& progress) override {
        write(
            {{"event", "progress"},
             {"experiment", progress.experiment.value == 0 ? Json(nullptr) : Json(progress.experiment.value)},
             {"stage", progress.stage},
             {"pairs", progress.pairs},
             {"pairs_wanted", progress.pairs_wanted == 0 ? Json(nullptr) : Json(progress.pairs_wanted)},
             {"evidence", progress.evidence},
             {"threshold", progress.threshold},
             {"gain", value_or_null(progress.gain)},
             {"total_gain", value_or_null(progress.total_gain)},
             {"experiments_done", progress.experiments_done},
             {"experiments_budget", value_or_null(progress.experiments_budget)},
             {"seconds_left", progress.time_left ? Json(progress.time_left->count()) : Json(nullptr)}});
    }

    void finished(const Experiment& experiment) override {
        Json json = {{"event", "finished"}};
        json.update(json_of(summary_of(experiment)));
        write(json);
    }

    void message(const std::string& line) override { write({{"event", "message"}, {"text", line}}); }
    void warning(const std::string& line) override { write({{"event", "warning"}, {"text", line}}); }

  private:
    void write(const Json& json) { put(out_, text_of(json, false) + '\n'); }

    std::ostream& out_;
};

}  // namespace

std::unique_ptr<Status> make_json_status(std::ostream& out) {
    return std::make_unique<JsonStatus>(out);
}

}  // namespace ratchet
