#pragma once

#include <vector>

#include "experiment_store/diff_tokens.hpp"

namespace ratchet {

/// What stands for every name that a diff declares.
inline constexpr std::string_view declared_name = "\x01";

/// The same changes, with `declared_name` for each name that the added lines declare and use, and that stands
/// neither in a removed line nor beside the change: such a name is the proposer's own, and could be another one.
/// What a declaration is, is guessed from the tokens around a name, for all languages alike; in doubt a name
/// stays.
std::vector<FileChange> without_declared_names(const std::vector<FileChange>& files);

}  // namespace ratchet
