#include "experiment_store/functions/source_language.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "experiment_store/characters.hpp"

namespace ratchet {

namespace {

struct Ending {
    std::string_view ending;
    Language language;
};

constexpr std::array<Ending, 30> endings = {{
    {".c", Language::c},
    {".h", Language::c},
    {".cc", Language::c},
    {".cpp", Language::c},
    {".cxx", Language::c},
    {".hh", Language::c},
    {".hpp", Language::c},
    {".hxx", Language::c},
    {".ipp", Language::c},
    {".inl", Language::c},
    {".cu", Language::c},
    {".cuh", Language::c},
    {".C", Language::c},
    {".py", Language::python},
    {".pyi", Language::python},
    {".pyx", Language::python},
    {".rs", Language::rust},
    {".go", Language::go},
    {".js", Language::javascript},
    {".jsx", Language::javascript},
    {".mjs", Language::javascript},
    {".cjs", Language::javascript},
    {".ts", Language::javascript},
    {".tsx", Language::javascript},
    {".mts", Language::javascript},
    {".cts", Language::javascript},
    {".rb", Language::ruby},
    {".rake", Language::ruby},
    {".ru", Language::ruby},
    {".java", Language::java},
}};

bool continues_word(char c) {
    return is_name_character(c) || c == '$';
}

/// Walks through a source and blanks what is no code.
class Blanking {
  public:
    Blanking(Language language, std::string_view source)
        : language_(language), source_(source), code_(source) {}

    std::string run() {
        while (at_ < source_.size()) {
            if (source_[at_] == '\n') {
                ++at_;
            } else if (!skip_line_of_its_own() && !skip_comment() && !skip_literal()) {
                if (!is_blank(source_[at_])) last_ = source_[at_];
                ++at_;
            }
        }
        return std::move(code_);
    }

  private:
    static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
    [[nodiscard]] bool is(Language language) const { return language_ == language; }
    [[nodiscard]] bool has_hash_comments() const { return is(Language::python) || is(Language::ruby); }
    [[nodiscard]] bool here(std::string_view text) const { return source_.substr(at_, text.size()) == text; }
    [[nodiscard]] char before() const { return at_ == 0 ? '\n' : source_[at_ - 1]; }

    void blank_until(std::size_t end) {
        for (; at_ < std::min(end, source_.size()); ++at_) {
            if (source_[at_] != '\n') code_[at_] = ' ';
        }
    }
    /// A text of several lines in a language where indentation counts: a mark at the beginning of each
    /// further line says that the statement goes on.
    void blank_text(std::size_t end) {
        end = std::min(end, source_.size());
        for (std::size_t line = source_.find('\n', at_); line < end && line + 1 < end;
             line = source_.find('\n', line + 1)) {
            if (source_[line + 1] != '\n') code_[line + 1] = text_goes_on;
        }
        for (; at_ < end; ++at_) {
            if (source_[at_] != '\n' && code_[at_] != text_goes_on) code_[at_] = ' ';
        }
    }
    [[nodiscard]] std::size_t end_of_line(std::size_t from) const {
        return std::min(source_.find('\n', from), source_.size());
    }
    [[nodiscard]] std::size_t after(std::string_view end, std::size_t from) const {
        const std::size_t found = source_.find(end, from);
        return found == std::string_view::npos ? source_.size() : found + end.size();
    }

    /// What begins with a mark at the beginning of a line.
    bool skip_line_of_its_own() {
        if (is(Language::c) && source_[at_] == '#' && begins_line()) {
            skip_directive();
            return true;
        }
        if (is(Language::ruby) && here("=begin") && before() == '\n') {
            blank_until(after("\n=end", at_));
            return true;
        }
        return false;
    }

    [[nodiscard]] bool begins_line() const {
        const std::size_t start = at_ == 0 ? std::string_view::npos : source_.rfind('\n', at_ - 1);
        const std::string_view lead =
            source_.substr(start + 1, at_ - start - 1);  // npos + 1 is the beginning
        return std::all_of(lead.begin(), lead.end(), is_blank);
    }

    [[nodiscard]] std::size_t end_of_directive(std::size_t from) const {
        std::size_t end = end_of_line(from);
        while (end < source_.size() && end > 0 && source_[end - 1] == '\\')
            end = end_of_line(end + 1);
        return end;
    }

