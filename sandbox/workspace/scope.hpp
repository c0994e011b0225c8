#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// True where the path matches the glob: `*` and `?` within one component, `**` across components, `[a-z]`
/// sets, a trailing `/` or a plain folder name means everything below it. Bytes, not characters; case
/// matters.
bool matches(std::string_view glob, std::string_view path);

/// Which paths a proposal may change.
struct Scope {
    std::vector<std::string> allowed;
    std::vector<std::string> protected_paths;
    std::string
        folder;  ///< that the globs are relative to, relative to the repository's root; "" is the root
};

enum class Admission { in_scope, out_of_scope, protected_path };

/// `path` is relative to the repository's root. Protected wins over allowed; outside of `folder` is out of
/// scope.
Admission admit(const Scope& scope, std::string_view path);

}  // namespace ratchet
