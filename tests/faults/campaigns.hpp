#pragma once

#include <map>
#include <string>

#include "tests/faults/fault_campaign.hpp"

namespace ratchet::test {

/// Campaigns that together pass every durable step there is, by name.
const std::map<std::string, FaultSettings>& campaigns();

}  // namespace ratchet::test
