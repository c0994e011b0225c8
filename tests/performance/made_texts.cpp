#include "tests/performance/made_texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string_view>

namespace ratchet::performance {

namespace {

constexpr std::size_t files_of_the_repository = 300;
constexpr std::size_t words_of_prose = 8'000;
constexpr std::size_t words_of_code = 20'000;
constexpr std::size_t changes_remembered = 1'000;
constexpr double share_of_near_duplicates = 0.06;

constexpr std::array<std::string_view, 24> verbs = {
    "hoist",   "inline",     "vectorise", "unroll", "cache", "precompute", "batch",  "prefetch",
    "reserve", "specialise", "fuse",      "split",  "tile",  "memoise",    "remove", "reorder",
    "replace", "pool",       "flatten",   "delay",  "pack",  "align",      "skip",   "merge"};
constexpr std::array<std::string_view, 32> subjects = {"allocation",
                                                       "bounds check",
                                                       "inner loop",
                                                       "hash lookup",
                                                       "virtual call",
                                                       "copy",
                                                       "branch",
                                                       "division",
                                                       "lock",
                                                       "string",
                                                       "temporary",
                                                       "sort",
                                                       "comparison",
                                                       "buffer",
                                                       "index table",
                                                       "linked list",
                                                       "map",
                                                       "parser state",
                                                       "random read",
                                                       "write back",
                                                       "conversion",
                                                       "modulo",
                                                       "recursion",
                                                       "regular expression",
                                                       "syscall",
                                                       "logging",
                                                       "serialisation",
                                                       "iterator",
                                                       "reference count",
                                                       "atomic counter",
                                                       "padding",
                                                       "exception path"};
constexpr std::array<std::string_view, 10> reasons = {
    "it is on the hot path",    "the profile shows it first", "the branch is hardly ever taken",
    "most inputs are short",    "it misses the cache",        "it allocates on every call",
    "the value never changes",  "the compiler cannot see it", "it is done twice",
    "the order does not matter"};
constexpr std::array<std::string_view, 8> frequent_words = {"the", "in", "to", "of", "a", "and", "is", "for"};
constexpr std::array<std::string_view, 14> operators = {" = ", " + ", "(",  ") ", "->", ".",   "[",
                                                        "] ",  " < ", "; ", ", ", "::", " * ", " & "};

/// A word of so many syllables that can be spoken.
std::string made_word(Chance& chance, int syllables) {
    constexpr std::string_view consonants = "bcdfghklmnprstvw";
    constexpr std::string_view vowels = "aeiou";
    std::string word;
    for (int i = 0; i < syllables; ++i) {
        word += consonants[chance.next() % consonants.size()];
        word += vowels[chance.next() % vowels.size()];
    }
    if (chance.happens(0.5)) word += consonants[chance.next() % consonants.size()];
    return word;
}

template <std::size_t Count>
std::string_view one_of(Chance& chance, const std::array<std::string_view, Count>& from) {
    return from.at(chance.skewed(Count));
}

}  // namespace

std::uint64_t Chance::next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t value = state_;
    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31U);
}

double Chance::share() {
    return static_cast<double>(next() >> 11U) * 0x1.0p-53;
}

int Chance::between(int low, int high) {
    return low + static_cast<int>(next() % static_cast<std::uint64_t>(high - low + 1));
}

// Box and Muller 1958.
double Chance::normal() {
    return std::sqrt(-2 * std::log(1 - share())) * std::cos(2 * std::numbers::pi * share());
}

std::size_t Chance::skewed(std::size_t count) {
    const double rank = std::pow(static_cast<double>(count) + 1, share());
    return std::min(count - 1, static_cast<std::size_t>(rank) - 1);
}

std::string Chance::hexadecimal(std::size_t digits) {
    std::string text;
    while (text.size() < digits)
        text += fmt::format("{:016x}", next());
    text.resize(digits);
    return text;
}

