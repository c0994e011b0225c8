#pragma once

#include <filesystem>

#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/detection.hpp"
#include "sandbox/workspace/repository.hpp"

namespace ratchet {

/// Lets an agent draft the campaign file, and tries each draft as a campaign would begin: build, gates, the
/// benchmark against itself, the sabotage. Writes the first one that is sound to `file`, where nothing is
/// yet. Returns the exit status. Throws UserError where no sound draft comes; then nothing is written.
int init_with(const CommandLine& line, const Repository& repository, const Detection& detection,
              const std::filesystem::path& file, DraftingAgent agent);

}  // namespace ratchet
