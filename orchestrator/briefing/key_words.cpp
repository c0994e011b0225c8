#include "orchestrator/briefing/key_words.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "orchestrator/briefing/safe_text.hpp"

namespace ratchet {
namespace {

/// A word that stands in one of so many ideas is common among them: rarer ones may be what is done
/// ("unroll"). In fewer than `fewest_common` ideas none is.
constexpr std::size_t common_in_one_of = 4;
constexpr std::size_t fewest_common = 4;

/// Without these a sentence reads as a headline does. Not the small words by which ideas are compared
/// (idea_words.hpp): "by 4", "from map to vector" and "instead of" are read. Sorted.
constexpr std::array<std::string_view, 27> unread_words = {
    "a",   "an",    "and",  "are",   "as",    "be",   "been",   "can",  "could",
    "in",  "is",    "it",   "its",   "of",    "on",   "should", "so",   "that",
    "the", "their", "then", "there", "these", "this", "which",  "will", "would"};

bool is_unread(const std::string& lower) {
    return std::binary_search(unread_words.begin(), unread_words.end(), lower);
}

/// Without the punctuation around it; a sign before it and what makes a call of it ("-O3", "+", "f()") stay.
std::string_view bare(std::string_view word) {
    constexpr std::string_view before = "\"'`([{<,.:!?#";
    constexpr std::string_view after = "\"'`,.:!?]}>";
    const std::size_t start = word.find_first_not_of(before);
    if (start == std::string_view::npos) return {};
    word.remove_prefix(start);
    for (;;) {
        const bool closes_nothing = word.ends_with(')') && word.find('(') == std::string_view::npos;
        if (word.empty() || (after.find(word.back()) == std::string_view::npos && !closes_nothing))
            return word;
        word.remove_suffix(1);
    }
}

std::vector<KeyWord> words_in(std::string_view idea) {
    constexpr std::string_view separators = " ;|";
    std::vector<KeyWord> words;
    while (!idea.empty()) {
        const std::size_t end = std::min(idea.find_first_of(separators), idea.size());
        if (const std::string_view word = bare(idea.substr(0, end)); !word.empty()) {
            KeyWord found{std::string(word), in_lower_case(std::string(word))};
            if (!is_unread(found.lower)) words.push_back(std::move(found));
        }
        idea.remove_prefix(std::min(end + 1, idea.size()));
    }
    return words;
}

}  // namespace

std::string in_lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return text;
}

std::vector<std::vector<KeyWord>> key_words(const std::vector<std::string>& ideas) {
    struct Count {
        std::size_t ideas = 0;
        std::size_t last = 0;  ///< the idea, from 1 on, that was counted last
    };
    std::vector<std::vector<KeyWord>> all;
    std::unordered_map<std::string, Count> counts;
    for (const std::string& idea : ideas) {
        all.push_back(words_in(idea));
        for (const KeyWord& word : all.back()) {
            Count& count = counts[word.lower];
            if (std::exchange(count.last, all.size()) != all.size()) ++count.ideas;
        }
    }
    const std::size_t common =
        std::max(fewest_common, (ideas.size() + common_in_one_of - 1) / common_in_one_of);
    for (std::vector<KeyWord>& words : all) {
        for (KeyWord& word : words) {
            word.ideas = counts[word.lower].ideas;
            word.is_common = word.ideas >= common;
        }
    }
    return all;
}

FewWords::FewWords(std::vector<KeyWord> words) : words_(std::move(words)), goes_as_(words_.size()) {
    std::vector<std::size_t> order(words_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const KeyWord& one = words_[a];
        const KeyWord& other = words_[b];
        if (one.is_common != other.is_common) return one.is_common;
        return one.is_common && one.ideas != other.ideas ? one.ideas > other.ideas : a > b;
    });
    std::size_t bytes = 0;
    for (const KeyWord& word : words_)
        bytes += word.text.size() + 1;
    for (std::size_t i = 0; i < order.size(); ++i) {
        goes_as_[order[i]] = i;
        bytes_without_.push_back(bytes - 1);
        bytes -= words_[order[i]].text.size() + 1;
    }
}

std::size_t FewWords::left_out(std::size_t most_bytes) const {
    std::size_t count = 0;
    while (count + 1 < bytes_without_.size() && bytes_without_[count] > most_bytes)
        ++count;
    return count;
}

std::size_t FewWords::bytes(std::size_t most_bytes) const {
    return words_.empty() ? 0 : std::min(bytes_without_[left_out(most_bytes)], most_bytes);
}

std::string FewWords::text(std::size_t most_bytes) const {
    const std::size_t gone = left_out(most_bytes);
    std::string text;
    for (std::size_t i = 0; i < words_.size(); ++i) {
        if (goes_as_[i] < gone) continue;
        if (!text.empty()) text += ' ';
        text += words_[i].text;
    }
    return clipped_to_bytes(text, most_bytes);
}

}  // namespace ratchet
