#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiment_store/campaign.hpp"

namespace ratchet {

/// Why this text is no usable knob pattern, in a few words, or nothing where it is one: an ECMAScript regular
/// expression with exactly one group. It is matched within lines: `^` and `$` are the ends of a line.
std::optional<std::string> pattern_problem(const std::string& pattern);

/// Where a knob stands in the text of its file.
struct KnobPlace {
    std::size_t offset = 0;  ///< of the group
    std::size_t length = 0;
};

/// Finds the one match of the knob's pattern in the lines of the text; lines of more than 4,000 bytes are no
/// source text and not looked at. Throws UserError where it matches nowhere or several times.
KnobPlace find_knob(const Knob& knob, const std::string& text);

/// A setting of one knob.
struct KnobSetting {
    const Knob* knob = nullptr;
    std::string value;
};

/// What stands in the tree's files for each of these knobs, in their order. Never follows a symlink in the
/// last component. Throws UserError where a file cannot be read, is no regular file, or a pattern does not
/// match once.
std::vector<std::string> read_knobs(const std::filesystem::path& tree, const std::vector<Knob>& knobs);

/// Replaces the text of each knob's group; the files keep all else: their other bytes, their permissions.
/// Throws as read_knobs does.
void write_knobs(const std::filesystem::path& tree, const std::vector<KnobSetting>& settings);

}  // namespace ratchet
