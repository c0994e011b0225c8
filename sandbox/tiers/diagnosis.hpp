#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// What the sandbox hides, as a diagnosis asks for it.
struct HiddenThings {
    std::function<bool(const std::string& path)> exists_outside;  ///< on the host
    std::vector<std::string> visible;  ///< absolute paths that are shown; what lies below them is too
    bool network = false;
};

/// How much of the end of standard error is worth looking through.
inline constexpr std::size_t diagnosis_bytes = 16 << 10;

/// Why a command may have failed because of the sandbox: looks through the end of its standard error for a
/// path that exists on the host and is hidden inside, and for a host that could not be reached without a
/// network. One sentence that names it and the key to set; empty where nothing points to the sandbox.
std::string diagnose(std::string_view errors, const HiddenThings& things);

}  // namespace ratchet
