#include "experiment_store/functions/touched_functions.hpp"

#include <algorithm>
#include <cctype>

#include "experiment_store/functions/hunk_header.hpp"
#include "experiment_store/functions/line_scopes.hpp"
#include "experiment_store/patch_lines.hpp"

namespace ratchet {

namespace {

/// Larger files are made by programs.
constexpr std::size_t largest_source = std::size_t{4} << 20;

void add_once(std::vector<std::string>& names, std::string_view name) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

/// One side of a hunk, as a piece of a file.
struct Side {
    std::string text;
    std::size_t lines = 0;
    std::vector<std::size_t> changed;

    void add(std::string_view line, bool is_changed) {
        text.append(line).append(1, '\n');
        ++lines;
        const bool blank = line.find_first_not_of(" \t\r") == std::string_view::npos;
        if (is_changed && !blank) changed.push_back(lines);
    }
};

/// The function or class that a line of the source begins, where it does.
Enclosing enclosing_of(Language language, std::string_view line) {
    if (line.empty()) return {};
    std::string head(line);
    const bool has_braces = language != Language::python && language != Language::ruby;
    if (has_braces && head.find('{') == std::string::npos) head += " {";
    const std::string name(LineScopes(language, head).at(1));
    const auto says = [&](std::string_view word) {
        return (" " + head).find(" " + std::string(word)) != std::string::npos;
    };
    return {name, says("class ") || says("struct ") || says("impl ") || says("impl<") || says("module ") ||
                      says("interface ") || says("trait ")};
}

/// Adds to the names until there are so many.
void find_in_side(Language language, const Side& side, const Enclosing& enclosing, std::size_t most,
                  std::vector<std::string>& names) {
    if (side.changed.empty()) return;
    const LineScopes scopes(language, side.text, enclosing);
    for (std::size_t i = 0; i < side.changed.size() && names.size() < most; ++i)
        add_once(names, scopes.at(side.changed[i]));
}

/// Reads a patch hunk by hunk.
class FunctionsOfPatch {
  public:
    std::vector<TouchedFunction> read(std::string_view diff) {
        PatchLines lines(diff);
        while (lines.next()) {
            switch (lines.kind()) {
                case PatchLine::file:
                    end_hunk();
                    path_ = lines.path();
                    language_ = language_of(path_);
                    break;
                case PatchLine::hunk:
                    end_hunk();
                    header_ = lines.text();
                    break;
                case PatchLine::context:
                    before_.add(lines.text(), false);
                    after_.add(lines.text(), false);
                    break;
                case PatchLine::removed:
                    before_.add(lines.text(), true);
                    break;
                case PatchLine::added:
                    after_.add(lines.text(), true);
                    break;
                case PatchLine::other:
                    break;
            }
        }
        end_hunk();
        return std::move(found_);
    }

  private:
    void end_hunk() {
        if (language_ != Language::none && !header_.empty()) {
            const HunkNames told = read_hunk_names(header_);
            std::vector<std::string> names = told.names;
            if (!told.are_ours || !told.all) {
                const Enclosing enclosing = told.are_ours
                                                ? Enclosing{names.empty() ? "" : names.front(), false}
                                                : enclosing_of(language_, told.text);
                const std::size_t most = names.size() + most_functions_touched;
                find_in_side(language_, before_, enclosing, most, names);
                find_in_side(language_, after_, enclosing, most, names);
            }
            for (const std::string& name : names)
                add(name);
        }
        header_ = {};
        before_ = {};
        after_ = {};
    }

    void add(const std::string& name) {
        TouchedFunction function{path_, qualified({}, {}, name)};  // a diff may say anything
        if (found_.size() < most_functions_touched &&
            std::find(found_.begin(), found_.end(), function) == found_.end()) {
            found_.push_back(std::move(function));
        }
    }

    std::string path_;
    Language language_ = Language::none;
    std::string_view header_;
    Side before_;
    Side after_;
    std::vector<TouchedFunction> found_;
};

/// The lines of a text, without their ends.
std::vector<std::string_view> lines_in(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        lines.push_back(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(lines.back().size() + 1, text.size()));
    }
    return lines;
}

/// A file as it was or as it is now.
class SourceFile {
  public:
    SourceFile(Language language, std::string_view text) : scopes_(language, text), lines_(lines_in(text)) {}

    void add_names(const std::vector<std::size_t>& changed, std::vector<std::string>& names) const {
        for (const std::size_t line : changed) {
            if (names.size() > most_functions_touched) return;  // a header has no room for half of them
            const bool is_there = line > 0 && line <= lines_.size();
            if (is_there && lines_[line - 1].find_first_not_of(" \t\r") != std::string_view::npos)
                add_once(names, scopes_.at(line));
        }
    }

  private:
    LineScopes scopes_;
    std::vector<std::string_view> lines_;
};

}  // namespace

std::optional<std::vector<std::string>> names_of_hunks(std::string_view path, std::string_view before,
                                                       std::string_view after,
                                                       const std::vector<ChangedLines>& hunks) {
    const Language language = language_of(path);
    if (language == Language::none || before.size() > largest_source || after.size() > largest_source)
        return std::nullopt;
    const SourceFile old_file(language, before);
    const SourceFile new_file(language, after);
    std::vector<std::string> texts;
    for (const ChangedLines& hunk : hunks) {
        std::vector<std::string> names;
        old_file.add_names(hunk.removed, names);
        new_file.add_names(hunk.added, names);
        texts.push_back(written_hunk_names(names));
    }
    return texts;
}

std::vector<TouchedFunction> touched_functions(std::string_view diff) {
    return FunctionsOfPatch().read(diff);
}

}  // namespace ratchet