MadeTexts::MadeTexts(std::uint64_t seed) {
    Chance chance(seed);
    for (const std::string_view word : frequent_words)
        words_.emplace_back(word);
    while (words_.size() < words_of_prose)
        words_.push_back(made_word(chance, 1 + static_cast<int>(words_.size() % 4)));
    while (identifiers_.size() < words_of_code) {
        std::string name = made_word(chance, 2);
        if (chance.happens(0.5)) name += "_" + made_word(chance, 2);
        identifiers_.push_back(std::move(name));
    }
    while (files_.size() < files_of_the_repository) {
        File file;
        file.path = fmt::format("src/{}/{}.cpp", identifiers_[files_.size() % 17], made_word(chance, 3));
        const int functions = chance.between(4, 40);
        for (int i = 0; i < functions; ++i)
            file.functions.push_back(chance.skewed(identifiers_) + "_" + made_word(chance, 2));
        paths_.push_back(file.path);
        files_.push_back(std::move(file));
    }
}

const std::string& MadeTexts::path(Chance& chance) const {
    return chance.skewed(paths_);
}

std::string MadeTexts::code_line(Chance& chance) const {
    std::string line(static_cast<std::size_t>(chance.between(1, 4)) * 4, ' ');
    for (int i = chance.between(2, 6); i > 0; --i) {
        line += chance.skewed(identifiers_);
        line += one_of(chance, operators);
    }
    if (chance.happens(0.3)) line += std::to_string(chance.next() % 1000);
    return line + ';';
}

void MadeTexts::add_hunk(Chance& chance, const std::string& function, int lines, std::string& diff,
                         TouchedFile& file) const {
    constexpr int context = 3;
    const int removed = chance.between(0, lines / 2);
    const int added = lines - removed;
    const int start = chance.between(1, 900);
    diff += fmt::format("@@ -{},{} +{},{} @@ void {}(Context& context) {{\n", start, removed + 2 * context,
                        start, added + 2 * context, function);
    const auto add_lines = [&](char sign, int count) {
        for (int i = 0; i < count; ++i)
            diff += sign + code_line(chance) + '\n';
    };
    add_lines(' ', context);
    add_lines('-', removed);
    add_lines('+', added);
    add_lines(' ', context);
    file.added += added;
    file.removed += removed;
}

MadeChange MadeTexts::fresh_change(Chance& chance) const {
    MadeChange change;
    const int files = chance.happens(0.75) ? 1 : chance.between(2, 3);
    int lines_left = 5 + static_cast<int>(chance.skewed(56));
    for (int i = 0; i < files; ++i) {
        const File& file = chance.skewed(files_);
        const bool again = std::any_of(change.files.begin(), change.files.end(),
                                       [&](const TouchedFile& other) { return other.path == file.path; });
        if (again || lines_left <= 0) continue;
        TouchedFile touched{file.path, 0, 0};
        change.diff += fmt::format("diff --git a/{0} b/{0}\nindex {1}..{2} 100644\n--- a/{0}\n+++ b/{0}\n",
                                   file.path, chance.hexadecimal(40), chance.hexadecimal(40));
        const int hunks = chance.between(1, 2);
        for (int hunk = 0; hunk < hunks && lines_left > 0; ++hunk) {
            const std::string& function = chance.skewed(file.functions);
            if (change.function.empty()) change.function = function;
            const int lines = i + 1 == files && hunk + 1 == hunks ? lines_left : (lines_left + 1) / 2;
            add_hunk(chance, function, lines, change.diff, touched);
            lines_left -= lines;
        }
        change.files.push_back(std::move(touched));
    }
    change.patch_id = chance.hexadecimal(40);
    return change;
}

/// With another identifier in place of one that it had.
MadeChange MadeTexts::nearly(Chance& chance, MadeChange change) const {
    const std::size_t line = change.diff.find("\n+ ", chance.next() % change.diff.size());
    if (line != std::string::npos) {
        const std::size_t start = change.diff.find_first_not_of(' ', line + 2);
        const std::size_t end = change.diff.find_first_of(" =+()->.[]<;,:*&\n", start);
        if (end != std::string::npos) change.diff.replace(start, end - start, chance.skewed(identifiers_));
    }
    change.patch_id = chance.hexadecimal(40);
    return change;
}

