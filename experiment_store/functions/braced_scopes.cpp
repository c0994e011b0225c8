// The languages with braces: C and C++, Rust, Go, JavaScript and TypeScript, Java.

#include <algorithm>
#include <cctype>

#include "experiment_store/functions/braced_heads.hpp"
#include "experiment_store/functions/line_scopes.hpp"

namespace ratchet {

namespace {

/// A longer head is none: it is data.
constexpr std::size_t longest_head = 4096;
constexpr std::size_t deepest_brace = 100'000;

/// What stands before a brace since the last statement ended.
struct BraceStatement {
    std::string head;
    std::size_t first_line = 0;
    std::ptrdiff_t indent = 0;
    int brackets = 0;

    [[nodiscard]] bool empty() const { return head.find_first_not_of(' ') == std::string::npos; }
    [[nodiscard]] char last() const {
        const std::size_t at = head.find_last_not_of(' ');
        return at == std::string::npos ? '\0' : head[at];
    }
};

struct OpenBrace {
    HeadKind kind = HeadKind::block;
    std::string name;   ///< of the innermost scope, this one or one around it
    HeadKind around{};  ///< the kind of that scope
    std::ptrdiff_t indent = 0;
    std::size_t place = 0;   ///< one more than its place among the results; 0: it has none
    BraceStatement goes_on;  ///< where the braces are a part of a statement
};

class BracedReader {
  public:
    BracedReader(Language language, const Enclosing& enclosing) : language_(language) {
        if (enclosing.name.empty()) return;
        const HeadKind kind = enclosing.is_class ? HeadKind::type : HeadKind::function;
        open_.push_back({kind, enclosing.name, kind, 0, 1, {}});
        scopes_.push_back({enclosing.name, 0, 0});
    }

    void read(std::string_view code) {
        for (const char c : code) {
            read(c);
            if (c == '\n') {
                ++line_;
                indent_ = 0;
                at_indent_ = true;
            } else if (at_indent_ && (c == ' ' || c == '\t')) {
                ++indent_;
            } else {
                at_indent_ = false;
            }
        }
        while (!open_.empty())
            close();
    }

    [[nodiscard]] std::vector<ScopeLines> result() && { return std::move(scopes_); }

  private:
    void read(char c) {
        switch (c) {
            case '\n':
                end_line();
                break;
            case '{':
                open();
                break;
            case '}':
                if (at_indent_ && indent_ == 0) close_inner_ones();
                close();
                break;
            case ';':
                if (statement_.brackets == 0) {
                    note_short_function();
                    statement_ = {};
                } else {
                    add(c);
                }
                break;
            case ',':
                add(c);
                if (statement_.brackets == 0 && around() == HeadKind::object) statement_ = {};
                break;
            case ':':
                add(c);
                end_label();
                break;
            default:
                add(c);
        }
    }

    void add(char c) {
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            if (!statement_.head.empty() && statement_.head.back() != ' ') statement_.head += ' ';
            return;
        }
        if (statement_.empty()) {
            statement_.head.clear();
            statement_.first_line = line_;
            statement_.indent = indent_;
        }
        if (c == '(' || c == '[') ++statement_.brackets;
        if (c == ')' || c == ']') statement_.brackets = std::max(0, statement_.brackets - 1);
        if (statement_.head.size() <= longest_head) statement_.head += c;
    }

    /// "public:" is no part of what follows.
    void end_label() {
        if (language_ != Language::c || statement_.brackets > 0) return;
        static const std::vector<std::string_view> labels = {
            "public:", "private:", "protected:", "default:", "signals:"};
        const std::string& head = statement_.head;
        if (std::find(labels.begin(), labels.end(), head) != labels.end() || head.starts_with("case ")) {
            if (!head.ends_with("::")) statement_ = {};
        }
    }

    /// Go and JavaScript end most statements with the line.
    void end_line() {
        const bool may_end = language_ == Language::go || language_ == Language::javascript;
        const bool goes_on =
            std::string_view("=,+-*/&|?:<>([.").find(statement_.last()) != std::string_view::npos ||
            is_declaration();
        if (may_end && statement_.brackets == 0 && !statement_.empty() && !goes_on) {
            note_short_function();
            statement_ = {};
        } else {
            add('\n');
        }
    }

