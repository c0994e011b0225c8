#pragma once

#include <filesystem>
#include <memory>

#include "orchestrator/status/status.hpp"

namespace ratchet {

/// Passes everything on to `shown` and keeps messages, warnings and verdicts in a rotating log file as well,
/// so that the morning can ask what the night said. A log that cannot be written stops nothing.
std::unique_ptr<Status> make_logged_status(std::unique_ptr<Status> shown, const std::filesystem::path& log);

}  // namespace ratchet
