#pragma once

#include <filesystem>

namespace ratchet {

/// Throws NoRoom, with what is left, where the file system of this folder has less room than a campaign needs
/// to go on.
void require_room(const std::filesystem::path& folder);

}  // namespace ratchet
