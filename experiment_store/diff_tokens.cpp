#include "experiment_store/diff_tokens.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "experiment_store/characters.hpp"
#include "experiment_store/source_syntax.hpp"

namespace ratchet {

namespace {

using Kind = DiffToken::Kind;

bool is_white(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}
bool opens(std::string_view token) {
    return token == "(" || token == "[";
}
bool closes(std::string_view token) {
    return token == ")" || token == "]";
}

/// Operators of several characters, the longer ones first: `< =` is none.
constexpr std::array<std::string_view, 31> operators = {
    "<<=", ">>=", "...", "**=", "//=", "===", "!==", "->", "::", "<=", ">=", "==", "!=", "&&", "||", "+=",
    "-=",  "*=",  "/=",  "%=",  "&=",  "|=",  "^=",  "++", "--", "<<", ">>", ":=", "=>", "**", ".."};

std::size_t operator_length(std::string_view text) {
    const auto* const found = std::find_if(operators.begin(), operators.end(),
                                           [&](std::string_view each) { return text.starts_with(each); });
    return found == operators.end() ? 1 : found->size();
}

/// "1.5e-3", "0x1F", "1'000", "10ms"; not the second dot of "0..n", nor the method of "1.max(2)".
std::size_t number_length(std::string_view text) {
    std::size_t end = 1;
    while (end < text.size()) {
        const char c = text[end];
        const bool digit_follows = end + 1 < text.size() && is_digit(text[end + 1]);
        const bool exponent = (text[end - 1] == 'e' || text[end - 1] == 'E') && !text.starts_with("0x");
        const bool inside =
            is_name_character(c) ||
            ((c == '.' || c == '\'' || ((c == '-' || c == '+') && exponent)) && digit_follows);
        if (!inside) break;
        ++end;
    }
    return end;
}

/// Up to the closing quote; 0 where there is none in this line.
std::size_t quoted_length(std::string_view text) {
    for (std::size_t end = 1; end < text.size(); ++end) {
        if (text[end] == '\\') {
            ++end;
        } else if (text[end] == text.front()) {
            return end + 1;
        }
    }
    return 0;
}

/// One side of a hunk, removed or added, read line by line.
class DiffSide {
  public:
    DiffSide(const SourceSyntax& syntax, std::vector<DiffStatement>& statements)
        : syntax_(syntax), statements_(statements) {}

    /// Where the first sign of a block comment in a hunk is its end, the hunk begins within one.
    void begin_in_comment() { comment_end_ = "*/"; }

    void read(std::string_view line) {
        const std::size_t first = std::min(line.find_first_not_of(" \t\r\f\v"), line.size());
        indentation_ = line.substr(0, first);
        at_begin_ = true;
        open_quotes_.clear();
        for (std::size_t at = first; at < line.size();)
            at += take(line.substr(at), at == 0 || is_white(line[at - 1]));
        if (syntax_.line_is_statement && depth_ == 0 && !continued_) end_statement();
        continued_ = false;
    }

    /// A line that is not changed: it only says where comments begin and end.
    void pass(std::string_view line) {
        flush();
        read(line);
        current_.clear();
        statements_.resize(kept_);
        depth_ = 0;
    }

    void flush() {
        end_statement();
        depth_ = 0;
        kept_ = statements_.size();
    }

  private:
    /// Reads what stands at the beginning of this text, and returns how long it is.
    std::size_t take(std::string_view text, bool after_white) {
        if (!comment_end_.empty()) return leave_comment(text);
        if (is_white(text.front())) return 1;
        if (text.front() == '\\' && text.find_first_not_of(" \t\r", 1) == std::string_view::npos) {
            continued_ = true;
            return text.size();
        }
        if (const std::size_t length = comment(text, after_white); length > 0) return length;
        if (is_digit(text.front())) return add(text.substr(0, number_length(text)), Kind::literal);
        if (is_name_character(text.front())) return take_word(text);
        if (const std::size_t length = take_quoted(text); length > 0) return length;
        return take_punctuation(text);
    }

