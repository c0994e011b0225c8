#pragma once

#include <optional>
#include <string>

#include "experiment_store/experiment.hpp"

namespace ratchet {

/// What a failed proposer's output says of when to come back: "retry-after: 20", in seconds, or a date,
/// "retry-after: Wed, 21 Oct 2026 07:28:00 GMT", as HTTP has it (RFC 9110, 10.2.3) and tools print it. A date
/// that has passed is 0 seconds away.
std::optional<Seconds> retry_after_of(const std::string& output, Timestamp now);

}  // namespace ratchet
