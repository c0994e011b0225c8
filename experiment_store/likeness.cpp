#include "experiment_store/likeness.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <set>
#include <string>

#include "experiment_store/declared_names.hpp"
#include "experiment_store/text_hash.hpp"

namespace ratchet {

namespace {

using Kind = DiffToken::Kind;
using Statements = std::vector<DiffStatement>;

// Measured on tests/data/duplicates; see docs/duplicates.md.

/// No text of a patch has this byte as a token.
constexpr std::string_view declared_name = "\x01";

/// One of two near diffs may have so much more than the other, as a share of its own tokens.
constexpr double most_surplus = 0.2;
/// A diff with fewer tokens says too little to be the same elsewhere.
constexpr std::size_t tokens_of_a_small_edit = 64;
/// Orders of more statements are not looked into: those must be the same.
constexpr std::size_t most_ordered = 200;

/// What a token is compared by: a declared name is one name.
std::string_view form(const DiffToken& token) {
    return token.declared ? declared_name : token.text;
}

bool same_form(const DiffStatement& one, const DiffStatement& other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](const DiffToken& a, const DiffToken& b) { return form(a) == form(b); });
}

bool same_text(const DiffStatement& one, const DiffStatement& other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](const DiffToken& a, const DiffToken& b) { return a.text == b.text; });
}

bool is_word(const DiffStatement& statement, std::size_t at, std::string_view text) {
    return at < statement.size() && statement[at].text == text;
}

std::size_t first_token(const DiffStatement& statement) {
    std::size_t at = !statement.empty() && statement.front().kind == Kind::indentation ? 1 : 0;
    while (is_word(statement, at, "}"))
        ++at;
    return at;
}

/// Statements whose order is the order of what happens.
bool is_control(const DiffStatement& statement) {
    static const std::set<std::string_view> words = {
        "for",      "while",  "if",   "else", "elif", "do",    "switch", "case",    "match", "loop", "break",
        "continue", "return", "goto", "with", "try",  "catch", "except", "finally", "defer", "yield"};
    const std::size_t at = first_token(statement);
    return at < statement.size() && words.contains(statement[at].text);
}

bool assigns(std::string_view token) {
    return token == "=" || token == ":=" || token == "++" || token == "--" ||
           (token.size() > 1 && token.back() == '=' && token != "==" && token != "!=" && token != "<=" &&
            token != ">=" && token != "===" && token != "!==");
}

/// Whether the statement is a call and nothing else: it is there for what it does to its arguments.
bool is_bare_call(const DiffStatement& statement) {
    const std::size_t at = first_token(statement);
    return at < statement.size() && statement[at].kind == Kind::word && is_word(statement, at + 1, "(");
}

/// The names that a statement may change: what is assigned to, has a member called, or is handed to a call.
std::set<std::string_view> changed_names(const DiffStatement& statement) {
    std::set<std::string_view> names;
    const bool call = is_bare_call(statement);
    const auto last_assignment = std::find_if(statement.rbegin(), statement.rend(),
                                              [](const DiffToken& token) { return assigns(token.text); });
    const auto assigned_before = static_cast<std::size_t>(statement.rend() - last_assignment);
    for (std::size_t i = 0; i < statement.size(); ++i) {
        if (statement[i].kind != Kind::word) continue;
        const bool before = i > 0 && (statement[i - 1].text == "++" || statement[i - 1].text == "--");
        const bool after = i + 1 < statement.size() && assigns(statement[i + 1].text);
        const bool called = (is_word(statement, i + 1, ".") || is_word(statement, i + 1, "->")) &&
                            is_word(statement, i + 3, "(");
        // What is stored into an element is known by the name before the bracket.
        const bool element = is_word(statement, i + 1, "[") && i < assigned_before;
        if (call || before || after || called || element) names.insert(statement[i].text);
    }
    return names;
}

bool names_any(const DiffStatement& statement, const std::set<std::string_view>& names) {
    return std::any_of(statement.begin(), statement.end(), [&](const DiffToken& token) {
        return token.kind == Kind::word && names.contains(token.text);
    });
}

/// Whether it can matter which of the two comes first.
bool depend(const DiffStatement& one, const DiffStatement& other) {
    return (is_control(one) && is_control(other)) || names_any(other, changed_names(one)) ||
           names_any(one, changed_names(other));
}

/// Statements that both have, each in its own order, and what only one of them has.
struct Matched {
    std::vector<const DiffStatement*> one;
    std::vector<const DiffStatement*> other;
    Statements only_one;
    Statements only_other;
};

