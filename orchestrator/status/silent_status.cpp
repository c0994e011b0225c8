#include "orchestrator/status/status.hpp"

namespace ratchet {
namespace {

class SilentStatus final : public Status {
  public:
    void progress(const Progress&) override {}
    void finished(const Experiment&) override {}
    void message(const std::string&) override {}
    void warning(const std::string&) override {}
};

}  // namespace

std::unique_ptr<Status> make_silent_status() {
    return std::make_unique<SilentStatus>();
}

}  // namespace ratchet
