#pragma once

#include <filesystem>
#include <string>

#include "sandbox/workspace/repository.hpp"

namespace ratchet {

// What the ledger does not know is kept where nothing takes it for its own. Each says what was done.

/// The ref of a campaign that keeps this commit then.
std::string name_aside(const std::string& name, const CommitId& commit);
/// Whether a ref is one of those.
bool is_aside(const std::string& name);
std::string set_aside(Repository& repository, const std::string& campaign, const std::string& name,
                      const CommitId& commit);

/// Where the logs of an experiment go.
std::filesystem::path logs_aside(const std::filesystem::path& folder);
std::string set_logs_aside(const std::filesystem::path& folder);

}  // namespace ratchet
