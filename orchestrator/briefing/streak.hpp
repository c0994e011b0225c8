#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet {

/// How often in a row the newest finished experiments failed in the same way.
struct Streak {
    int length = 0;      ///< 0: the newest one did not fail
    std::string kind;    ///< "build-failed", "rejected/duplicate", …; "nothing" where nothing was proposed
    std::string reason;  ///< of the newest one
};

/// What a kind is: the verdict, with what was rejected; a proposer that failed and one that changed nothing
/// are of one kind. What was measured is no failure. At most `most` are looked at, none up to `after`.
Streak failure_streak(const Ledger& ledger, int most, std::optional<ExperimentId> after = std::nullopt);

/// From so many on the brief asks for something else than before,
inline constexpr int streak_that_changes_the_brief = 3;
/// and after so many it is time for a person.
inline constexpr int streak_that_pauses = 12;

/// How long to wait after so many failures of the proposer in a row: `first`, then twice as long each time,
/// up to a quarter of an hour, a quarter more or less by chance (`seed`), so that many campaigns do not come
/// back at once. At least what the proposer itself asked for.
Seconds backoff(int failures, Seconds first, std::uint64_t seed, std::optional<Seconds> retry_after);

/// What a failed proposer's output says of when to come back: "retry-after: 20", in seconds, as HTTP has it
/// (RFC 9110, 10.2.3) and tools print it.
std::optional<Seconds> retry_after_of(const std::string& output);

}  // namespace ratchet
