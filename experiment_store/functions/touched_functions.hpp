#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

struct TouchedFunction {
    std::string path;      ///< as git has it, relative to the repository's root
    std::string function;  ///< qualified: "Matrix::multiply"; of a class, outside of its functions: "Matrix"
    auto operator<=>(const TouchedFunction&) const = default;
};

/// The functions that the changed lines of a git patch lie in, each once, in the order of the patch; at most
/// `most_functions_touched`: a change of more is a change of whole files.
std::vector<TouchedFunction> touched_functions(std::string_view diff);

inline constexpr std::size_t most_functions_touched = 32;

/// Stands before the functions in a hunk's header: "@@ -3,7 +3,8 @@ in Matrix::multiply, Matrix::add".
inline constexpr std::string_view functions_mark = " in ";
inline constexpr std::string_view functions_separator = ", ";
/// Ends a list that did not fit.
inline constexpr std::string_view more_functions = "…";

}  // namespace ratchet
