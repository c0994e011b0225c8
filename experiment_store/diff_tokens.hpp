#pragma once

// A git patch as the tokens that it removes and adds: what is left of it without white space, comments and
// places.

#include <cstdint>
#include <string_view>
#include <vector>

namespace ratchet {

struct DiffToken {
    enum class Kind {
        word,         ///< an identifier or a keyword
        literal,      ///< a number or a quoted text: what an edit is about, more often than not
        punctuation,  ///< an operator or a bracket
        indentation,  ///< the white space before a statement, in files where it is syntax
    };
    std::string_view text;  ///< of the patch
    Kind kind = Kind::word;
    bool declared = false;  ///< a name that the diff itself declares: see declared_names.hpp
};

/// The changed tokens of one statement (up to `;`, `{`, `}` or the end of the line, as the language has it).
using DiffStatement = std::vector<DiffToken>;

/// The lines of a hunk in the file as it was.
struct HunkPlace {
    std::int64_t first_line = 0;  ///< from 1
    std::int64_t lines = 0;
};

/// What a patch changes in one file.
struct FileChange {
    std::string_view path;  ///< as the patch has it after "+++ ", or "--- " where the file is removed
    std::vector<DiffStatement> removed;
    std::vector<DiffStatement> added;
    /// Lines beside the change, and the function that git names for it, without white space at their ends.
    std::vector<std::string_view> context;
    std::vector<HunkPlace> places;
};

/// The changes of a git patch, file by file; files without a changed line (renamed, binary) are left out. The
/// language is told by the file's name. Comments of C-like languages, of Python and of scripts are left out;
/// of other files everything is taken for a token. Indentation is a token where it is syntax (Python, YAML,
/// make and whatever is not known), and nowhere else. The views are of `patch`. Any bytes will do.
std::vector<FileChange> read_changes(std::string_view patch);

}  // namespace ratchet
