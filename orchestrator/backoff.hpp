#pragma once

#include <cstdint>
#include <optional>

#include "experiment_store/experiment.hpp"

namespace ratchet {

/// How long to wait after so many failures of the proposer in a row: `first`, then twice as long each time,
/// up to a quarter of an hour, a quarter more or less by chance (`seed`), so that many campaigns do not come
/// back at once. At least what the proposer itself asked for.
Seconds backoff(int failures, Seconds first, std::uint64_t seed, std::optional<Seconds> retry_after);

}  // namespace ratchet
