#include "sandbox/workspace/ignore_rules.hpp"

#include <ranges>

#include "sandbox/workspace/glob.hpp"

namespace ratchet {
namespace {

/// No path is as long, so that a longer rule can only be there to take time.
constexpr std::size_t longest_rule = 4096;

/// Trailing spaces do not count unless a backslash keeps them.
std::string_view without_trailing_spaces(std::string_view line) {
    std::size_t end = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\\' && i + 1 < line.size()) {
            ++i;
            end = i + 1;
        } else if (line[i] != ' ') {
            end = i + 1;
        }
    }
    return line.substr(0, end);
}

}  // namespace

bool IgnoreRules::read_rule(std::string_view line, Rule& rule) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') return false;
    line = without_trailing_spaces(line);
    if (line.starts_with('!')) {
        rule.negated = true;
        line.remove_prefix(1);
    }
    if (line.ends_with('/')) {
        rule.folders_only = true;
        line.remove_suffix(1);
    }
    rule.anchored = line.find('/') != std::string_view::npos;
    if (line.starts_with('/')) line.remove_prefix(1);
    rule.glob = line;
    rule.has_star = line.find('*') != std::string_view::npos;
    // A bracket that is never closed is looked for to the end, at each turn.
    rule.fixed_steps = line.size() * (line.find('[') != std::string_view::npos ? line.size() : 1);
    return !line.empty() && line.size() <= longest_rule;
}

void IgnoreRules::enter(std::string_view folder, std::string_view text) {
    Level& level = levels_.emplace_back();
    level.folder = folder;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        Rule rule;
        if (read_rule(text.substr(0, end), rule)) level.rules.push_back(std::move(rule));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
}

void IgnoreRules::leave() {
    levels_.pop_back();
}

bool IgnoreRules::ignores(std::string_view path, bool is_folder) const {
    const std::size_t slash = path.rfind('/');
    const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    for (const Level& level : levels_ | std::views::reverse) {
        const std::string_view relative = path.substr(level.folder.size());
        for (const Rule& rule : level.rules | std::views::reverse) {
            if (rule.folders_only && !is_folder) continue;
            const std::string_view text = rule.anchored ? relative : name;
            steps_ += rule.fixed_steps * (rule.has_star ? text.size() + 1 : 1);
            if (is_exhausted()) return false;
            if (glob_matches(rule.glob, text, DoubleStar::within_component)) return !rule.negated;
        }
    }
    return false;
}

}  // namespace ratchet