Matched match(const Statements& one, const Statements& other) {
    const auto by_text = [](const DiffStatement* a, const DiffStatement* b) {
        return std::lexicographical_compare(
            a->begin(), a->end(), b->begin(), b->end(),
            [](const DiffToken& x, const DiffToken& y) { return form(x) < form(y); });
    };
    std::map<const DiffStatement*, int, decltype(by_text)> counts(by_text);
    for (const DiffStatement& statement : other)
        ++counts[&statement];
    auto of_one = counts;
    Matched matched;
    for (auto& [statement, count] : of_one)
        count = 0;
    for (const DiffStatement& statement : one) {
        const auto found = counts.find(&statement);
        if (found == counts.end() || found->second == 0) {
            matched.only_one.push_back(statement);
            continue;
        }
        --found->second;
        ++of_one[&statement];
        matched.one.push_back(&statement);
    }
    for (const DiffStatement& statement : other) {
        int& left = of_one[&statement];
        if (left > 0) {
            --left;
            matched.other.push_back(&statement);
        } else {
            matched.only_other.push_back(statement);
        }
    }
    return matched;
}

/// Whether the statements that both have stand in orders that come to the same.
bool same_order(const Matched& matched) {
    const auto same = [](const DiffStatement* a, const DiffStatement* b) { return same_form(*a, *b); };
    if (std::equal(matched.one.begin(), matched.one.end(), matched.other.begin(), matched.other.end(), same))
        return true;
    const std::size_t count = matched.one.size();
    if (count > most_ordered) return false;
    // The place of each of the one's statements among the other's.
    std::vector<std::size_t> places;
    std::vector<bool> taken(count);
    for (const DiffStatement* statement : matched.one) {
        std::size_t place = 0;
        while (taken[place] || !same_form(*matched.other[place], *statement))
            ++place;
        taken[place] = true;
        places.push_back(place);
    }
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = i + 1; j < count; ++j) {
            if (places[i] > places[j] && depend(*matched.one[i], *matched.one[j])) return false;
        }
    }
    return true;
}

std::size_t tokens_in(const Statements& statements) {
    std::size_t count = 0;
    for (const DiffStatement& statement : statements)
        count += statement.size();
    return count;
}

/// All tokens in a row, without the braces that may stand around a single statement.
DiffStatement joined(const Statements& statements) {
    DiffStatement all;
    for (const DiffStatement& statement : statements) {
        std::copy_if(statement.begin(), statement.end(), std::back_inserter(all),
                     [](const DiffToken& token) { return token.text != "{" && token.text != "}"; });
    }
    return all;
}

Statements all_of(const std::vector<FileChange>& files, Statements FileChange::* side) {
    Statements all;
    for (const FileChange& file : files)
        all.insert(all.end(), (file.*side).begin(), (file.*side).end());
    return all;
}

/// How many tokens only one of the two has; nothing where each has some of its own.
struct Surplus {
    std::size_t of_one = 0;
    std::size_t of_other = 0;
};

std::optional<Surplus> surplus(const Statements& one, const Statements& other) {
    const Matched matched = match(one, other);
    if (!same_order(matched)) return std::nullopt;
    // Statements may be cut differently where lines are broken differently.
    if (same_form(joined(matched.only_one), joined(matched.only_other))) return Surplus{};
    if (!matched.only_one.empty() && !matched.only_other.empty()) return std::nullopt;
    const auto matters = [](const DiffStatement& statement) {
        return is_control(statement) ||
               std::any_of(statement.begin(), statement.end(),
                           [](const DiffToken& token) { return assigns(token.text); });
    };
    if (std::any_of(matched.only_one.begin(), matched.only_one.end(), matters) ||
        std::any_of(matched.only_other.begin(), matched.only_other.end(), matters))
        return std::nullopt;
    return Surplus{tokens_in(matched.only_one), tokens_in(matched.only_other)};
}

bool reformatted(const ReadDiff& one, const ReadDiff& other) {
    return std::equal(one.files.begin(), one.files.end(), other.files.begin(), other.files.end(),
                      [](const FileChange& a, const FileChange& b) {
                          const auto flat = [](const Statements& statements) {
                              DiffStatement all;
                              for (const DiffStatement& statement : statements)
                                  all.insert(all.end(), statement.begin(), statement.end());
                              return all;
                          };
                          return a.path == b.path && same_text(flat(a.removed), flat(b.removed)) &&
                                 same_text(flat(a.added), flat(b.added));
                      });
}

