#pragma once

#include <filesystem>
#include <string>

namespace ratchet {

/// Makes the file; never replaces one, nor follows a symlink that stands in its place. Throws UserError.
void write_new_file(const std::filesystem::path& file, const std::string& text);

/// Throws the UserError that `write_new_file` would, as far as it can be told before there is a text: for who
/// has to pay for it first.
void require_new_file(const std::filesystem::path& file);

}  // namespace ratchet