    /// The name of the directive that stands here, and whether it is "if 0".
    [[nodiscard]] std::string directive(std::size_t at) const {
        std::string name;
        for (++at; at < source_.size() && is_blank(source_[at]);)
            ++at;
        while (at < source_.size() && continues_word(source_[at]))
            name += source_[at++];
        while (at < source_.size() && is_blank(source_[at]))
            ++at;
        if (name == "if" && at < source_.size() && source_[at] == '0') name = "if 0";
        return name;
    }

    /// Of an #if only the first branch is looked at (of #if 0, the rest): two branches often open the same
    /// brace.
    void skip_directive() {
        const std::string name = directive(at_);
        blank_until(end_of_directive(at_));
        if (name == "if 0") blank_branches(true);
        if (name == "else" || name == "elif" || name == "elifdef" || name == "elifndef")
            blank_branches(false);
    }

    /// Up to the #endif of this #if, or the #else.
    void blank_branches(bool up_to_else) {
        int depth = 0;
        while (at_ < source_.size()) {
            if (source_[at_] == '\n') ++at_;
            const std::size_t mark = source_.find_first_not_of(" \t", at_);
            const bool is_directive = mark < source_.size() && source_[mark] == '#';
            const std::string name = is_directive ? directive(mark) : std::string();
            const bool ends = depth == 0 && (name == "endif" || (up_to_else && name.starts_with("el")));
            if (name.starts_with("if")) ++depth;
            if (name == "endif") --depth;
            blank_until(is_directive ? end_of_directive(mark) : end_of_line(at_));
            if (ends) return;
        }
    }

    bool skip_comment() {
        if (has_hash_comments()) {
            if (source_[at_] != '#') return false;
            blank_until(end_of_line(at_));
            return true;
        }
        if (here("//")) {
            blank_until(end_of_line(at_));
            return true;
        }
        if (!here("/*")) return false;
        blank_until(is(Language::rust) ? end_of_nested_comment() : after("*/", at_ + 2));
        return true;
    }

    [[nodiscard]] std::size_t end_of_nested_comment() const {
        int depth = 0;
        for (std::size_t at = at_; at < source_.size(); ++at) {
            if (source_.substr(at, 2) == "/*") {
                ++depth;
                ++at;
            } else if (source_.substr(at, 2) == "*/") {
                ++at;
                if (--depth == 0) return at + 1;
            }
        }
        return source_.size();
    }

    bool skip_literal() {
        const char c = source_[at_];
        if (c == '"' || c == '\'') return skip_quoted(c);
        if (c == '`' && (is(Language::go) || is(Language::javascript))) {
            blank_inside(is(Language::go) ? after("`", at_ + 1) : end_of_template(at_));
            return true;
        }
        if (c == '/' && (is(Language::javascript) || is(Language::ruby)) && expression_may_begin()) {
            blank_inside(end_of_pattern());
            return true;
        }
        if (is(Language::ruby) && here("<<") && skip_here_document()) return true;
        return false;
    }

    /// Keeps the first and the last character, so that something stands there.
    void blank_inside(std::size_t end) {
        last_ = '"';
        const std::size_t start = at_;
        blank_until(end);
        code_[start] = '"';
        if (end > start + 1 && source_[end - 1] != '\n') code_[end - 1] = '"';
    }

    bool skip_quoted(char quote) {
        const std::string three(3, quote);
        if ((is(Language::python) || (is(Language::java) && quote == '"')) && here(three)) {
            last_ = '"';
            blank_text(end_of_quoted(three, at_ + 3, true));
            return true;
        }
        if (quote == '"' && is(Language::c) && before() == 'R') {
            const std::size_t open = source_.find('(', at_);
            const std::string_view mark = source_.substr(at_ + 1, std::min<std::size_t>(open - at_ - 1, 16));
            blank_inside(after(")" + std::string(mark) + "\"", at_));
            return true;
        }
        if (quote == '"' && is(Language::rust) && (before() == 'r' || before() == '#')) {
            std::size_t hashes = 0;
            while (hashes < at_ && source_[at_ - 1 - hashes] == '#')
                ++hashes;
            if (at_ > hashes && source_[at_ - 1 - hashes] == 'r') {
                blank_inside(after("\"" + std::string(hashes, '#'), at_ + 1));
                return true;
            }
        }
        if (quote == '\'' && is_no_character_literal()) return false;
        blank_inside(end_of_quoted(std::string(1, quote), at_ + 1, is(Language::rust)));
        return true;
    }

