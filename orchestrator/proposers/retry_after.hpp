#pragma once

#include <optional>
#include <string>

#include "experiment_store/experiment.hpp"

namespace ratchet {

/// What a failed proposer's output says of when to come back: "retry-after: 20", in seconds, as HTTP has it
/// (RFC 9110, 10.2.3) and tools print it.
std::optional<Seconds> retry_after_of(const std::string& output);

}  // namespace ratchet
