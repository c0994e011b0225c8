#pragma once

#include <string>
#include <string_view>

namespace ratchet {

/// The same patch in a form that libgit2 reads. Its parser stumbles (1.5, and later ones in part) over two
/// things that git itself prints: names with spaces that are not in quotes, and a file's part that ends with
/// its "index" line (an empty file comes or goes).
std::string readable_patch(std::string_view patch);

}  // namespace ratchet
