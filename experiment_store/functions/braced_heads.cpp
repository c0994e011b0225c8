#include "experiment_store/functions/braced_heads.hpp"

#include <algorithm>
#include <utility>

#include "experiment_store/characters.hpp"

namespace ratchet {

namespace {

bool is_head_word(char c) {
    return is_name_character(c) || c == '$' || c == '#';
}

}  // namespace

Tokens tokens_of(std::string_view head) {
    Tokens tokens;
    while (!head.empty()) {
        std::size_t end = 1;
        if (is_head_word(head.front())) {
            while (end < head.size() && is_head_word(head[end]))
                ++end;
        } else if (const std::string_view two = head.substr(0, 2);
                   two == "::" || two == "->" || two == "=>") {
            end = 2;
        }
        if (head.front() != ' ') tokens.push_back(head.substr(0, end));
        head.remove_prefix(end);
    }
    return tokens;
}

bool is_identifier(std::string_view token) {
    return !token.empty() && is_head_word(token.front()) && !is_digit(token.front());
}

bool is_one_of(std::string_view token, const Tokens& tokens) {
    return std::find(tokens.begin(), tokens.end(), token) != tokens.end();
}

std::size_t behind_bracket(const Tokens& tokens, std::size_t open) {
    int depth = 0;
    for (std::size_t at = open; at < tokens.size(); ++at) {
        if (tokens[at] == "(" || tokens[at] == "[" || tokens[at] == "{") ++depth;
        if (tokens[at] == ")" || tokens[at] == "]" || tokens[at] == "}") --depth;
        if (depth == 0) return at + 1;
    }
    return tokens.size();
}

std::size_t find_outside(const Tokens& tokens, std::string_view token, std::size_t from) {
    for (std::size_t at = from; at < tokens.size();) {
        if (tokens[at] == token) return at;
        at = tokens[at] == "(" || tokens[at] == "[" ? behind_bracket(tokens, at) : at + 1;
    }
    return tokens.size();
}

BracedHead read_head(Language language, std::string_view head, HeadKind around) {
    const Tokens tokens = tokens_of(head);
    if (tokens.empty()) return {};
    switch (language) {
        case Language::c:
            return read_c_head(tokens, around);
        case Language::java:
            return read_java_head(tokens, around);
        case Language::rust:
            return read_rust_head(tokens);
        case Language::go:
            return read_go_head(tokens, around);
        case Language::javascript:
            return read_javascript_head(tokens, around);
        default:
            return {};
    }
}

BracedHead read_java_head(const Tokens& tokens, HeadKind around) {
    static const Tokens kinds = {"class", "interface", "enum", "record"};
    static const Tokens no_method = {"if",    "for",          "while", "switch",
                                     "catch", "synchronized", "try",   "return"};
    if (find_outside(tokens, "=") < tokens.size() || find_outside(tokens, "->") < tokens.size() ||
        find_outside(tokens, "new") < tokens.size()) {
        return {HeadKind::part, {}};
    }
    for (std::size_t at = 0; at < tokens.size();) {
        if (tokens[at] == "@" && at + 1 < tokens.size() && tokens[at + 1] != "interface") {
            at += 2;
            while (at + 1 < tokens.size() && tokens[at] == ".")
                at += 2;
            if (at < tokens.size() && tokens[at] == "(") at = behind_bracket(tokens, at);
            continue;
        }
        const bool last = at + 1 == tokens.size();
        if (!last && is_one_of(tokens[at], kinds) && is_identifier(tokens[at + 1])) {
            return {HeadKind::type, std::string(tokens[at + 1])};
        }
        if (!last && is_identifier(tokens[at]) && tokens[at + 1] == "(") {
            if (is_one_of(tokens[at], no_method)) return {};
            return around == HeadKind::type ? BracedHead{HeadKind::function, std::string(tokens[at])}
                                            : BracedHead{};
        }
        ++at;
    }
    return {};
}

BracedHead read_go_head(const Tokens& tokens, HeadKind around) {
    const std::string_view last = tokens.back();
    if (tokens.front() == "func" && tokens.size() > 1) {
        if (last == "interface" || last == "struct") return {HeadKind::part, {}};
        if (is_identifier(tokens[1])) return {HeadKind::function, std::string(tokens[1])};
        const std::size_t behind = behind_bracket(tokens, 1);
        if (behind >= tokens.size() || !is_identifier(tokens[behind])) return {};  // a literal
        // "(m *Matrix[T])": the last name before a type parameter or the end.
        std::string receiver;
        for (std::size_t at = 2; at + 1 < behind && tokens[at] != "["; ++at) {
            if (is_identifier(tokens[at])) receiver = tokens[at];
        }
        return {HeadKind::function, receiver + "." + std::string(tokens[behind])};
    }
    if (tokens.front() == "type" && tokens.size() > 2 && (last == "struct" || last == "interface")) {
        return {HeadKind::type, std::string(tokens[1])};
    }
    const std::size_t equals = find_outside(tokens, "=");
    if (around != HeadKind::function && equals > 0 && equals + 1 < tokens.size() &&
        tokens[equals + 1] == "func") {
        const std::size_t name = tokens.front() == "var" ? 1 : 0;
        if (is_identifier(tokens[name])) return {HeadKind::function, std::string(tokens[name])};
    }
    return {};
}

namespace {

/// Behind the ">" that closes the "<" at `open`; "->" is a token of its own.
std::size_t behind_angle(const Tokens& tokens, std::size_t open) {
    int depth = 0;
    for (std::size_t at = open; at < tokens.size(); ++at) {
        if (tokens[at] == "<") ++depth;
        if (tokens[at] == ">" && --depth == 0) return at + 1;
    }
    return tokens.size();
}

/// The last name of "&mut a::b::Type<T>".
std::string rust_type(const Tokens& tokens, std::size_t from, std::size_t end) {
    static const Tokens no_type = {"mut", "dyn", "const", "where", "for"};
    std::string name;
    for (std::size_t at = from; at < end;) {
        if (tokens[at] == "<") {
            if (!name.empty()) break;
            at = behind_angle(tokens, at);
        } else if (tokens[at] == "where") {
            break;
        } else {
            const bool plain = !is_one_of(tokens[at], no_type);
            if (is_identifier(tokens[at]) && plain) name = tokens[at];
            ++at;
        }
    }
    return name;
}

/// "impl<T> Display for Point<T> where …": the type.
BracedHead read_impl(const Tokens& tokens, std::size_t at) {
    const bool generic = tokens[at + 1] == "<";
    const std::size_t from = generic ? behind_angle(tokens, at + 1) : at + 1;
    std::size_t type = from;
    for (std::size_t word = from; word + 1 < tokens.size() && tokens[word] != "where"; ++word) {
        if (tokens[word] == "for" && tokens[word + 1] != "<") type = word + 1;
    }
    std::string name = rust_type(tokens, type, tokens.size());
    return name.empty() ? BracedHead{} : BracedHead{HeadKind::type, std::move(name)};
}

}  // namespace

BracedHead read_rust_head(const Tokens& tokens) {
    static const Tokens types = {"struct", "enum", "union", "trait", "mod"};
    for (std::size_t at = 0; at + 1 < tokens.size();) {
        if (tokens[at] == "#" || tokens[at] == "(" || tokens[at] == "[") {
            at = behind_bracket(tokens, tokens[at] == "#" ? at + 1 : at);
            continue;
        }
        const std::string_view next = tokens[at + 1];
        if (tokens[at] == "fn" && is_identifier(next)) return {HeadKind::function, std::string(next)};
        if (tokens[at] == "macro_rules" && at + 2 < tokens.size())
            return {HeadKind::function, std::string(tokens[at + 2]) + "!"};
        if (is_one_of(tokens[at], types) && is_identifier(next)) return {HeadKind::type, std::string(next)};
        if (tokens[at] == "impl") return read_impl(tokens, at);
        if (tokens[at] == "=") {  // "let x = Point {", but not "if let Some(x) = y {"
            const bool branches =
                tokens.front() == "if" || tokens.front() == "while" || tokens.front() == "}";
            return branches ? BracedHead{} : BracedHead{HeadKind::part, {}};
        }
        ++at;
    }
    return {};
}

}  // namespace ratchet
