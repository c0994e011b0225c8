#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/rendering.hpp"
#include "orchestrator/status/output.hpp"
#include "orchestrator/status/status.hpp"

namespace ratchet {
namespace {

class PlainStatus final : public Status {
  public:
    PlainStatus(std::ostream& out, Scale scale) : out_(out), scale_(scale) {}

    void progress(const Progress&) override {}

    void finished(const Experiment& experiment) override {
        put(out_, finished_line(experiment, scale_, Style{}) + '\n');
    }

    void message(const std::string& line) override { put(out_, one_line(line) + '\n'); }
    void warning(const std::string& line) override { put(out_, "warning: " + one_line(line) + '\n'); }

  private:
    std::ostream& out_;
    Scale scale_;
};

}  // namespace

std::unique_ptr<Status> make_plain_status(std::ostream& out, Scale scale) {
    return std::make_unique<PlainStatus>(out, scale);
}

}  // namespace ratchet
