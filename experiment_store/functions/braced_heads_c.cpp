// Heads of C and C++.

#include <algorithm>
#include <cctype>

#include "experiment_store/functions/braced_heads.hpp"

namespace ratchet {

namespace {

/// The place behind the ">" that closes the "<" at `open`, or `open` where none does: then it compares.
std::size_t behind_template(const Tokens& tokens, std::size_t open) {
    int depth = 0;
    for (std::size_t at = open; at < tokens.size();) {
        if (tokens[at] == "(" || tokens[at] == "[") {
            at = behind_bracket(tokens, at);
            continue;
        }
        if (tokens[at] == "<") ++depth;
        if (tokens[at] == ">" && --depth == 0) return at + 1;
        ++at;
    }
    return open;
}

/// Without template parameters and attributes in front.
std::size_t first_of_declaration(const Tokens& tokens) {
    std::size_t at = 0;
    for (;;) {
        const std::size_t before = at;
        if (at + 1 < tokens.size() && tokens[at] == "template" && tokens[at + 1] == "<")
            at = behind_template(tokens, at + 1);
        if (at + 1 < tokens.size() && tokens[at] == "[" && tokens[at + 1] == "[")
            at = behind_bracket(tokens, at);
        if (at == before || at >= tokens.size()) return at;
    }
}

/// "TEST(Matrix,adds)": what a macro in capitals makes has no other name.
std::string macro_name(const Tokens& tokens, std::size_t name, std::size_t open) {
    std::string whole(tokens[name]);
    const bool capitals = std::none_of(
        whole.begin(), whole.end(), [](char c) { return std::islower(static_cast<unsigned char>(c)) != 0; });
    if (!capitals) return whole;
    std::string arguments;
    for (std::size_t at = open; at < behind_bracket(tokens, open); ++at) {
        if (tokens[at] != "\"") arguments += tokens[at];
    }
    return arguments == "()" ? whole : whole + arguments;
}

/// "Matrix::~Matrix", "operator+": what stands before the parameters at `open`, or nothing. Template
/// arguments are left out.
std::string name_before(const Tokens& tokens, std::size_t first, std::size_t open) {
    std::size_t at = open;
    std::string name;
    while (at > first) {
        if (tokens[at - 1] == ">") {  // of "Matrix<T>::"
            std::size_t depth = 0;
            do {
                --at;
                if (tokens[at] == ">") ++depth;
                if (tokens[at] == "<") --depth;
            } while (at > first && depth > 0);
            continue;
        }
        if (!is_identifier(tokens[at - 1])) break;
        name.insert(0, tokens[--at]);
        if (at > first && tokens[at - 1] == "~") name.insert(0, tokens[--at]);
        if (at == first || tokens[at - 1] != "::") break;
        name.insert(0, tokens[--at]);
    }
    return name;
}

struct Parameters {
    std::string name;
    std::size_t open = 0;
};

/// "operator()", "Matrix::operator==": the name, and where its parameters begin.
Parameters read_operator(const Tokens& tokens, std::size_t first, std::size_t at) {
    std::string name = "operator";
    std::size_t open = at + 1;
    if (open + 1 < tokens.size() && tokens[open] == "(" && tokens[open + 1] == ")") {
        name += "()";
        open += 2;
    }
    if (open < tokens.size() && is_identifier(tokens[open]) && tokens[open] != "new" &&
        tokens[open] != "delete") {
        name += "(";  // "operator(bool)": a name has no blank
        while (open < tokens.size() && tokens[open] != "(")
            name += tokens[open++];
        name += ")";
    }
    while (open < tokens.size() && tokens[open] != "(")
        name += tokens[open++];
    if (at > first && tokens[at - 1] == "::") name.insert(0, name_before(tokens, first, at - 1) + "::");
    return {name, open};
}

/// The parameters of the function that this declares, or nothing.
Parameters find_parameters(const Tokens& tokens, std::size_t first) {
    static const Tokens no_function = {"if",     "for",  "while", "switch", "catch",
                                       "return", "case", "do",    "else",   "sizeof"};
    static const Tokens no_name = {"decltype", "alignas", "__attribute__",    "__declspec",
                                   "noexcept", "throw",   "explicit",         "requires",
                                   "and",      "or",      "__launch_bounds__"};
    for (std::size_t at = first; at < tokens.size();) {
        if (tokens[at] == "operator") return read_operator(tokens, first, at);
        if (tokens[at] == "[") {
            at = behind_bracket(tokens, at);
        } else if (tokens[at] == "<") {
            const std::size_t behind = behind_template(tokens, at);
            at = behind == at ? at + 1 : behind;
        } else if (tokens[at] == "(") {
            if (at > first && is_one_of(tokens[at - 1], no_function)) return {};
            const bool named = at > first && !is_one_of(tokens[at - 1], no_name);
            std::string name = named ? name_before(tokens, first, at) : std::string();
            if (!name.empty()) return {std::move(name), at};
            at = behind_bracket(tokens, at);
        } else {
            ++at;
        }
    }
    return {};
}

/// "struct alignas(16) Matrix final : Base": its name; nothing where it is no type after all.
std::string type_name(const Tokens& tokens, std::size_t at) {
    static const Tokens keys = {"class", "struct", "union", "enum"};
    while (at < tokens.size() && is_one_of(tokens[at], keys))
        ++at;
    std::string name;
    int names = 0;
    for (; at < tokens.size(); ++at) {
        const std::string_view token = tokens[at];
        if (token == "[" || token == "(") {
            // "class EXPORT(1) Matrix" and "alignas(16)", but not "struct matrix make(int rows)".
            if (token == "(" && names > 1) return {};
            at = behind_bracket(tokens, at) - 1;
            if (token == "(") name.clear();
            names = 0;
        } else if (token == "::") {
            name += token;
            --names;
        } else if (is_identifier(token) && token != "final") {
            if (!name.ends_with("::")) name.clear();
            name += token;
            ++names;
        } else if (token == ":" || token == "<" || token == "final") {
            break;
        } else {
            return {};  // "struct matrix *make()", "struct matrix m = {"
        }
    }
    return name;
}

/// The place of the word that makes this a type, or the end.
std::size_t find_type(const Tokens& tokens, std::size_t first) {
    static const Tokens keys = {"class", "struct", "union", "enum"};
    static const Tokens before = {"typedef", "static", "const", "constexpr", "inline", "friend", "volatile"};
    std::size_t at = first;
    while (at < tokens.size() && is_one_of(tokens[at], before))
        ++at;
    return at < tokens.size() && is_one_of(tokens[at], keys) ? at : tokens.size();
}

/// "auto square = [](int x)": a lambda with a name of its own.
BracedHead read_initialiser(const Tokens& tokens, std::size_t equals, HeadKind around) {
    const bool lambda = equals + 1 < tokens.size() && tokens[equals + 1] == "[" && equals > 0;
    if (!lambda || around == HeadKind::function || !is_identifier(tokens[equals - 1]))
        return {HeadKind::part, {}};
    return {HeadKind::function, std::string(tokens[equals - 1])};
}

}  // namespace

BracedHead read_c_head(const Tokens& tokens, HeadKind around) {
    const std::size_t first = first_of_declaration(tokens);
    if (first >= tokens.size()) return {};
    const bool linkage = tokens[first] == "extern" && first + 1 < tokens.size() && tokens[first + 1] == "\"";
    if (linkage && tokens.back() == "\"") return {HeadKind::transparent, {}};
    if (tokens[first] == "namespace" ||
        (tokens[first] == "inline" && first + 1 < tokens.size() && tokens[first + 1] == "namespace")) {
        return {HeadKind::transparent, {}};
    }
    if (const std::size_t key = find_type(tokens, first); key < tokens.size()) {
        std::string name = type_name(tokens, key);
        if (!name.empty()) return {HeadKind::type, std::move(name)};
    }
    if (around == HeadKind::function) return {};
    const bool is_operator = find_outside(tokens, "operator") < tokens.size();
    if (const std::size_t equals = find_outside(tokens, "=", first); equals < tokens.size() && !is_operator)
        return read_initialiser(tokens, equals, around);
    auto [name, open] = find_parameters(tokens, first);
    if (name.empty()) return {};
    const std::size_t behind = behind_bracket(tokens, open);
    // "Matrix() : rows_{1}, …": the braces of a member, the body comes later.
    const bool in_members = find_outside(tokens, ":", behind) < tokens.size() &&
                            (is_identifier(tokens.back()) || tokens.back() == ">");
    if (in_members) return {HeadKind::part, {}};
    const bool alone = open == first + 1;
    if (alone && around != HeadKind::type) name = macro_name(tokens, first, open);
    return {HeadKind::function, std::move(name)};
}

}  // namespace ratchet
