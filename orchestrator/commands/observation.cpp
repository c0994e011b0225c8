#include "orchestrator/commands/observation.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sandbox/safe_text.hpp"

namespace ratchet {

std::string observation_line(const Observation& finding) {
    return fmt::format("{:4} {:14} {}\n", finding.well ? (finding.less ? "less" : "ok") : "NO",
                       finding.subject, one_line(finding.text));
}

nlohmann::ordered_json json_of(const std::vector<Observation>& findings) {
    auto list = nlohmann::ordered_json::array();
    for (const Observation& finding : findings) {
        list.push_back({{"subject", finding.subject},
                        {"well", finding.well},
                        {"less", finding.less},
                        {"text", finding.text}});
    }
    return list;
}

}  // namespace ratchet
