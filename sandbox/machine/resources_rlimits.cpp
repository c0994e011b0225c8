#include "sandbox/machine/resources.hpp"

namespace ratchet {
namespace {

class ResourceLimitsOnly final : public Resources {
  public:
    [[nodiscard]] std::vector<ControlGroupPlan> groups(const std::string&,
                                                       const ResourceLimits&) const override {
        return {};
    }
    [[nodiscard]] ResourceReadings read(const std::map<std::string, std::string>&) const override {
        return {};
    }
    [[nodiscard]] std::string mechanism() const override { return "rlimits, of each process alone"; }
    [[nodiscard]] bool limits_the_whole() const override { return false; }
};

}  // namespace

std::unique_ptr<Resources> resource_limits_only() {
    return std::make_unique<ResourceLimitsOnly>();
}

}  // namespace ratchet
