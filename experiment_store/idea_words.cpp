#include "experiment_store/idea_words.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "experiment_store/characters.hpp"
#include "experiment_store/text_hash.hpp"

namespace ratchet {

namespace {

/// Measured on the labelled pairs: from 0.7 to 0.8 all 28 trials are known and one of the 32 other pairs is
/// taken for one; at 0.65 nine are, at 0.85 three trials are missed.
constexpr double share_of_idea = 0.75;
/// A hypothesis that says so much more is another one that happens to have these words too.
constexpr double share_of_hypothesis = 0.25;
constexpr std::size_t words_of_a_sentence = 3;

constexpr std::array<std::string_view, 58> small_words = {
    "a",     "an",      "and",  "are",   "as",    "at",   "be",    "because", "by",     "can",
    "could", "do",      "does", "each",  "every", "for",  "from",  "here",    "i",      "if",
    "in",    "instead", "into", "is",    "it",    "its",  "let",   "made",    "make",   "may",
    "maybe", "might",   "of",   "on",    "or",    "our",  "per",   "perhaps", "should", "so",
    "than",  "that",    "the",  "their", "them",  "then", "there", "these",   "this",   "to",
    "try",   "up",      "us",   "use",   "via",   "we",   "which", "with"};

bool is_small(const std::string& word) {
    return std::binary_search(small_words.begin(), small_words.end(), word);
}
bool is_part_of_word(char c) {
    return is_digit(c) || is_letter(c) || is_beyond_ascii(c);
}
bool is_number(const std::string& word) {
    return is_digit(word.front());
}

bool take_ending(std::string& word, std::string_view ending, std::size_t least_left) {
    if (word.size() < ending.size() + least_left || !word.ends_with(ending)) return false;
    word.resize(word.size() - ending.size());
    return true;
}

/// Not a linguist's stem: it only has to be the same for the forms of one word that people write.
std::string stem(std::string word) {
    if (is_number(word)) return word;
    if (take_ending(word, "ies", 2)) {
        word += 'y';
    } else if (!word.ends_with("ss") && !word.ends_with("us")) {
        take_ending(word, "s", 3);
    }
    for (std::size_t at = word.find("iz"); at != std::string::npos; at = word.find("iz"))
        word[at + 1] = 's';
    const bool shortened =
        take_ending(word, "ation", 5) || take_ending(word, "ing", 3) || take_ending(word, "ed", 3);
    if (shortened && word.size() > 3 && word.back() == word[word.size() - 2] && word.back() != 's' &&
        word.back() != 'l') {
        word.pop_back();  // "splitting"
    }
    if (word.size() > 3 && word.back() == 'e') word.pop_back();
    return word;
}

void add(std::vector<std::string>& words, std::string& word) {
    if (!word.empty() && !is_small(word) && words.size() < most_idea_words) words.push_back(stem(word));
    word.clear();
}

std::uint64_t hashed(const std::string& word) {
    return (text_hash(word) & ~std::uint64_t{1}) | (is_number(word) ? 1U : 0U);
}
bool is_hash_of_number(std::uint64_t word) {
    return (word & 1U) != 0;
}

std::size_t shared(const IdeaWords& one, const IdeaWords& other) {
    IdeaWords both;
    both.reserve(std::min(one.size(), other.size()));
    std::set_intersection(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(both));
    return both.size();
}

/// Whether a number of the one is missing among those of the other, which has numbers too.
bool other_numbers(const IdeaWords& one, const IdeaWords& other) {
    if (std::none_of(other.begin(), other.end(), is_hash_of_number)) return false;
    return std::any_of(one.begin(), one.end(), [&](std::uint64_t word) {
        return is_hash_of_number(word) && !std::binary_search(other.begin(), other.end(), word);
    });
}

}  // namespace

std::vector<std::string> idea_words(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    char before = ' ';
    for (const char c : text) {
        const bool hump = is_upper(c) && is_lower(before);
        if (!is_part_of_word(c) || hump || (!word.empty() && is_digit(c) != is_digit(before)))
            add(words, word);
        if (is_part_of_word(c)) word += lower(c);
        before = c;
    }
    add(words, word);
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
}

IdeaWords hashed_idea_words(std::string_view text) {
    IdeaWords words;
    for (const std::string& word : idea_words(text))
        words.push_back(hashed(word));
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());  // two with one hash are one
    return words;
}

bool tries(const IdeaWords& hypothesis, const IdeaWords& idea) {
    if (idea.empty() || other_numbers(idea, hypothesis)) return false;
    if (idea.size() < words_of_a_sentence) return idea == hypothesis;
    const auto common = static_cast<double>(shared(hypothesis, idea));
    return common >= share_of_idea * static_cast<double>(idea.size()) &&
           common >= share_of_hypothesis * static_cast<double>(hypothesis.size());
}

bool same_idea(const IdeaWords& one, const IdeaWords& other) {
    return tries(one, other) && tries(other, one);
}

}  // namespace ratchet
