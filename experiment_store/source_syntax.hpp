#pragma once

#include <string_view>

namespace ratchet {

/// What has to be known of a language to tell its tokens from white space and comments.
struct SourceSyntax {
    bool slash_comments = false;     ///< // and /* */
    bool hash_comments = false;      ///< #
    bool line_is_statement = false;  ///< else a statement ends with `;`, `{` or `}`
    bool indented = false;           ///< indentation is syntax
    bool quotes = false;             ///< "…" and '…' are literals
    bool either_quote = false;       ///< 'a' and "a" are the same
    bool docstrings = false;         ///< a statement that begins with """ is a comment
};

/// The syntax of a file, by its name. Of an unknown one nothing is assumed: every character counts.
SourceSyntax syntax_of(std::string_view path);

}  // namespace ratchet
