#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiment_store/changed_lines.hpp"

// Which functions a change touches. Where a diff is captured both files are there, and each hunk's header
// gets the names: "@@ -3,7 +3,8 @@ in Matrix::multiply, Matrix::add" (a patch is applied, and its id made,
// without looking at them). From there they are read for the ledger's derived tables. A header without the
// mark was written by git or libgit2, which show the last line that looks like a head: from it and the hunk's
// own lines the functions are found too, a little less surely.

namespace ratchet {

struct TouchedFunction {
    std::string path;      ///< as git has it, relative to the repository's root
    std::string function;  ///< qualified: "Matrix::multiply"; of a class, outside of its functions: "Matrix"
    auto operator<=>(const TouchedFunction&) const = default;
};

/// What the header of each hunk says of a file's change; nothing where the language is not known, and where
/// the file is too large.
std::optional<std::vector<std::string>> names_of_hunks(std::string_view path, std::string_view before,
                                                       std::string_view after,
                                                       const std::vector<ChangedLines>& hunks);

/// The functions that the changed lines of a git patch lie in, each once, in the order of the patch; at most
/// `most_functions_touched`: a change of more is a change of whole files.
std::vector<TouchedFunction> touched_functions(std::string_view diff);

inline constexpr std::size_t most_functions_touched = 32;

}  // namespace ratchet