    /// What needs a brace yet, even in a line of its own.
    [[nodiscard]] bool is_declaration() const {
        static const std::vector<std::string_view> beginnings = {"class ",
                                                                 "abstract ",
                                                                 "function ",
                                                                 "function* ",
                                                                 "async function ",
                                                                 "export class ",
                                                                 "export default class ",
                                                                 "export abstract ",
                                                                 "export function ",
                                                                 "interface ",
                                                                 "export interface "};
        return language_ == Language::javascript &&
               (is_decoration() ||
                std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view beginning) {
                    return (statement_.head + ' ').starts_with(beginning);
                }));
    }

    /// Decorators, and nothing yet that they decorate.
    [[nodiscard]] bool is_decoration() const {
        if (!statement_.head.starts_with('@')) return false;
        const Tokens tokens = tokens_of(statement_.head);
        std::size_t at = 0;
        while (at < tokens.size() && tokens[at] == "@") {
            at += 2;
            while (at < tokens.size() && tokens[at] == ".")
                at += 2;
            if (at < tokens.size() && tokens[at] == "(") at = behind_bracket(tokens, at);
        }
        return at >= tokens.size();
    }

    /// An arrow function without braces.
    void note_short_function() {
        if (language_ != Language::javascript) return;
        const std::size_t arrow = statement_.head.find("=>");
        if (arrow == std::string::npos || around() == HeadKind::function) return;
        const BracedHead head = read_head(language_, statement_.head.substr(0, arrow + 2), around());
        if (head.kind != HeadKind::function || open_.size() >= deepest_scope) return;
        scopes_.push_back({qualified(outer(), ".", head.name), statement_.first_line, line_});
    }

    [[nodiscard]] HeadKind around() const {
        return open_.empty() ? HeadKind::transparent : open_.back().around;
    }
    [[nodiscard]] std::string outer() const { return open_.empty() ? std::string() : open_.back().name; }
    [[nodiscard]] const char* separator() const {
        return language_ == Language::c || language_ == Language::rust ? "::" : ".";
    }

    void open() {
        BracedHead head{HeadKind::part, {}};
        if (statement_.brackets == 0) {
            head = statement_.head.size() > longest_head ? BracedHead{}
                                                         : read_head(language_, statement_.head, around());
        }
        OpenBrace brace{head.kind, outer(), around(), statement_.empty() ? indent_ : statement_.indent,
                        0,         {}};
        const bool named =
            head.kind == HeadKind::type || head.kind == HeadKind::object || head.kind == HeadKind::function;
        if (named && named_ < deepest_scope) {
            brace.name = qualified(outer(), separator(), head.name);
            brace.around = head.kind;
            scopes_.push_back({brace.name, statement_.first_line, line_});
            brace.place = scopes_.size();
            ++named_;
        }
        // A literal in brackets is no body of the function around it: nothing in it is a method.
        if (head.kind == HeadKind::part) brace.goes_on = std::move(statement_);
        statement_ = {};
        if (open_.size() < deepest_brace) open_.push_back(std::move(brace));
    }

    void close() {
        if (open_.empty()) {
            statement_ = {};
            return;
        }
        OpenBrace brace = std::move(open_.back());
        open_.pop_back();
        if (brace.place > 0) {
            scopes_[brace.place - 1].last = line_;
            if (named_ > 0) --named_;
        }
        statement_ = std::move(brace.goes_on);
        if (brace.kind == HeadKind::part && !statement_.empty()) statement_.head += "{}";
    }

    /// A brace at the beginning of a line closes what began at the beginning of one: so a brace too many or
    /// too few (in two branches of an #if, in a macro) does no harm beyond its function.
    void close_inner_ones() {
        const auto outermost = [](const OpenBrace& brace) { return brace.indent == 0; };
        if (std::none_of(open_.begin(), open_.end(), outermost)) return;
        while (!outermost(open_.back()))
            close();
    }

    Language language_;
    std::vector<OpenBrace> open_;
    std::vector<ScopeLines> scopes_;
    BraceStatement statement_;
    std::size_t line_ = 0;
    std::ptrdiff_t indent_ = 0;
    bool at_indent_ = true;
    std::size_t named_ = 0;
};

}  // namespace

std::vector<ScopeLines> scopes_by_braces(Language language, std::string_view code,
                                         const Enclosing& enclosing) {
    BracedReader reader(language, enclosing);
    reader.read(code);
    return std::move(reader).result();
}

}  // namespace ratchet
