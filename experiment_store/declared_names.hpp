#pragma once

#include <vector>

#include "experiment_store/diff_tokens.hpp"

namespace ratchet {

/// Marks each name that the added lines declare and use, and that stands neither in a removed line nor beside
/// the change: such a name is the proposer's own, and could be another one. What a declaration is, is guessed
/// from the tokens around a name, for all languages alike; in doubt a name is not marked.
void mark_declared_names(std::vector<FileChange>& files);

}  // namespace ratchet