    std::size_t leave_comment(std::string_view text) {
        const std::size_t end = text.find(comment_end_);
        if (end == std::string_view::npos) return text.size();
        const std::size_t length = end + comment_end_.size();
        comment_end_ = {};
        return length;
    }

    /// The length of a comment's beginning; 0 where none begins here.
    std::size_t comment(std::string_view text, bool after_white) {
        if (syntax_.hash_comments && text.front() == '#' && (after_white || syntax_.docstrings))
            return text.size();
        if (syntax_.slash_comments && text.starts_with("//")) return text.size();
        if (syntax_.slash_comments && text.starts_with("/*")) {
            comment_end_ = "*/";
            return 2;
        }
        if (!syntax_.docstrings || !at_begin_ || !current_.empty()) return 0;
        for (const std::string_view quotes : {"\"\"\"", "'''"}) {
            if (!text.starts_with(quotes)) continue;
            comment_end_ = quotes;
            return quotes.size();
        }
        return 0;
    }

    std::size_t take_word(std::string_view text) {
        std::size_t end = 1;
        while (end < text.size() && is_name_character(text[end]))
            ++end;
        return add(text.substr(0, end), Kind::word);
    }

    std::size_t take_quoted(std::string_view text) {
        if (!syntax_.quotes || (text.front() != '"' && text.front() != '\'')) return 0;
        if (open_quotes_.find(text.front()) != std::string::npos) return 0;
        const std::size_t length = quoted_length(text);
        if (length == 0) {
            open_quotes_ += text.front();
            return 0;
        }
        add(syntax_.either_quote ? text.substr(1, length - 2) : text.substr(0, length), Kind::literal);
        return length;
    }

    std::size_t take_punctuation(std::string_view text) {
        const std::string_view token = text.substr(0, operator_length(text));
        // What formatters add at will.
        if (token == ";" && syntax_.line_is_statement && depth_ == 0 && !syntax_.indented) {
            end_statement();
            return token.size();
        }
        const bool closing = closes(token) || token == "}";
        if (closing && !syntax_.indented && !current_.empty() && current_.back().text == ",")
            current_.pop_back();
        if (opens(token)) ++depth_;
        if (closes(token) && depth_ > 0) --depth_;
        add(token, Kind::punctuation);
        const bool ends = token == ";" || token == "{" || token == "}";
        if (ends && depth_ == 0 && !syntax_.indented) end_statement();
        return token.size();
    }

    std::size_t add(std::string_view text, Kind kind) {
        if (current_.empty() && at_begin_ && syntax_.indented)
            current_.push_back({indentation_, Kind::indentation});
        at_begin_ = false;
        current_.push_back({text, kind});
        return text.size();
    }

    void end_statement() {
        if (current_.empty()) return;
        statements_.push_back(std::move(current_));
        current_.clear();
    }