    /// A digit separator of C++ ("1'000"), a lifetime of Rust.
    [[nodiscard]] bool is_no_character_literal() const {
        if (is(Language::c)) return std::isxdigit(static_cast<unsigned char>(before())) != 0;
        if (!is(Language::rust)) return false;
        if (at_ + 1 < source_.size() && source_[at_ + 1] == '\\') return false;
        const std::size_t end = source_.find('\'', at_ + 1);
        constexpr std::size_t longest_character = 4;  // of UTF-8
        return end == std::string_view::npos || end - at_ - 1 > longest_character ||
               (end - at_ - 1 > 1 && static_cast<unsigned char>(source_[at_ + 1]) < 0x80);
    }

    /// A quoted text that is not closed in its line ends there, unless it may go on: so one stray quote does
    /// no more harm than that.
    [[nodiscard]] std::size_t end_of_quoted(std::string_view quote, std::size_t at, bool many_lines) const {
        for (; at < source_.size(); ++at) {
            if (source_[at] == '\\') {
                ++at;
            } else if (source_[at] == '\n' && !many_lines) {
                return at;
            } else if (source_.substr(at, quote.size()) == quote) {
                return at + quote.size();
            }
        }
        return source_.size();
    }

    /// `...${ code with its own braces and templates }...`, all of it taken for text.
    [[nodiscard]] std::size_t end_of_template(std::size_t at) const {
        std::string open = "`";  // what is open, innermost last
        for (++at; at < source_.size() && !open.empty(); ++at) {
            const char c = source_[at];
            if (c == '\\') {
                ++at;
            } else if (open.back() == '`') {
                if (c == '`') open.pop_back();
                if (c == '$' && source_.substr(at, 2) == "${") open += source_[++at];
            } else if (c == '`' || c == '{') {
                open += c;
            } else if (c == '}') {
                open.pop_back();
            }
        }
        return std::min(at, source_.size());
    }

    /// Whether a "/" here begins a regular expression rather than divides.
    [[nodiscard]] bool expression_may_begin() const {
        static constexpr std::array<std::string_view, 14> words = {
            "return", "typeof", "case", "in",    "of",  "yield", "await",
            "if",     "unless", "when", "while", "and", "or",    "not"};
        if (last_ == '\0' || std::string_view("(,=:[!&|?{};+-*%~^<>").find(last_) != std::string_view::npos)
            return true;
        std::size_t end = at_;
        while (end > 0 && is_blank(source_[end - 1]))
            --end;
        std::size_t start = end;
        while (start > 0 && continues_word(source_[start - 1]))
            --start;
        return std::find(words.begin(), words.end(), source_.substr(start, end - start)) != words.end();
    }

    [[nodiscard]] std::size_t end_of_pattern() const {
        bool in_class = false;
        for (std::size_t at = at_ + 1; at < source_.size(); ++at) {
            const char c = source_[at];
            if (c == '\n') return at;
            if (c == '\\') ++at;
            if (c == '[') in_class = true;
            if (c == ']') in_class = false;
            if (c == '/' && !in_class) return at + 1;
        }
        return source_.size();
    }

    /// From the line after "<<~WORD" to the one with WORD alone. The rest of the first line is code; there is
    /// seldom any.
    bool skip_here_document() {
        std::size_t at = at_ + 2;
        if (at < source_.size() && (source_[at] == '~' || source_[at] == '-')) ++at;
        const char quote = at < source_.size() ? source_[at] : ' ';
        if (quote == '"' || quote == '\'') ++at;
        std::string word;
        while (at < source_.size() && continues_word(source_[at]))
            word += source_[at++];
        if (word.empty() || std::isupper(static_cast<unsigned char>(word.front())) == 0) return false;
        while (at < source_.size()) {
            const std::size_t start = std::min(end_of_line(at) + 1, source_.size());
            std::string_view line = source_.substr(start, end_of_line(start) - start);
            line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
            at = start;
            if (line.substr(0, word.size()) == word) break;
            if (start == source_.size()) break;
        }
        blank_text(end_of_line(at));
        last_ = '"';
        return true;
    }

    Language language_;
    std::string_view source_;
    std::string code_;
    std::size_t at_ = 0;
    char last_ = '\0';  ///< the last character of code
};

}  // namespace

Language language_of(std::string_view path) {
    for (const Ending& ending : endings) {
        if (path.ends_with(ending.ending)) return ending.language;
    }
    return Language::none;
}

std::string code_only(Language language, std::string_view source) {
    return Blanking(language, source).run();
}

}  // namespace ratchet
