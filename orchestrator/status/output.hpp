#pragma once

#include <ostream>
#include <string_view>

namespace ratchet {

/// Writes and flushes. A reader that went away (a closed pipe, a lost terminal) is no reason to stop a
/// campaign: never throws.
void put(std::ostream& out, std::string_view text) noexcept;

}  // namespace ratchet
