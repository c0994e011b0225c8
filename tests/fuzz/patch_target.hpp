#pragma once

#include <string>

namespace ratchet::fuzz {

/// Reads the text as a patch and applies the hunks of each of its files to a fixed text. Returns what is
/// wrong with the outcome, else an empty string.
std::string problem_with_patch(const std::string& text);

}  // namespace ratchet::fuzz
