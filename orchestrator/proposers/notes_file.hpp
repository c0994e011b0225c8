#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "experiment_store/experiment.hpp"

namespace ratchet {

/// What an agent may leave in its working folder; never part of the diff.
inline constexpr const char* notes_file_name = ".ratchet-notes.json";

/// Reads notes from hostile text: unknown keys, wrong types and what is no JSON are ignored, long texts are
/// cut.
Notes read_notes(std::string_view text);

/// Takes the notes file out of this folder of the tree (relative; empty is the tree itself): reads and
/// removes it. Follows no symlink. Nothing where there is none, it is no regular file, or it is larger than
/// 256 KiB.
std::optional<Notes> take_notes(const std::filesystem::path& tree, const std::filesystem::path& folder);

}  // namespace ratchet
