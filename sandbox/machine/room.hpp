#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace ratchet {

/// Bytes that the file system of this folder still has for us; where the folder is not there yet, that of the
/// next one above it. Nothing: it cannot be told.
std::optional<std::uintmax_t> free_bytes(const std::filesystem::path& folder);

/// Throws NoRoom, with what is left, where the file system of this folder has less room than a campaign needs
/// to go on.
void require_room(const std::filesystem::path& folder);

/// Whether so much room can be had in truth: a file of that size is made, without a name and without content,
/// and given back at once. So it knows of quotas and of file systems that have no more files to give.
bool has_room(const std::filesystem::path& folder);

}  // namespace ratchet