/// Whether two changes stand beside a line in common that says something; all that is around the one will do.
bool stand_together(const FileChange& one, const FileChange& other) {
    constexpr std::size_t telling_line = 8;
    const std::set<std::string_view> lines(one.context.begin(), one.context.end());
    const std::set<std::string_view> others(other.context.begin(), other.context.end());
    if (std::any_of(lines.begin(), lines.end(), [&](std::string_view line) {
            return line.size() >= telling_line && others.contains(line);
        }))
        return true;
    return one.path == other.path &&
           (std::includes(lines.begin(), lines.end(), others.begin(), others.end()) ||
            std::includes(others.begin(), others.end(), lines.begin(), lines.end()));
}

/// Where the edit is small, its place is half of what it is. The file may have been moved.
bool same_place(const ReadDiff& one, const ReadDiff& other) {
    if (std::min(one.tokens, other.tokens) >= tokens_of_a_small_edit) return true;
    return std::any_of(one.files.begin(), one.files.end(), [&](const FileChange& a) {
        return std::any_of(other.files.begin(), other.files.end(),
                           [&](const FileChange& b) { return stand_together(a, b); });
    });
}

bool near(const ReadDiff& one, const ReadDiff& other) {
    if (one.files.size() != other.files.size()) return false;
    const auto removed =
        surplus(all_of(one.files, &FileChange::removed), all_of(other.files, &FileChange::removed));
    if (!removed) return false;
    const auto added =
        surplus(all_of(one.files, &FileChange::added), all_of(other.files, &FileChange::added));
    if (!added) return false;
    // Who removes something more makes another edit, perhaps the opposite one.
    if (removed->of_one + removed->of_other > 0) return false;
    return static_cast<double>(added->of_one) <= most_surplus * static_cast<double>(one.tokens) &&
           static_cast<double>(added->of_other) <= most_surplus * static_cast<double>(other.tokens);
}

/// Each bit of the result is the majority of that bit over all features.
class SimHash {
  public:
    void add(std::string_view feature) {
        const std::uint64_t hash = text_hash(feature);
        for (std::size_t bit = 0; bit < balance_.size(); ++bit)
            balance_[bit] += ((hash >> bit) & 1U) != 0 ? 1 : -1;
        empty_ = false;
    }

    /// Never 0 where there was a feature: 0 means none.
    [[nodiscard]] std::uint64_t value() const {
        if (empty_) return 0;
        std::uint64_t value = 0;
        for (std::size_t bit = 0; bit < balance_.size(); ++bit) {
            if (balance_[bit] > 0) value |= std::uint64_t{1} << bit;
        }
        return value == 0 ? 1 : value;
    }

  private:
    std::array<std::int64_t, 64> balance_{};
    bool empty_ = true;
};

void add_pairs(SimHash& simhash, char sign, const Statements& statements) {
    std::string feature;
    for (const DiffStatement& statement : statements) {
        std::string_view previous;
        for (const DiffToken& token : statement) {
            if (token.kind == Kind::indentation) continue;
            feature.assign(1, sign).append(previous).append(1, ' ').append(form(token));
            simhash.add(feature);
            previous = form(token);
        }
    }
}

}  // namespace

ReadDiff read_diff(std::string_view patch) {
    ReadDiff diff;
    diff.files = read_changes(patch);
    for (const FileChange& file : diff.files)
        diff.tokens += tokens_in(file.removed) + tokens_in(file.added);
    if (diff.tokens <= most_compared_tokens) mark_declared_names(diff.files);
    return diff;
}

std::optional<Likeness> likeness(const ReadDiff& one, const ReadDiff& other) {
    if (one.tokens == 0 || other.tokens == 0) return std::nullopt;
    if (std::max(one.tokens, other.tokens) > most_compared_tokens || !same_place(one, other))
        return std::nullopt;
    if (reformatted(one, other)) return Likeness::reformatted;
    if (near(one, other)) return Likeness::near;
    return std::nullopt;
}

std::uint64_t fingerprint_of(std::string_view diff) {
    return fingerprint_of(read_diff(diff));
}

std::uint64_t fingerprint_of(const ReadDiff& diff) {
    SimHash simhash;
    for (const FileChange& file : diff.files) {
        add_pairs(simhash, '-', file.removed);
        add_pairs(simhash, '+', file.added);
    }
    return simhash.value();
}

int distance(std::uint64_t one, std::uint64_t other) {
    return std::popcount(one ^ other);
}

}  // namespace ratchet
