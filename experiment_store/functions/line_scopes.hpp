#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "experiment_store/functions/source_language.hpp"

namespace ratchet {

/// What a text is inside of already, where it is a piece of a file.
struct Enclosing {
    std::string name;  ///< of a function or class; empty: of none
    bool is_class = false;
};

/// Which function each line of a source lies in.
class LineScopes {
  public:
    /// Reads a whole file, or a piece of one. Never fails: what it does not understand lies in no function.
    LineScopes(Language language, std::string_view source, const Enclosing& enclosing = {});

    /// The qualified name of the innermost function or class around this line, counted from 1, from the first
    /// line of its head (with decorators, attributes, template parameters) to its last brace; empty for none.
    [[nodiscard]] std::string_view at(std::size_t line) const;

  private:
    std::vector<std::string> names_;
    std::vector<std::size_t> name_of_line_;  ///< one more than its place among the names; 0: none
};

/// A function or class and the lines that it takes, from 0. Those that begin later lie inside, or behind.
struct ScopeLines {
    std::string name;
    std::size_t first = 0;
    std::size_t last = 0;
};

// How one kind of language is read; `code` is what code_only makes.

std::vector<ScopeLines> scopes_by_indentation(Language language, std::string_view code,
                                              const Enclosing& enclosing);
std::vector<ScopeLines> scopes_by_braces(Language language, std::string_view code,
                                         const Enclosing& enclosing);

/// Longer names are cut off: they have to fit into the header of a hunk, which libgit2 reads up to 127 bytes.
inline constexpr std::size_t longest_function_name = 64;

/// Names inside of more than so many others are not looked for.
inline constexpr std::size_t deepest_scope = 16;

/// "Matrix::multiply" of "Matrix" and "multiply".
std::string qualified(std::string_view outer, std::string_view separator, std::string_view name);

}  // namespace ratchet
