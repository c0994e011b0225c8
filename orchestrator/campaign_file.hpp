#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "experiment_store/campaign.hpp"

namespace ratchet {

/// Whether this can name a campaign: a part of a git reference, and a folder on every file system.
bool is_campaign_name(const std::string& name);

/// Reads a campaign from the text of a ratchet.toml. Every key is typed and checked. Throws UserError with
/// the file, line, key, what was expected and, for an unknown key, the nearest known one. `file` is for
/// messages only.
Campaign read_campaign(std::string_view text, const std::filesystem::path& file);

/// What begins a new epoch when it changes: a canonical text of build, gates, benchmark, constraints,
/// holdout, protected globs and min_effect. Hashed together with the protected files' contents.
std::string harness_text(const Campaign& campaign);

}  // namespace ratchet
