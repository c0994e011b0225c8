#include "sandbox/workspace/scope.hpp"

#include <algorithm>

#include "sandbox/workspace/directory.hpp"
#include "sandbox/workspace/glob.hpp"

namespace ratchet {
namespace {

/// "./src/" and "/src/" are "src/".
std::string_view without_leading_dot(std::string_view glob) {
    while (glob.starts_with("./"))
        glob.remove_prefix(2);
    while (glob.starts_with('/'))
        glob.remove_prefix(1);
    return glob == "." ? std::string_view{} : glob;
}

bool any_matches(const std::vector<std::string>& globs, std::string_view path) {
    return std::any_of(globs.begin(), globs.end(),
                       [&](const std::string& glob) { return matches(glob, path); });
}

}  // namespace

bool matches(std::string_view glob, std::string_view path) {
    const bool was_given = !glob.empty();
    glob = without_leading_dot(glob);
    if (glob.empty()) return was_given;  // ".", "./": the whole folder
    if (glob.ends_with('/')) {
        return glob_matches(std::string(glob) + "**", path, DoubleStar::across_components);
    }
    if (glob.find_first_of("*?[\\") == std::string_view::npos) return path == glob || is_below(glob, path);
    return glob_matches(glob, path, DoubleStar::across_components);
}

Admission admit(const Scope& scope, std::string_view path) {
    if (const std::string_view folder = without_leading_dot(scope.folder); !folder.empty()) {
        const std::string_view bare = folder.ends_with('/') ? folder.substr(0, folder.size() - 1) : folder;
        if (!is_below(bare, path)) return Admission::out_of_scope;
        path.remove_prefix(bare.size() + 1);
    }
    if (any_matches(scope.protected_paths, path)) return Admission::protected_path;
    return any_matches(scope.allowed, path) ? Admission::in_scope : Admission::out_of_scope;
}

}  // namespace ratchet
