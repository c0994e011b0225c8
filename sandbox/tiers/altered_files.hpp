#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ratchet {

/// The first of these files (relative to both folders) that is not the same in the copy as in the original:
/// kind, permissions or contents. Empty: none. Follows no symlink at its end.
std::string first_difference(const std::filesystem::path& original, const std::filesystem::path& copy,
                             const std::vector<std::string>& files);

}  // namespace ratchet
