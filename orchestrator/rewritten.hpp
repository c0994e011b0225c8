#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ratchet {

/// The contents of a file in one version of the code; nothing where it is not there.
using FileContents = std::function<std::optional<std::string>(std::string_view path)>;

/// Whether the code that a patch was about has become another since: fewer than half of the lines that it
/// changed or that stood around them, within the same function, are still in the file. `then` is what the
/// patch was made for. Returns the first such file; empty where none is.
std::string rewritten_file(std::string_view patch, const FileContents& then, const FileContents& now);

/// Whether every file that the patch touches is the same in both versions.
bool untouched_since(std::string_view patch, const FileContents& then, const FileContents& now);

}  // namespace ratchet
