#pragma once

#include <cstddef>
#include <string>

#include "orchestrator/briefing/digest.hpp"

namespace ratchet {

/// Part 1 of the prompt: what to improve, what may change, what is protected, how it is judged, how small a
/// gain can be seen here. At most `room` bytes; the goal is shortened first, the rules after it.
std::string write_goal_and_rules(const Campaign& campaign, const DigestFacts& facts, const Brief& brief,
                                 std::size_t room);

/// Part 8: the kind of move, its focus, why, the changes that it is about (as much of them as fits), and the
/// form in which notes are to be left.
std::string write_brief(const Campaign& campaign, const DigestFacts& facts, const Brief& brief,
                        std::size_t room);

}  // namespace ratchet
