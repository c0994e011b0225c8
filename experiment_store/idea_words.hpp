#pragma once

// Ideas as words, so that the same idea is known again where it is told a little differently.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// The words of an idea that carry its sense, each once, sorted: in lower case, without endings ("caching"
/// and "caches" are one), without small words ("the", "use"); parts of an identifier are words of their own.
/// Of a long text the first `most_idea_words`.
std::vector<std::string> idea_words(std::string_view text);

inline constexpr std::size_t most_idea_words = 24;

/// The words of an idea as what they are compared by: a hash of each (text_hash.hpp), sorted; of a number it
/// is odd, of any other word even. Stands in derived tables.
using IdeaWords = std::vector<std::uint64_t>;
IdeaWords hashed_idea_words(std::string_view text);

/// Whether an experiment with this hypothesis tried this idea: most of the idea's words stand in it
/// (`share_of_idea`), no number of the idea is another there ("unroll by 4" is not "unroll by 8"), and the
/// hypothesis does not say much more besides. Too few words are the same only where they are all the same. On
/// the labelled pairs of tests/experiment_store/idea_words_test.cpp.
bool tries(const IdeaWords& hypothesis, const IdeaWords& idea);

/// Whether two ideas are one: each would be tried by the other.
bool same_idea(const IdeaWords& one, const IdeaWords& other);

}  // namespace ratchet
