#include "orchestrator/briefing/key_words.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "experiment_store/characters.hpp"
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

bool is_unread(std::string_view lower) {
    constexpr std::size_t longest = std::ranges::max(unread_words, {}, &std::string_view::size).size();
    return lower.size() <= longest && std::binary_search(unread_words.begin(), unread_words.end(), lower);
}

/// Looked up for each byte of each idea of a prompt.
class CharacterSet {
  public:
    constexpr explicit CharacterSet(std::string_view characters) {
        for (const char character : characters)
            has_[static_cast<unsigned char>(character)] = true;
    }
    [[nodiscard]] constexpr bool has(char character) const {
        return has_[static_cast<unsigned char>(character)];
    }

  private:
    std::array<bool, 256> has_{};
};

constexpr CharacterSet separators(" ;|");
constexpr CharacterSet before_a_word("\"'`([{<,.:!?#");
constexpr CharacterSet after_a_word("\"'`,.:!?]}>");

/// Without the punctuation around it; a sign before it and what makes a call of it ("-O3", "+", "f()") stay.
std::string_view bare(std::string_view word) {
    while (!word.empty() && before_a_word.has(word.front()))
        word.remove_prefix(1);
    const auto closes_nothing = [&] {
        return word.back() == ')' && word.find('(') == std::string_view::npos;
    };
    while (!word.empty() && (after_a_word.has(word.back()) || closes_nothing()))
        word.remove_suffix(1);
    return word;
}

/// Takes the text up to the next separator, and the separator.
std::string_view take_word(std::string_view& idea) {
    const auto end = static_cast<std::size_t>(
        std::find_if(idea.begin(), idea.end(), [](char character) { return separators.has(character); }) -
        idea.begin());
    const std::string_view word = idea.substr(0, end);
    idea.remove_prefix(std::min(end + 1, idea.size()));
    return bare(word);
}

}  // namespace

std::string in_lower_case(std::string_view text) {
    std::string lowered(text);
    std::transform(lowered.begin(), lowered.end(), lowered.begin(), lower);
    return lowered;
}

KeyWords::KeyWords(std::vector<std::string> ideas) : ideas_(std::move(ideas)) {
    of_ideas_.reserve(ideas_.size());
    for (const std::string& idea : ideas_)
        of_ideas_.push_back(words_in(idea));
    const std::size_t common =
        std::max(fewest_common, (ideas_.size() + common_in_one_of - 1) / common_in_one_of);
    for (auto& [word, count] : vocabulary_)
        count.is_common = count.ideas >= common;
}

std::vector<KeyWord> KeyWords::words_in(std::string_view idea) {
    std::vector<KeyWord> words;
    words.reserve(static_cast<std::size_t>(std::count(idea.begin(), idea.end(), ' ')) + 1);
    while (!idea.empty()) {
        const std::string_view word = take_word(idea);
        if (word.empty()) continue;
        const auto [known, is_new] = vocabulary_.try_emplace(in_lower_case(word));
        WordCount& count = known->second;
        if (is_new) count.is_read = !is_unread(known->first);
        if (!count.is_read) continue;
        const std::size_t number = of_ideas_.size() + 1;
        if (std::exchange(count.last_idea, number) != number) ++count.ideas;
        words.push_back({word, &*known});
    }
    return words;
}

FewWords::FewWords(std::vector<KeyWord> words) : words_(std::move(words)), goes_as_(words_.size()) {
    std::vector<std::size_t> order(words_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const KeyWord& one = words_[a];
        const KeyWord& other = words_[b];
        if (one.is_common() != other.is_common()) return one.is_common();
        return one.is_common() && one.ideas() != other.ideas() ? one.ideas() > other.ideas() : a > b;
    });
    bytes_without_.reserve(words_.size());
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
    if (gone < bytes_without_.size()) text.reserve(bytes_without_[gone]);
    for (std::size_t i = 0; i < words_.size(); ++i) {
        if (goes_as_[i] < gone) continue;
        if (!text.empty()) text += ' ';
        text += words_[i].text;
    }
    if (text.size() > most_bytes) return clipped_to_bytes(text, most_bytes);
    return text;
}

}  // namespace ratchet
