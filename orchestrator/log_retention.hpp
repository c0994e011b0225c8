#pragma once

#include <cstdint>
#include <filesystem>

#include "experiment_store/campaign.hpp"

namespace ratchet {

/// Removes what `retention` does not keep of the logs in this folder, an experiment's all together; returns
/// the bytes. No fact is in them.
std::int64_t remove_old_logs(const std::filesystem::path& logs, const LogRetention& retention);

}  // namespace ratchet
