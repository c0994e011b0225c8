#pragma once

#include <string>
#include <string_view>

namespace ratchet {

/// The line of a failed command's output that tells most: the first that speaks of an error or a failure,
/// else the last that is not blank; without what differs from run to run (see normalised). Empty where there
/// is no output.
std::string failure_line(std::string_view output);

/// A line of output without terminal colours, the directories of paths, addresses, numbers and times: numbers
/// that are not part of a word become N ("12:03:55.120", "2026-11-22" and "3.5" are one number each),
/// addresses 0xN. Runs of white space become one space. At most 200 bytes.
std::string normalised(std::string_view line);

}  // namespace ratchet
