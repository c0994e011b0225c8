#include "experiment_store/declared_names.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "experiment_store/characters.hpp"

namespace ratchet {

namespace {

using Kind = DiffToken::Kind;
using Words = std::set<std::string_view>;

/// After these a name is declared, whatever follows it.
const Words declaring = {"def",  "fn",     "func", "function", "struct", "class", "enum",
                         "type", "define", "let",  "mut",      "var",    "lambda"};

/// After these a name is used: they are no types.
const Words no_types = {"return",  "goto",    "case",    "new",        "delete",    "throw",  "raise",
                        "else",    "in",      "of",      "not",        "and",       "or",     "is",
                        "await",   "yield",   "go",      "defer",      "typeof",    "sizeof", "import",
                        "include", "from",    "use",     "using",      "namespace", "if",     "while",
                        "elif",    "match",   "switch",  "do",         "as",        "assert", "del",
                        "print",   "package", "extends", "instanceof", "where"};

std::string_view text_at(const DiffStatement& statement, std::size_t at) {
    return at < statement.size() ? statement[at].text : std::string_view{};
}

/// The token before; empty at the beginning of a statement.
std::string_view text_before(const DiffStatement& statement, std::size_t at) {
    if (at == 0 || statement[at - 1].kind == Kind::indentation) return {};
    return statement[at - 1].text;
}

bool is_member(const DiffStatement& statement, std::size_t at) {
    const std::string_view before = text_before(statement, at);
    return before == "." || before == "->" || before == "::";
}

/// Whether no round or square bracket is open before this place.
bool is_outside(const DiffStatement& statement, std::size_t at) {
    int depth = 0;
    for (std::size_t i = 0; i < at; ++i) {
        if (statement[i].text == "(" || statement[i].text == "[") ++depth;
        if (statement[i].text == ")" || statement[i].text == "]") --depth;
    }
    return depth == 0;
}

bool is_function_head(const DiffStatement& statement) {
    return std::any_of(statement.begin(), statement.end(), [](const DiffToken& token) {
        return token.text == "def" || token.text == "fn" || token.text == "func" || token.text == "function";
    });
}

/// Whether the name at this place is declared there.
bool declares(const DiffStatement& statement, std::size_t at) {
    const std::string_view before = text_before(statement, at);
    const std::string_view after = text_at(statement, at + 1);
    if (declaring.contains(before) || before == "for") return true;
    if (is_member(statement, at) || before == "@" || before == "#") return false;
    if (after == ":=" || after == "in" || after == "of") return true;
    // Within brackets it may be a named argument.
    if (after == "=" && before == ",") return is_outside(statement, at);
    if (after == "=") return before != "(" && !no_types.contains(before);
    const bool typed = at > 0 && statement[at - 1].kind == Kind::word && !no_types.contains(before);
    if (typed)
        return after.empty() || after == ";" || after == "," || after == ")" || after == "[" ||
               after == "(" || after == "{" || after == ":";
    const bool parameter = before == "(" || before == ",";
    return parameter && is_function_head(statement) && (after == "," || after == ")" || after == ":");
}

/// How often each word is added, and the first place of each.
struct Uses {
    int count = 0;
    bool declared_first = false;
};

void count_words(const std::vector<DiffStatement>& statements, std::map<std::string_view, Uses>& uses) {
    for (const DiffStatement& statement : statements) {
        for (std::size_t i = 0; i < statement.size(); ++i) {
            if (statement[i].kind != Kind::word || is_member(statement, i)) continue;
            Uses& use = uses[statement[i].text];
            if (use.count++ == 0) use.declared_first = declares(statement, i);
        }
    }
}

void add_words(std::string_view line, Words& words) {
    for (std::size_t at = 0; at < line.size();) {
        std::size_t end = at;
        while (end < line.size() && is_name_character(line[end]))
            ++end;
        const bool member = at > 0 && (line[at - 1] == '.' || line.substr(0, at).ends_with("->"));
        if (end > at && !member) words.insert(line.substr(at, end - at));
        at = end + 1;
    }
}

/// The words that are there without the change.
Words words_of_before(const FileChange& file) {
    Words words;
    for (const DiffStatement& statement : file.removed) {
        for (std::size_t i = 0; i < statement.size(); ++i) {
            if (!is_member(statement, i)) words.insert(statement[i].text);
        }
    }
    for (const std::string_view line : file.context)
        add_words(line, words);
    return words;
}

}  // namespace

void mark_declared_names(std::vector<FileChange>& files) {
    std::map<std::string_view, Uses> uses;
    Words before;
    for (const FileChange& file : files) {
        count_words(file.added, uses);
        before.merge(words_of_before(file));
    }
    for (FileChange& file : files) {
        for (DiffStatement& statement : file.added) {
            for (std::size_t i = 0; i < statement.size(); ++i) {
                DiffToken& token = statement[i];
                if (token.kind != Kind::word || is_member(statement, i) || before.contains(token.text))
                    continue;
                const Uses& use = uses.at(token.text);
                token.declared = use.count > 1 && use.declared_first;
            }
        }
    }
}

}  // namespace ratchet
