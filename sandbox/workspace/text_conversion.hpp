#pragma once

#include <string>
#include <string_view>

namespace ratchet {

/// How git converts a file's line ends between the repository and the worktree (gitattributes(5),
/// "End-of-line conversion").
struct TextConversion {
    enum class Kind { none, text, automatic };
    Kind kind = Kind::none;
    bool worktree_has_crlf = false;
};

/// What a checkout writes for these bytes of the repository.
std::string to_worktree(const TextConversion& conversion, std::string bytes);
/// What goes into the repository for these bytes of the worktree. `before` is the file's content in the
/// parent commit (empty: none): a file that already has CRLF there keeps it where the conversion is
/// automatic.
std::string to_repository(const TextConversion& conversion, std::string bytes, std::string_view before);

}  // namespace ratchet
