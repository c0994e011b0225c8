#pragma once

// What the text before a brace opens, in the languages that have braces.

#include <string>
#include <string_view>
#include <vector>

#include "experiment_store/functions/source_language.hpp"

namespace ratchet {

enum class HeadKind {
    block,        ///< nothing with a name
    part,         ///< braces within a statement, which goes on behind them: an initialiser, a type
    transparent,  ///< a namespace: what is in it is named as if it were not there
    type,         ///< a class and its like
    object,       ///< an object literal of JavaScript
    function,
};

struct BracedHead {
    HeadKind kind = HeadKind::block;
    std::string name;
};

/// The words and signs of a head: "Matrix", "::", "multiply", "(", "int", …
using Tokens = std::vector<std::string_view>;

/// `around` is the kind of the innermost scope that is not a block; transparent where there is none.
BracedHead read_head(Language language, std::string_view head, HeadKind around);

Tokens tokens_of(std::string_view head);
bool is_identifier(std::string_view token);
bool is_one_of(std::string_view token, const Tokens& tokens);
/// The place behind the bracket that closes the one at `open`; the end where none does.
std::size_t behind_bracket(const Tokens& tokens, std::size_t open);
/// The first place of this token outside of brackets, or the end.
std::size_t find_outside(const Tokens& tokens, std::string_view token, std::size_t from = 0);

// One language each; used by read_head.

BracedHead read_c_head(const Tokens& tokens, HeadKind around);
BracedHead read_java_head(const Tokens& tokens, HeadKind around);
BracedHead read_rust_head(const Tokens& tokens);
BracedHead read_go_head(const Tokens& tokens, HeadKind around);
BracedHead read_javascript_head(const Tokens& tokens, HeadKind around);

}  // namespace ratchet
