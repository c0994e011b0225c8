// Heads of JavaScript and TypeScript.

#include <algorithm>

#include "experiment_store/functions/braced_heads.hpp"

namespace ratchet {

namespace {

const Tokens& modifiers() {
    static const Tokens words = {"export",   "default",  "declare",  "const",     "let",    "var",
                                 "public",   "type",     "private",  "protected", "static", "async",
                                 "readonly", "abstract", "override", "get",       "set",    "accessor"};
    return words;
}

/// "exports.handler", "handle": what is assigned to, between modifiers and a type.
std::string assigned_name(const Tokens& tokens, std::size_t end) {
    std::size_t at = 0;
    while (at + 1 < end && is_one_of(tokens[at], modifiers()))
        ++at;
    std::string name;
    while (at < end && is_identifier(tokens[at])) {
        name += tokens[at++];
        if (at < end && tokens[at] == ".")
            name += tokens[at++];
        else
            break;
    }
    if (name.starts_with("this.")) name.erase(0, std::string_view("this.").size());
    if (at == end || tokens[at] == ":" || tokens[at] == "?" || tokens[at] == "!") return name;
    return {};
}

/// What is on the right of "=" or of an object's ":".
BracedHead read_value(const Tokens& tokens, std::size_t from, std::string name) {
    if (name.empty()) return {};
    std::size_t at = from;
    if (at < tokens.size() && tokens[at] == "async") ++at;
    if (at == tokens.size()) return {HeadKind::object, std::move(name)};
    if (tokens[at] == "function" || tokens.back() == "=>") return {HeadKind::function, std::move(name)};
    if (tokens[at] == "class") return {HeadKind::type, std::move(name)};
    return {HeadKind::part, {}};
}

/// "async *name(", "get name(", "#name(", "[Symbol.iterator](".
BracedHead read_method(const Tokens& tokens) {
    static const Tokens no_method = {"if", "for", "while", "switch", "catch", "with", "function", "return"};
    std::size_t at = 0;
    while (at + 1 < tokens.size() && tokens[at + 1] != "(" && tokens[at + 1] != "<" && tokens[at] != "[" &&
           (is_one_of(tokens[at], modifiers()) || tokens[at] == "*" || tokens[at] == "@")) {
        at += tokens[at] == "@" ? 2 : 1;
        if (at < tokens.size() && tokens[at] == "(") at = behind_bracket(tokens, at);  // of a decorator
    }
    if (at >= tokens.size()) return {};
    std::string name(tokens[at]);
    std::size_t behind = at + 1;
    if (tokens[at] == "[") {
        behind = behind_bracket(tokens, at);
        for (std::size_t inside = at + 1; inside < behind; ++inside)
            name += tokens[inside];
    } else if (!is_identifier(tokens[at]) || is_one_of(tokens[at], no_method)) {
        return {};
    }
    if (behind < tokens.size() && tokens[behind] == "<") {  // type parameters
        behind = find_outside(tokens, "(", behind);
    }
    if (behind >= tokens.size() || tokens[behind] != "(") return {};
    if (tokens.back() == ":" || tokens.back() == "|" || tokens.back() == "&") return {HeadKind::part, {}};
    return {HeadKind::function, std::move(name)};
}

/// "function name(", "class Name extends", "interface Name": declarations that say what they are.
BracedHead read_declaration(const Tokens& tokens) {
    static const Tokens types = {"class", "interface", "enum", "namespace", "module"};
    std::size_t at = 0;
    while (at < tokens.size() && tokens[at] == "@") {  // decorators of a class
        at += 2;
        if (at < tokens.size() && tokens[at] == "(") at = behind_bracket(tokens, at);
    }
    while (at < tokens.size() && is_one_of(tokens[at], modifiers()))
        ++at;
    if (at >= tokens.size()) return {};
    const bool is_function = tokens[at] == "function";
    if (!is_function && !is_one_of(tokens[at], types)) return {};
    const bool is_default = is_one_of("default", tokens);
    ++at;
    if (at < tokens.size() && tokens[at] == "*") ++at;
    const bool named = at < tokens.size() && is_identifier(tokens[at]) && tokens[at] != "extends";
    if (!named && !is_default) return {};
    if (is_function && !tokens.empty() && tokens.back() == ":") return {HeadKind::part, {}};
    return {is_function ? HeadKind::function : HeadKind::type, named ? std::string(tokens[at]) : "default"};
}

}  // namespace

BracedHead read_javascript_head(const Tokens& tokens, HeadKind around) {
    // "class App<T extends {": a type.
    if (std::count(tokens.begin(), tokens.end(), "<") > std::count(tokens.begin(), tokens.end(), ">"))
        return {HeadKind::part, {}};
    if (BracedHead declared = read_declaration(tokens); declared.kind != HeadKind::block) return declared;
    if (const std::size_t equals = find_outside(tokens, "="); equals < tokens.size())
        return read_value(tokens, equals + 1, assigned_name(tokens, equals));
    if (around == HeadKind::object) {
        if (tokens.size() > 1 && is_identifier(tokens[0]) && tokens[1] == ":")
            return read_value(tokens, 2, std::string(tokens[0]));
        return read_method(tokens);
    }
    if (around == HeadKind::type) return read_method(tokens);
    const bool exports_object = tokens.size() == 2 && tokens[0] == "export" && tokens[1] == "default";
    return exports_object ? BracedHead{HeadKind::object, "default"} : BracedHead{};
}

}  // namespace ratchet
