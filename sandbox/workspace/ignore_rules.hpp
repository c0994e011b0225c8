#pragma once

#include <cstdint>
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
    /// True once matching has taken more steps than any real set of rules needs; ignores() then says false.
    [[nodiscard]] bool is_exhausted() const { return steps_ > most_steps; }
    /// True where the last rule that matches the path (relative to the root) says so. A path below an ignored
    /// folder is ignored too; that is the caller's to know.
    [[nodiscard]] bool ignores(std::string_view path, bool is_folder) const;

  private:
    struct Rule {
        std::string glob;
        bool negated = false;
        bool folders_only = false;
        bool anchored = false;          ///< matched against the path, else against the last component
        std::uint64_t fixed_steps = 1;  ///< at most, of a match
        bool has_star = false;          ///< and so many times more often as the text is long
    };
    struct Level {
        std::string folder;
        std::vector<Rule> rules;
    };
    static bool read_rule(std::string_view line, Rule& rule);
    /// About half a minute of matching. Rules may be written to take long.
    static constexpr std::uint64_t most_steps = 10'000'000'000;
    std::vector<Level> levels_;
    mutable std::uint64_t steps_ = 0;  ///< at most, by the lengths of what was matched
};

}  // namespace ratchet
