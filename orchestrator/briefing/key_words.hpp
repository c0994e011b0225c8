#pragma once

// An idea in fewer bytes: not its beginning, which may be the same in many, but the words that tell it from
// the others.

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ratchet {

/// Only ASCII letters are changed.
std::string in_lower_case(std::string_view text);

/// In how many of the ideas a word stands.
struct WordCount {
    std::size_t ideas = 0;
    std::size_t last_idea = 0;  ///< from 1 on, that was counted
    bool is_common = false;     ///< in so many of them that it tells none from another
    bool is_read = true;        ///< false for small words
};

/// Words in lower case.
using Vocabulary = std::unordered_map<std::string, WordCount>;

/// A word of an idea that carries sense.
struct KeyWord {
    std::string_view text;  ///< as it stands there, without punctuation around it
    const Vocabulary::value_type* known = nullptr;

    [[nodiscard]] const std::string& lower() const { return known->first; }
    [[nodiscard]] std::size_t ideas() const { return known->second.ideas; }
    [[nodiscard]] bool is_common() const { return known->second.is_common; }
};

/// The words of each of these ideas (a line each, made safe already) in their order: without small words and
/// without `;` and `|`, which separate ideas in a list.
class KeyWords {
  public:
    explicit KeyWords(std::vector<std::string> ideas);
    // The words point into it.
    KeyWords(const KeyWords&) = delete;
    KeyWords& operator=(const KeyWords&) = delete;

    [[nodiscard]] const std::vector<std::vector<KeyWord>>& of_ideas() const { return of_ideas_; }

  private:
    [[nodiscard]] std::vector<KeyWord> words_in(std::string_view idea);

    std::vector<std::string> ideas_;
    Vocabulary vocabulary_;
    std::vector<std::vector<KeyWord>> of_ideas_;
};

/// These words in so many bytes or less, in their order: all; else without those that are common among the
/// ideas, the commonest first; else without the last ones too. What is one word is clipped.
class FewWords {
  public:
    explicit FewWords(std::vector<KeyWord> words);

    [[nodiscard]] std::string text(std::size_t most_bytes) const;
    /// What the text takes; where a word is clipped, it may take a little less.
    [[nodiscard]] std::size_t bytes(std::size_t most_bytes) const;

  private:
    [[nodiscard]] std::size_t left_out(std::size_t most_bytes) const;

    std::vector<KeyWord> words_;
    std::vector<std::size_t> goes_as_;        ///< of each word: 0 where it is left out first
    std::vector<std::size_t> bytes_without_;  ///< how long the text is without the first so many to go
};

}  // namespace ratchet
