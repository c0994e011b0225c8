#pragma once

#include <string_view>

namespace ratchet {

/// "0.1.0 (commit 0123456789)".
std::string_view version_line();

}  // namespace ratchet