    const SourceSyntax& syntax_;
    std::vector<DiffStatement>& statements_;
    DiffStatement current_;
    std::string_view comment_end_;  ///< what ends the comment that is open; empty: none is
    std::string_view indentation_;
    /// Without a second one in the line: a lifetime of Rust, a text of several lines. Nobody looks for it
    /// twice.
    std::string open_quotes_;
    std::size_t kept_ = 0;    ///< how many statements are of changed lines
    int depth_ = 0;           ///< of round and square brackets
    bool at_begin_ = true;    ///< of the line
    bool continued_ = false;  ///< by a backslash
};

/// How many lines a hunk header ("@@ -3,4 +5 @@") announces on each side; without them a removed "-- x" or an
/// added
/// "++ x" could not be told from the header of the next file.
struct HunkHeader {
    std::int64_t old_lines = 0;
    std::int64_t new_lines = 0;
    [[nodiscard]] bool inside() const { return old_lines > 0 || new_lines > 0; }
};

/// The two numbers after this sign; the second one is 1 where it is missing.
HunkPlace range_of(std::string_view header, char sign) {
    std::int64_t number = 0;
    std::optional<std::int64_t> first;
    for (const char c : header.substr(std::min(header.find(sign) + 1, header.size()))) {
        if (c == ',') {
            first = number;
            number = 0;
        } else if (is_digit(c)) {
            number = std::min<std::int64_t>(number * 10 + (c - '0'), 1'000'000'000);
        } else {
            break;
        }
    }
    return first ? HunkPlace{*first, number} : HunkPlace{number, 1};
}

std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

std::string_view stripped(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
}

/// "src/a.cpp" of "+++ b/src/a.cpp"; empty for /dev/null.
std::string_view path_of_header(std::string_view line) {
    line = stripped(line.substr(std::min<std::size_t>(4, line.size())));
    if (line.starts_with('"') && line.size() > 1) line = line.substr(1, line.size() - 2);
    return line == "/dev/null" ? std::string_view{} : line.substr(std::min<std::size_t>(2, line.size()));
}

class PatchReader {
  public:
    std::vector<FileChange> read(std::string_view patch) {
        while (!patch.empty()) {
            const std::string_view line = take_line(patch);
            if (line.starts_with("--- ")) begin_file(path_of_header(line));
            if (line.starts_with("+++ ") && !path_of_header(line).empty()) begin_file(path_of_header(line));
            if (line.starts_with("@@ ")) read_hunk(line, patch);
        }
        std::erase_if(files_,
                      [](const FileChange& file) { return file.removed.empty() && file.added.empty(); });
        return std::move(files_);
    }

  private:
    void begin_file(std::string_view path) {
        files_.push_back({path, {}, {}, {}, {}});
        syntax_ = syntax_of(path);
    }

    /// Whether the side that does not have lines of this sign begins within a block comment.
    [[nodiscard]] bool begins_in_comment(std::string_view body, HunkHeader lines, char other) const {
        if (!syntax_.slash_comments) return false;
        while (lines.inside() && !body.empty()) {
            const std::string_view line = take_line(body);
            count(line, lines);
            if (line.empty() || line.front() == other) continue;
            const std::size_t end = line.find("*/");
            const std::size_t begin = line.find("/*");
            if (end < begin) return true;
            if (begin != std::string_view::npos) return false;
        }
        return false;
    }

    static void count(std::string_view line, HunkHeader& lines) {
        const char sign = line.empty() ? ' ' : line.front();
        if (sign == '\\') return;  // "\ No newline at end of file"
        if (sign != '+') --lines.old_lines;
        if (sign != '-') --lines.new_lines;
    }

    void read_hunk(std::string_view header, std::string_view& patch) {
        if (files_.empty()) begin_file({});
        FileChange& file = files_.back();
        file.places.push_back(range_of(header, '-'));
        HunkHeader lines{file.places.back().lines, range_of(header, '+').lines};
        const std::string_view function =
            stripped(header.substr(std::min(header.rfind("@@") + 2, header.size())));
        if (!function.empty()) file.context.push_back(function);
        DiffSide removed(syntax_, file.removed);
        DiffSide added(syntax_, file.added);
        if (begins_in_comment(patch, lines, '+')) removed.begin_in_comment();
        if (begins_in_comment(patch, lines, '-')) added.begin_in_comment();
        removed.flush();
        added.flush();
        while (lines.inside() && !patch.empty()) {
            const std::string_view line = take_line(patch);
            count(line, lines);
            const char sign = line.empty() ? ' ' : line.front();
            const std::string_view text = line.substr(std::min<std::size_t>(1, line.size()));
            if (sign == '-') removed.read(text);
            if (sign == '+') added.read(text);
            if (sign != ' ') continue;
            removed.pass(text);
            added.pass(text);
            if (!stripped(text).empty()) file.context.push_back(stripped(text));
        }
        removed.flush();
        added.flush();
    }

    std::vector<FileChange> files_;
    SourceSyntax syntax_;
};

}  // namespace

std::vector<FileChange> read_changes(std::string_view patch) {
    return PatchReader().read(patch);
}

}  // namespace ratchet