MadeChange MadeTexts::change(Chance& chance) {
    const bool near = recent_.size() == changes_remembered && chance.happens(share_of_near_duplicates);
    MadeChange made = near ? nearly(chance, recent_[chance.next() % recent_.size()]) : fresh_change(chance);
    if (recent_.size() < changes_remembered) {
        recent_.push_back(made);
    } else {
        recent_[oldest_] = made;
        oldest_ = (oldest_ + 1) % changes_remembered;
    }
    return made;
}

std::string MadeTexts::sentence(Chance& chance, const std::string& function) const {
    std::string text =
        fmt::format("{} the {} in {}", one_of(chance, verbs), one_of(chance, subjects), function);
    if (chance.happens(0.5)) text += fmt::format(", {}", one_of(chance, reasons));
    for (int i = chance.between(0, 12); i > 0; --i)
        text += ' ' + chance.skewed(words_);
    return text;
}

Notes MadeTexts::notes(Chance& chance, const MadeChange& change) const {
    Notes notes;
    notes.hypothesis = sentence(chance, change.function);
    notes.expected_effect = fmt::format("{}% less time", chance.between(1, 20));
    if (chance.happens(0.5)) notes.risk = sentence(chance, change.function);
    if (chance.happens(0.7))
        notes.learned =
            sentence(chance, change.function) + "; " + sentence(chance, chance.skewed(identifiers_));
    for (int i = chance.between(0, 3); i > 0; --i)
        notes.next_ideas.push_back(sentence(chance, chance.skewed(chance.skewed(files_).functions)));
    return notes;
}

std::string MadeTexts::note(Chance& chance) const {
    return sentence(chance, chance.skewed(identifiers_)) + ", and leave " + path(chance) + " as it is";
}

std::string MadeTexts::noise(Chance& chance) const {
    std::string text;
    for (int i = chance.between(8, 30); i > 0; --i) {
        text += fmt::format("[{:>3}%] Building CXX object CMakeFiles/{}.dir/{}.o ({} ms)\n",
                            chance.between(0, 100), chance.skewed(identifiers_), path(chance),
                            chance.between(1, 9000));
    }
    return text;
}

std::string MadeTexts::build_output(Chance& chance) const {
    const std::string& name = identifiers_[chance.skewed(3000)];
    std::string text = noise(chance);
    const std::string place =
        fmt::format("/work/tree/{}:{}:{}: ", path(chance), chance.between(1, 900), chance.between(1, 80));
    switch (chance.skewed(4)) {
        case 0:
            text += place + fmt::format("error: '{}' was not declared in this scope\n", name);
            break;
        case 1:
            text += place + fmt::format("error: no matching function for call to '{}'\n", name);
            break;
        case 2:
            text += place + "error: expected ';' before '}' token\n";
            break;
        default:
            text += fmt::format("/usr/bin/ld: main.o: undefined reference to `{}'\n", name);
    }
    return text + noise(chance) + "make: *** [Makefile:12: all] Error 2\n";
}

std::string MadeTexts::test_output(Chance& chance) const {
    const std::string& name = identifiers_[chance.skewed(2000)];
    std::string text = noise(chance);
    switch (chance.skewed(3)) {
        case 0:
            text += fmt::format("FAILED tests/test_{}.py::test_{} - assert {:.3f} == {:.3f}\n", name, name,
                                chance.share(), chance.share());
            break;
        case 1:
            text += fmt::format("tests/{}.cpp:{}: Failure: expected equality of {} and {}\n", name,
                                chance.between(1, 400), chance.next() % 100, chance.next() % 100);
            break;
        default:
            text += fmt::format("Segmentation fault at 0x{:012x} in {}\n", chance.next() >> 20U, name);
    }
    return text +
           fmt::format("{} passed, 1 failed in {:.2f}s\n", chance.between(10, 400), 9 * chance.share());
}

}  // namespace ratchet::performance
