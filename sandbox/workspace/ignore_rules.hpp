#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// The rules of the .gitignore files from the root down to one folder, as gitignore(5) has them. Only these:
/// no global excludes file, no info/exclude, nothing that depends on whose machine this is.
class IgnoreRules {
  public:
    /// Goes down into a folder ("" is the root, else "a/b/") whose .gitignore has this text; pair with
    /// leave().
    void enter(std::string_view folder, std::string_view text);
    void leave();
    /// True where the last rule that matches the path (relative to the root) says so. A path below an ignored
    /// folder is ignored too; that is the caller's to know.
    [[nodiscard]] bool ignores(std::string_view path, bool is_folder) const;

  private:
    struct Rule {
        std::string glob;
        bool negated = false;
        bool folders_only = false;
        bool anchored = false;  ///< matched against the path, else against the last component
    };
    struct Level {
        std::string folder;
        std::vector<Rule> rules;
    };
    static bool read_rule(std::string_view line, Rule& rule);
    std::vector<Level> levels_;
};

}  // namespace ratchet
