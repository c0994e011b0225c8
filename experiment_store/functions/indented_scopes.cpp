// Python and Ruby, whose functions are as long as they are indented.

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "experiment_store/characters.hpp"
#include "experiment_store/functions/line_scopes.hpp"

namespace ratchet {

namespace {

struct Head {
    bool is_class = false;
    bool singleton = false;  ///< of Ruby: "class << self"
    std::string name;        ///< as it stands, with "self." before it
};

struct OpenScope {
    std::string name;
    std::ptrdiff_t indent = 0;
    bool is_class = false;
    bool singleton = false;
    std::size_t place = 0;  ///< among the results
};

std::string_view take_word(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    std::size_t end = 0;
    while (end < text.size() && is_name_character(text[end]))
        ++end;
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

/// What a line of Python opens.
std::optional<Head> python_head(std::string_view line) {
    std::string_view word = take_word(line);
    if (word == "async") word = take_word(line);
    if (word == "cdef" || word == "cpdef") word = take_word(line);
    if (word != "def" && word != "class") return std::nullopt;
    const std::string_view name = take_word(line);
    if (name.empty()) return std::nullopt;
    return Head{word == "class", false, std::string(name)};
}

/// "Outer::Inner", "self.name", "name?", "==".
std::string ruby_name(std::string_view rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    return std::string(rest.substr(0, rest.find_first_of(" \t\r(;")));
}

/// What a line of Ruby opens. Words may stand before: "private def name".
std::optional<Head> ruby_head(std::string_view line) {
    const std::string_view whole = line;
    constexpr int words_before_def = 3;
    const std::string_view first = take_word(line);
    if (first == "class" || first == "module") {
        const std::string name = ruby_name(line);
        if (name == "<<") return Head{true, true, {}};
        if (name.empty() || std::isupper(static_cast<unsigned char>(name.front())) == 0) return std::nullopt;
        return Head{true, false, name};
    }
    line = whole;
    for (int i = 0; i <= words_before_def; ++i) {
        const std::string_view word = take_word(line);
        if (word.empty()) return std::nullopt;
        if (word != "def") continue;
        std::string name = ruby_name(line);
        if (name.empty()) return std::nullopt;
        return Head{false, false, std::move(name)};
    }
    return std::nullopt;
}

std::ptrdiff_t indent_of(std::string_view line) {
    constexpr std::ptrdiff_t tab = 8;
    std::ptrdiff_t columns = 0;
    for (const char c : line) {
        if (c == ' ') ++columns;
        if (c == '\t') columns += tab - columns % tab;
        if (c != ' ' && c != '\t') break;
    }
    return columns;
}

class IndentedReader {
  public:
    IndentedReader(Language language, const Enclosing& enclosing) : ruby_(language == Language::ruby) {
        if (enclosing.name.empty()) return;
        // It began somewhere above: everything but the file's own level lies in it.
        open_.push_back({enclosing.name, 0, enclosing.is_class, false, 0});
        scopes_.push_back({enclosing.name, 0, 0});
        is_piece_ = true;
    }

    void read(std::string_view line) {
        const std::size_t text = line.find_first_not_of(" \t\r");
        if (text == std::string_view::npos) {
            ++line_;
            return;
        }
        if (line.front() == text_goes_on) return go_on(line);
        const std::ptrdiff_t indent = indent_of(line);
        line.remove_prefix(text);
        const std::optional<Head> head = ruby_ ? ruby_head(line) : python_head(line);
        if (head || (ruby_ ? line.starts_with("end") : line.front() == '@')) brackets_ = 0;
        if (brackets_ == 0) {
            leave(indent, line);
            if (head) {
                enter(*head, indent);
            } else if (!ruby_ && line.front() == '@') {
                if (!decorated_from_) decorated_from_ = line_;
            } else {
                decorated_from_.reset();
            }
        }
        go_on(line);
        if (closes_) open_.pop_back();
        closes_ = false;
    }

    [[nodiscard]] std::vector<ScopeLines> result() && { return std::move(scopes_); }

  private:
    /// The line belongs to all that is open.
    void go_on(std::string_view line) {
        for (const OpenScope& open : open_)
            scopes_[open.place].last = line_;
        count_brackets(line);
        ++line_;
    }

    /// Closes what this line is no part of.
    void leave(std::ptrdiff_t indent, std::string_view line) {
        while (!open_.empty() && open_.back().indent >= indent) {
            if (ruby_ && open_.back().indent == indent) {
                std::string_view rest = line;
                const std::string_view word = take_word(rest);
                if (word == "rescue" || word == "ensure" || word == "else") return;
                if (word == "end") {
                    closes_ = true;
                    return;
                }
            }
            open_.pop_back();
        }
    }

    void enter(const Head& head, std::ptrdiff_t indent) {
        if (open_.size() >= deepest_scope) return;
        if (is_piece_ && open_.size() == 1 && !open_.front().is_class) {
            // A function beside the one above, as far as can be seen: the class is the same.
            const std::size_t end = open_.front().name.find_last_of(ruby_ ? "#." : ".");
            open_.front().name.resize(end == std::string::npos ? 0 : end);
        }
        const std::string outer = open_.empty() ? std::string() : open_.back().name;
        const bool singleton = !open_.empty() && open_.back().singleton;
        std::string name = head.name;
        std::string_view separator = ".";
        if (ruby_) {
            const bool of_class = singleton || name.starts_with("self.");
            if (name.starts_with("self.")) name.erase(0, std::string_view("self.").size());
            separator = head.is_class ? "::" : of_class ? "." : "#";
        }
        const std::string whole = head.singleton ? outer : qualified(outer, separator, name);
        const std::size_t first = decorated_from_.value_or(line_);
        decorated_from_.reset();
        open_.push_back({whole, indent, head.is_class, head.singleton, scopes_.size()});
        scopes_.push_back({whole, first, line_});
    }

    /// Lines inside of brackets go on with the statement, however they are indented.
    void count_brackets(std::string_view line) {
        for (const char c : line) {
            if (c == '(' || c == '[' || c == '{') ++brackets_;
            if (c == ')' || c == ']' || c == '}') brackets_ = std::max(0, brackets_ - 1);
        }
    }

    bool ruby_;
    bool is_piece_ = false;
    bool closes_ = false;
    int brackets_ = 0;
    std::size_t line_ = 0;
    std::optional<std::size_t> decorated_from_;
    std::vector<OpenScope> open_;
    std::vector<ScopeLines> scopes_;
};

}  // namespace

std::vector<ScopeLines> scopes_by_indentation(Language language, std::string_view code,
                                              const Enclosing& enclosing) {
    IndentedReader reader(language, enclosing);
    while (!code.empty()) {
        const std::string_view line = code.substr(0, code.find('\n'));
        code.remove_prefix(std::min(line.size() + 1, code.size()));
        reader.read(line);
    }
    return std::move(reader).result();
}

}  // namespace ratchet
