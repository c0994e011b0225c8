#pragma once

#include <string_view>

namespace ratchet {

/// What `**` means where it is not a whole component.
enum class DoubleStar {
    within_component,   ///< as one `*`: git's rule for .gitignore
    across_components,  ///< any bytes: what people expect of a scope
};

/// True where the whole text matches the glob: `*` and `?` stay within one component, a `**` component stands
/// for any number of components (also none), `[a-z]`, `[!a-z]` are sets, a backslash takes the next byte
/// literally. Bytes, not characters. Takes at most about glob² × text steps: the glob may come from hostile
/// input.
bool glob_matches(std::string_view glob, std::string_view text, DoubleStar double_star);

}  // namespace ratchet
